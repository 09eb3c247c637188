"""Reading REST responses."""

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from ._body import read_body
from ._errors import StatusError
from ._retry_after import read_delay
from ._texts import cut, valid

_SHOWN = 2048  # bytes of a body in the note


@runtime_checkable
class HasItems(Protocol):
    """A mapping, or the headers of http.client, requests, httpx or aiohttp."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return the names and values."""
        ...


Headers = HasItems | Iterable[tuple[str, str]]


def from_response(status: int, headers: Headers | None = None, body: bytes | str | None = b"") -> StatusError | None:
    """Read a response of the REST API. Return None for a 2xx, and otherwise the error with exactly that status.

    The message and the details come from the documented body, or from google.rpc.Status, as grpc-gateway, Google APIs,
    Connect and Twirp send it. A Status of Kubernetes, problem details (RFC 9457), and a member "message", "error" or
    "detail" are read as well. Under a 5xx, only the documented body and the texts that a service attached for clients
    count. A note of the exception shows any other body to logs.

    Retry-After is in retry_after, and the gRPC code in code. Pass 0 as the status to read the last message of a stream,
    {"error": {…}}, whose status is in the body.

    The function never raises an exception because of the response.
    """
    if 200 <= status <= 299:
        return None
    headers = headers if isinstance(headers, HasItems) else list(headers or ())
    found = read_body(status, _header(headers, "content-type"), body)
    delay = read_delay(_header(headers, "retry-after"), _header(headers, "date"))
    error = StatusError(
        found.http_status,
        found.message,
        details=found.details,
        retry_after=found.retry_after if delay is None else delay,
    )
    error.code = found.code or error.code
    if body and not found.is_complete:
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        error.add_note(f"the response was {status} with {cut(valid(text), _SHOWN)!r}")
    return error


def _header(headers: Headers, name: str) -> str:
    """Return the first value of a header. Some servers and clients have headers in bytes."""
    pairs: Iterable[tuple[Any, Any]] = headers.items() if isinstance(headers, HasItems) else headers
    return next((_text(value) for key, value in pairs if _text(key).lower() == name), "")


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
