"""The example of README.md."""

import grpc

import statusbridge


def submit(pool: str, context: grpc.ServicerContext) -> None:
    # docs: service
    if not pool:
        context.abort_with_status(statusbridge.error(400, "the workspace is not valid", details="pool: is empty"))
    context.send_initial_metadata(statusbridge.success(202))
    # docs: end
