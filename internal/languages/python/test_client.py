"""Reads the REST errors of the example control plane as gRPC errors."""

import os
import urllib.error
import urllib.request

import grpc
import pytest

import statusbridge

from example_client import get

URL = os.environ["CONTROLPLANE_URL"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/workloads", grpc.StatusCode.UNAUTHENTICATED),
        ("PATCH", "/api/v1/org-unit/projects", grpc.StatusCode.UNIMPLEMENTED),
        ("GET", "/nowhere", grpc.StatusCode.NOT_FOUND),
        ("POST", "/api/v1/token", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_rest_errors(method: str, path: str, code: grpc.StatusCode) -> None:
    request = urllib.request.Request(URL + path, method=method, data=b"{" if method == "POST" else None)
    with pytest.raises(urllib.error.HTTPError) as raised, urllib.request.urlopen(request):
        pass
    error = statusbridge.from_response(raised.value.code, raised.value.headers, raised.value.read())
    assert error is not None
    assert (error.code, error.http_status) == (code, raised.value.code)
    assert error.message
    assert not hasattr(error, "__notes__")


def test_example() -> None:
    with pytest.raises(statusbridge.StatusError) as raised:
        get(URL + "/nowhere")
    assert raised.value.http_status == 404
