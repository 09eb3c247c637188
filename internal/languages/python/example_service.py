"""The service of the README and of docs/other-languages.md."""

# docs: program
from concurrent import futures

import grpc

import statusbridge
from statusbridge import StatusError

# docs: end program
from statusbridge.v1.statusbridge_pb2 import Error as Workspace

# docs: program


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


# docs: end service
# docs: end program
