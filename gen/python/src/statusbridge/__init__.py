"""The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients.

A servicer raises the error that it means, and the client of the REST API reads exactly that error::

    raise StatusError(409, "the name is taken", violations={"name": "is taken"})

The server needs an interceptor for it: ``grpc.server(pool, interceptors=[Interceptor()])``, or ``AioInterceptor`` for
``grpc.aio``. ``set_http_status(context, 202)`` chooses the status of a success. ``from_response`` reads a response of
the REST API as the same error.

The status table is in the descriptor of ``statusbridge.v1``. The look-ups accept every int. A status outside 200..299
is never OK, and an error never becomes a success.
"""

from ._aio import AioInterceptor
from ._errors import StatusError
from ._interceptor import Interceptor
from ._response import from_response
from ._success import set_http_status
from ._table import grpc_code, http_status, meaning

__all__ = [
    "AioInterceptor",
    "Interceptor",
    "StatusError",
    "from_response",
    "grpc_code",
    "http_status",
    "meaning",
    "set_http_status",
]
