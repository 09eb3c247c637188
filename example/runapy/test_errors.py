"""The calls that fail: the exception that the client raises for each status, its Error model, and its gRPC code."""

import grpc
import pytest
import statusbridge
from conftest import ADMINISTRATOR, CLUSTER_ID, connect_without_retries, unique
from test_calls import create_workspace

from runai import exceptions
from runai.models.error import Error
from runai.models.project_creation_request import ProjectCreationRequest


# The gRPC code of each status in the status table.
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    405: grpc.StatusCode.UNIMPLEMENTED,
    409: grpc.StatusCode.ABORTED,
    500: grpc.StatusCode.INTERNAL,
    501: grpc.StatusCode.UNIMPLEMENTED,
    502: grpc.StatusCode.UNAVAILABLE,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


# docs: forward
def to_status_error(failed: exceptions.ApiException) -> Exception:
    """Return the error of a REST call for gRPC callers."""
    return statusbridge.from_response(failed.status, failed.headers, failed.body) or failed


# docs: end


def check(raised, status, exception=exceptions.ServiceException):
    """Returns the body of the raised error."""
    assert type(raised.value) is exception
    assert raised.value.status == status
    assert raised.value.headers["Content-Type"] == "application/json"
    error = Error.from_json(raised.value.body)
    assert error.code == status
    assert error.message
    forwarded = to_status_error(raised.value)
    assert (forwarded.http_status, forwarded.code) == (status, CODES[status])
    assert (forwarded.message, forwarded.details) == (error.message, error.details or "")
    assert list(raised.value.data) == ["code", "message", "details"][: len(raised.value.data)]
    return error


def new_project(name):
    return ProjectCreationRequest(name=name, cluster_id=CLUSTER_ID, resources=[])


def test_400(administrator):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.create_project(new_project("Not A Name"))
    error = check(raised, 400, exceptions.BadRequestException)
    assert error.details == "name: must consist of lower-case letters, digits and inner hyphens"


def test_400_by_the_gateway(administrator):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.get_projects(limit="many")
    check(raised, 400, exceptions.BadRequestException)


def test_401(administrator):
    administrator.api_client.configuration.auto_refresh_token = False
    administrator.api_client.set_default_header("authorization", "Bearer of bad news")
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.get_projects()
    check(raised, 401, exceptions.UnauthorizedException)
    assert raised.value.headers["WWW-Authenticate"] == 'Bearer realm="controlplane"'


def test_wrong_secret():
    # The client reports the body if the response does not contain a token.
    with pytest.raises(ValueError, match="'code': 401"):
        connect_without_retries((ADMINISTRATOR[0], "wrong"))


def test_403(viewer):
    with pytest.raises(exceptions.ApiException) as raised:
        viewer.organizations.projects.create_project(new_project(unique("project")))
    check(raised, 403, exceptions.ForbiddenException)


def test_404(administrator):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.get_project("none")
    check(raised, 404, exceptions.NotFoundException)


def test_404_for_a_route(administrator):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.clusters.get_clusters()
    check(raised, 404, exceptions.NotFoundException)


def test_405(administrator):
    # The published GET is not part of this control plane. Its access keys can only be deleted.
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.authentication_and_authorization.access_keys.get_access_key_by_id1("any")
    check(raised, 405, exceptions.ApiException)
    assert raised.value.headers["Allow"] == "DELETE"


def test_409_by_name(administrator, project):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.create_project(new_project(project["name"]))
    check(raised, 409, exceptions.ConflictException)


def test_409_by_state(administrator, project):
    workspaces = administrator.workloads.workspaces
    workspace = create_workspace(administrator, project)
    workspaces.suspend_workspace(workspace.workload_id)
    with pytest.raises(exceptions.ApiException) as raised:
        workspaces.suspend_workspace(workspace.workload_id)
    check(raised, 409, exceptions.ConflictException)


def test_409_by_a_dependent_workspace(administrator, project):
    workspace = create_workspace(administrator, project)
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.delete_project(project["id"])
    assert check(raised, 409, exceptions.ConflictException).details == workspace.name


def test_500(administrator, corrupt_store):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.organizations.projects.get_projects()
    error = check(raised, 500)
    assert "checksum" not in raised.value.body
    assert error.details is None


def test_501(administrator):
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.workloads.workloads.get_workloads(filter_by=["name==notebook"])
    check(raised, 501)


@pytest.mark.parametrize(("mode", "status"), [("rubbish", 502), ("down", 503), ("hang", 504)])
def test_failing_scheduler(administrator, project, scheduler, mode, status):
    workspace = create_workspace(administrator, project)
    scheduler(mode)
    with pytest.raises(exceptions.ApiException) as raised:
        administrator.workloads.workspaces.suspend_workspace(workspace.workload_id)
    check(raised, status)
    with pytest.raises(exceptions.ApiException) as raised:
        create_workspace(administrator, project)
    check(raised, status)

    scheduler("running")
    assert administrator.workloads.workspaces.suspend_workspace(workspace.workload_id).status_code == 202
