"""Clients of the control plane that run.sh started."""

import json
import os
import urllib.request
import uuid

import pytest

from runai.api_client import ApiClient
from runai.configuration import Configuration
from runai.models.project_creation_request import ProjectCreationRequest
from runai.runai_client import RunaiClient

URL = os.environ["CONTROLPLANE_URL"]
CLUSTER_ID = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11"
ADMINISTRATOR = ("demo-administrator", "administrator-demo-secret")
VIEWER = ("demo-viewer", "viewer-demo-secret")
VIEWER_ACCESS_KEY_ID = "2b0c8f0e-6d5e-4b8c-9f43-0b7d2f1a6c02"


def connect(credentials, **configuration):
    client_id, client_secret = credentials
    return RunaiClient(
        ApiClient(
            Configuration(
                client_id=client_id,
                client_secret=client_secret,
                runai_base_url=URL,
                **configuration,
            )
        )
    )


def connect_without_retries(credentials):
    """A client that raises the error of the first response.

    By default the client repeats a request after 401, 500, 502, 503 and 504 for some seconds. Then it raises the
    MaxRetryError of urllib3, which does not contain the body.
    """
    return connect(credentials, retry_enabled=False)


@pytest.fixture
def administrator():
    with connect_without_retries(ADMINISTRATOR) as client:
        yield client


@pytest.fixture
def viewer():
    with connect_without_retries(VIEWER) as client:
        yield client


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def project(administrator):
    """A new project."""
    request = ProjectCreationRequest(name=unique("project"), cluster_id=CLUSTER_ID, resources=[])
    return administrator.organizations.projects.create_project(request).data


def set_mode(subject, mode):
    request = urllib.request.Request(f"{URL}/admin/{subject}/{mode}", method="PUT")
    with urllib.request.urlopen(request) as response:
        assert json.load(response) == {subject: mode}


@pytest.fixture
def scheduler():
    """Sets the mode of the scheduler. After the test the scheduler runs again."""
    yield lambda mode: set_mode("scheduler", mode)
    set_mode("scheduler", "running")


@pytest.fixture
def corrupt_store():
    set_mode("store", "corrupt")
    yield
    set_mode("store", "healthy")
