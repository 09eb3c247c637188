"""Calls that succeed: their statuses, and their bodies in the models of the client."""

from conftest import ADMINISTRATOR, CLUSTER_ID, VIEWER, connect, unique

from runai.models.get_workloads200_response import GetWorkloads200Response
from runai.models.http_response import HttpResponse
from runai.models.non_null_resource import NonNullResource
from runai.models.project_creation_request import ProjectCreationRequest
from runai.models.project_effective import ProjectEffective
from runai.models.project_status import ProjectStatus
from runai.models.project_update_request import ProjectUpdateRequest
from runai.models.resources import Resources
from runai.models.resources_nullable import ResourcesNullable
from runai.models.superset_spec_all_of_compute import SupersetSpecAllOfCompute
from runai.models.token_request import TokenRequest
from runai.models.token_response import TokenResponse
from runai.models.total_resources import TotalResources
from runai.models.workspace1 import Workspace1
from runai.models.workspace_creation_request import WorkspaceCreationRequest
from runai.models.workspace_spec_spec import WorkspaceSpecSpec


def check_project(data):
    """Checks each member of the published Project.

    The class Project of the client belongs to another schema with the same name, the metrics of a project.
    """
    assert {"id", "name", "parentId", "createdAt", "updatedAt", "description", "clusterId"} <= data.keys()
    assert isinstance(data["enforceRunaiScheduler"], bool)
    assert ProjectStatus.from_dict(data["status"]).phase == "Ready"
    assert ProjectEffective.from_dict(data["effective"]) is not None
    assert TotalResources.from_dict(data["totalResources"]).gpu_quota is not None
    assert all(Resources.from_dict(r).gpu for r in data["resources"])
    return data


def gpus(deserved):
    return [ResourcesNullable(gpu=NonNullResource(deserved=deserved))]


def create_workspace(client, project, name=None):
    request = WorkspaceCreationRequest(
        name=name or unique("workspace"),
        project_id=project["id"],
        cluster_id=CLUSTER_ID,
        spec=WorkspaceSpecSpec(
            image="jupyter/scipy-notebook",
            compute=SupersetSpecAllOfCompute(gpu_devices_request=1, cpu_core_request=0.5),
        ),
    )
    response = client.workloads.workspaces.create_workspace1(request)
    assert response.status_code == 202
    return Workspace1.from_dict(response.data)


def test_default_configuration():
    with connect(ADMINISTRATOR) as client:
        response = client.organizations.projects.get_projects()
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_token_is_refreshed():
    # With a margin above the token's lifetime, the client requests a new token before each call.
    with connect(ADMINISTRATOR, token_refresh_margin=24 * 3600) as client:
        client.api_client.set_default_header("authorization", "Bearer outdated")
        assert client.organizations.projects.get_projects().status_code == 200


def test_grant_token(administrator):
    request = TokenRequest(grant_type="client_credentials", client_id=VIEWER[0], client_secret=VIEWER[1])
    response = administrator.authentication_and_authorization.tokens.grant_token(request)
    assert response.status_code == 200
    token = TokenResponse.from_dict(response.data)
    assert token.access_token.count(".") == 2
    assert token.expires_in == 3600


def test_projects(administrator):
    projects = administrator.organizations.projects
    created = projects.create_project(
        ProjectCreationRequest(name=unique("project"), cluster_id=CLUSTER_ID, resources=gpus(2))
    )
    # The published 201 is not a documented status.
    assert created.status_code == 200
    project = check_project(created.data)
    assert project["totalResources"]["gpuQuota"] == 2

    updated = projects.update_project(
        project["id"], ProjectUpdateRequest(description="changed", resources=gpus(3.5))
    )
    assert updated.status_code == 200
    assert check_project(updated.data)["totalResources"]["gpuQuota"] == 3.5

    read = projects.get_project(project["id"])
    assert read.status_code == 200
    assert check_project(read.data) == updated.data

    deleted = projects.delete_project(project["id"])
    assert (deleted.status_code, deleted.data) == (204, None)


def test_project_pages(administrator, project):
    projects = administrator.organizations.projects
    everything = projects.get_projects(limit=500).data["projects"]
    assert project["id"] in [p["id"] for p in everything]
    paged, offset = [], 0
    for _ in everything:
        page = projects.get_projects(offset=offset, limit=1, sort_order="asc").data
        paged += page["projects"]
        if "next" not in page:
            break
        offset = page["next"]
    assert paged == everything


def test_workspaces(administrator, project):
    workspaces = administrator.workloads.workspaces
    accepted = create_workspace(administrator, project)
    assert accepted.actual_phase == "Creating"
    assert accepted.spec.compute.gpu_devices_request == 1

    def read():
        response = workspaces.get_workspace(accepted.workload_id)
        assert response.status_code == 200
        return Workspace1.from_dict(response.data)

    assert read().desired_phase == "Running"
    for call, phase in ((workspaces.suspend_workspace, "Stopped"), (workspaces.resume_workspace, "Running")):
        response = call(accepted.workload_id)
        assert response.status_code == 202
        assert HttpResponse.from_dict(response.data).code == 202
        assert read().actual_phase == phase

    response = workspaces.delete_workspace(accepted.workload_id)
    assert response.status_code == 202
    assert HttpResponse.from_dict(response.data).code == 202


def test_workloads(administrator, project):
    accepted = create_workspace(administrator, project)
    response = administrator.workloads.workloads.get_workloads(limit=500, sort_by="name", sort_order="desc")
    assert response.status_code == 200
    # from_dict would accept a missing member.
    listing = GetWorkloads200Response.model_validate(response.data)
    assert [w.id for w in listing.workloads].count(accepted.workload_id) == 1
    names = [w.name for w in listing.workloads]
    assert names == sorted(names, reverse=True)
