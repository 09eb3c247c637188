"""Get every documented error from the example with a generated client. run.sh generates the client."""

import json
import os
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
import pytest
from client import new_client
from controlplane import AuthenticatedClient
from controlplane.api.projects_service import (
    projects_service_create_project,
    projects_service_get_project,
    projects_service_list_projects,
)
from controlplane.models import ProjectsServiceCreateProjectBody
from statusbridge import StatusError

URL = os.environ["CONTROLPLANE_URL"]
CLUSTER_ID = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11"
ADMINISTRATOR = {"clientId": "demo-administrator", "clientSecret": "administrator-demo-secret"}
VIEWER = {"clientId": "demo-viewer", "clientSecret": "viewer-demo-secret"}


def connect(credentials: dict[str, str]) -> AuthenticatedClient:
    request = urllib.request.Request(
        URL + "/api/v1/token", json.dumps(credentials).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        return new_client(URL, json.load(response)["accessToken"])


def break_down(mode: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(f"{URL}/admin/{mode}", method="PUT")) as response:
        assert response.status == 200


@pytest.fixture
def client():
    """A client of the administrator. Nothing is broken after the test."""
    yield connect(ADMINISTRATOR)
    break_down("store/healthy")
    break_down("resources/running")


def create(client: AuthenticatedClient, name: str) -> None:
    body = ProjectsServiceCreateProjectBody(name=name, cluster_id=CLUSTER_ID)
    projects_service_create_project.sync(client=client, body=body)


def create_twice(client: AuthenticatedClient) -> None:
    create(client, "python")
    create(client, "python")


def list_projects(client: AuthenticatedClient, **parameters: object) -> None:
    projects_service_list_projects.sync(client=client, **parameters)


# The status, its gRPC code in the status table, the failure of the example, and the call.
FAILURES = [
    (400, grpc.StatusCode.INVALID_ARGUMENT, "", lambda c: list_projects(c, limit=0)),
    (401, grpc.StatusCode.UNAUTHENTICATED, "", lambda _: list_projects(new_client(URL, "wrong"))),
    (403, grpc.StatusCode.PERMISSION_DENIED, "", lambda _: create(connect(VIEWER), "other")),
    (404, grpc.StatusCode.NOT_FOUND, "", lambda c: projects_service_get_project.sync("none", client=c)),
    (409, grpc.StatusCode.ABORTED, "", create_twice),
    (500, grpc.StatusCode.INTERNAL, "store/corrupt", list_projects),
    (501, grpc.StatusCode.UNIMPLEMENTED, "", lambda c: list_projects(c, filter_by=["name==a"])),
    (502, grpc.StatusCode.UNAVAILABLE, "resources/rubbish", list_projects),
    (503, grpc.StatusCode.UNAVAILABLE, "resources/down", list_projects),
    (504, grpc.StatusCode.DEADLINE_EXCEEDED, "", lambda c: list_projects(c.with_headers({"Grpc-Timeout": "1n"}))),
]


@pytest.mark.parametrize(("status", "code", "mode", "call"), FAILURES, ids=[str(failure[0]) for failure in FAILURES])
def test_error(
    client: AuthenticatedClient,
    status: int,
    code: grpc.StatusCode,
    mode: str,
    call: Callable[[AuthenticatedClient], None],
) -> None:
    if mode:
        break_down(mode)
    with pytest.raises(StatusError) as raised:
        call(client)
    assert (raised.value.http_status, raised.value.code) == (status, code)
    assert raised.value.message
    assert not hasattr(raised.value, "__notes__")  # every documented body is read completely


def test_success(client: AuthenticatedClient) -> None:
    assert projects_service_list_projects.sync(client=client).projects is not None


def test_proxy() -> None:
    """The 503 of a proxy sends HTML as JSON, which the generated client cannot parse."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Retry-After", "9")
            self.end_headers()
            self.wfile.write(b"<h1>secret</h1>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(StatusError) as raised:
            list_projects(new_client(f"http://127.0.0.1:{server.server_port}", "token"))
        thread.join()
    assert (raised.value.http_status, raised.value.retry_after) == (503, 9)
    assert "secret" not in raised.value.message
