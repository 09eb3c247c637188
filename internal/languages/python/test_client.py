"""Reads the REST errors of the example control plane as gRPC codes."""

import os
import urllib.error
import urllib.request

import grpc
import pytest
from google.protobuf import json_format

import statusbridge
from statusbridge.v1.statusbridge_pb2 import Error

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
    # docs: client
    body = json_format.Parse(raised.value.read(), Error())
    assert statusbridge.grpc_code(raised.value.code) == code, body.message
    # docs: end
    assert body.code == raised.value.code
    assert body.message
