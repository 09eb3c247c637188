"""The HTTP status of a success."""

from collections.abc import Awaitable
from typing import Any, overload

import grpc
import grpc.aio

STATUS_KEY = "statusbridge-http-status"


@overload
def set_http_status(context: grpc.ServicerContext, status: int) -> None: ...


@overload
def set_http_status(context: grpc.aio.ServicerContext[Any, Any], status: int) -> Awaitable[None]: ...


def set_http_status(context: Any, status: int) -> Any:
    """Make the gateway send a success with this status, 200..299. With grpc.aio, await the result.

    The gateway accepts 200, 202, 204 and the statuses that its options allow, and sends 200 for any other status. If
    the call fails, the status of the error is sent.

    Call it before the first message. With the interceptor, the last call wins, before and after initial metadata of
    your own. Without the interceptor, and in methods with a stream of requests, grpc sends initial metadata only once
    in a call. Raises ValueError for a status outside 200..299.
    """
    if not 200 <= status <= 299:
        raise ValueError(f"{status} is not the status of a success")
    return context.send_initial_metadata(((STATUS_KEY, str(status)),))
