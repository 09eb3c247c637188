"""How often the client sends a request for each status, and the exception that it raises then: docs/clients.md."""

import http.server
import threading

import pytest
from urllib3.exceptions import MaxRetryError

from runai import exceptions
from runai.api_client import ApiClient
from runai.configuration import Configuration
from runai.models.project_creation_request import ProjectCreationRequest
from runai.runai_client import RunaiClient

REPEATED = [401, 500, 502, 503, 504]
SENT_ONCE = [400, 403, 404, 405, 409, 501]
TOKEN = b'{"accessToken":"x.eyJleHAiOjk5OTk5OTk5OTl9.x"}'  # it expires in the year 2286


class Server(http.server.ThreadingHTTPServer):
    """Sends one status, and counts the requests."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.retry_after, self.requests = 200, None, 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_request(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = 200, TOKEN
        if not self.path.endswith("/token"):
            self.server.requests += 1
            status, body = self.server.status, b'{"code":%d,"message":"m"}' % self.server.status
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status != 200 and self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = handle_request

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as s:
        thread = threading.Thread(target=s.serve_forever)
        thread.start()
        yield s
        s.shutdown()
        thread.join()


def connect(server, **configuration):
    """A client that does not wait between repetitions."""
    return RunaiClient(
        ApiClient(
            Configuration(
                client_id="id",
                client_secret="secret",
                runai_base_url=f"http://127.0.0.1:{server.server_port}",
                retry_backoff_factor=0,
                **configuration,
            )
        )
    )


def create(client):
    client.organizations.projects.create_project(ProjectCreationRequest(name="a", cluster_id="b", resources=[]))


def read(client):
    client.organizations.projects.get_projects()


@pytest.mark.parametrize("call", [create, read])
@pytest.mark.parametrize("status", REPEATED)
def test_repeated(server, status, call):
    server.status = status
    with connect(server) as client, pytest.raises(MaxRetryError):
        call(client)
    assert server.requests == 4


@pytest.mark.parametrize("status", SENT_ONCE)
def test_sent_once(server, status):
    server.status = status
    with connect(server) as client, pytest.raises(exceptions.ApiException) as raised:
        create(client)
    assert (raised.value.status, server.requests) == (status, 1)


@pytest.mark.parametrize("status", [*REPEATED, *SENT_ONCE])
def test_without_repetitions(server, status):
    server.status = status
    with connect(server, retry_enabled=False) as client, pytest.raises(exceptions.ApiException) as raised:
        create(client)
    assert (raised.value.status, server.requests) == (status, 1)


@pytest.mark.parametrize(("call", "requests"), [(create, 1), (read, 4)])
def test_without_repetitions_but_retry_after(server, call, requests):
    server.status, server.retry_after = 503, "1"
    with connect(server, retry_enabled=False) as client, pytest.raises(exceptions.ServiceException):
        call(client)
    assert server.requests == requests
