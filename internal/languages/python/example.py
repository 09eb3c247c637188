"""The examples of docs/other-languages.md."""

import urllib.error
import urllib.request
from concurrent import futures

import grpc

import statusbridge
from statusbridge import StatusError
from statusbridge.v1.statusbridge_pb2 import Error as Workspace


# docs: service
def submit(workspace: Workspace, context: grpc.ServicerContext) -> Workspace:
    """Validate the request, and accept it."""
    if not workspace.message:
        raise StatusError(400, "the workspace is not valid", violations={"pool": "is empty"})
    statusbridge.set_http_status(context, 202)
    return workspace


def new_server() -> grpc.Server:
    """Make a server whose servicers may raise StatusError."""
    return grpc.server(futures.ThreadPoolExecutor(), interceptors=[statusbridge.Interceptor()])


# docs: end


# docs: client
def get(url: str) -> bytes:
    """Return the body of a success. Raise StatusError for any other response."""
    try:
        with urllib.request.urlopen(url) as response:  # noqa: S310
            body: bytes = response.read()
            return body
    except urllib.error.HTTPError as failed:
        raise statusbridge.from_response(failed.code, failed.headers, failed.read()) or failed from None


# docs: end
