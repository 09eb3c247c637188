"""The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients.

A servicer aborts with the status that it means, and the client of the REST API behind a statusbridge gateway reads
exactly that::

    context.abort_with_status(statusbridge.error(409, "the name is taken", details="name: taken"))

The table is in the descriptor of ``statusbridge.v1``. The look-ups are total: every int has an answer. A status outside
200..299 is never OK, and an error never becomes a success.
"""

from ._errors import error, success
from ._table import grpc_code, http_status, meaning

__all__ = ["error", "grpc_code", "http_status", "meaning", "success"]
