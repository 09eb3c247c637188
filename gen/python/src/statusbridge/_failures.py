"""What a server sends for an exception of a servicer. Both interceptors use it."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from ._errors import DETAILS_KEY, Metadata, StatusError, TrailerStatus
from ._table import http_status, meaning
from ._texts import valid
from ._trailers import Parts

Observer = Callable[[str, BaseException], None]

_log = logging.getLogger("statusbridge")

# The exceptions that have a meaning without a status.
_MEANINGS: list[tuple[type[BaseException], grpc.StatusCode]] = [
    (TimeoutError, grpc.StatusCode.DEADLINE_EXCEEDED),
    (asyncio.CancelledError, grpc.StatusCode.CANCELLED),
    (ConnectionError, grpc.StatusCode.UNAVAILABLE),
    (socket.gaierror, grpc.StatusCode.UNAVAILABLE),
]


def log_unexpected(method: str, error: BaseException) -> None:
    """Log an exception that has no status, with its traceback. This is the default observer of the interceptors."""
    if _status_in(error) is None:
        _log.error("%s raised an exception", method, exc_info=error)


def observe(observer: Observer, method: str, error: BaseException) -> None:
    """Call the observer. Its own exceptions are logged and change nothing."""
    try:
        observer(method, error)
    except Exception:
        _log.exception("the observer of %s raised an exception", method)


def status_of(error: BaseException, *, hide_unexpected: bool) -> grpc.Status:
    """Return the status that is sent for an exception."""
    status = _status_in(error)
    if status is not None:
        return status
    causes = list(_causes(error))
    code = next(
        (code for kind, code in _MEANINGS if any(isinstance(cause, kind) for cause in causes)),
        grpc.StatusCode.UNKNOWN,
    )
    text = meaning(http_status(code)) if hide_unexpected else valid(_text(error))
    return TrailerStatus.of(Parts(code.value[0], text).fit())


def fitting(code: Any, message: str, trailers: Metadata = ()) -> grpc.Status:
    """Shrink a status that a servicer made by hand, if it is larger than clients accept."""
    return TrailerStatus.of(_parts(code, message, trailers).fit(), _without_details(trailers))


def fitting_text(details: str) -> str:
    """Cut the message of a status that a servicer sets without an exception."""
    return Parts(grpc.StatusCode.UNKNOWN.value[0], valid(details)).fit().message


def merged(earlier: Metadata, later: Metadata) -> Metadata:
    """Return both metadata. A key of the later one replaces the earlier values."""
    keys = {key for key, _ in later}
    return tuple(entry for entry in earlier if entry[0] not in keys) + tuple(later)


def _status_in(error: BaseException) -> grpc.Status | None:
    """Return the outermost status of an exception and its causes."""
    for cause in _causes(error):
        if isinstance(cause, StatusError):
            return cause.grpc_status()
        if isinstance(cause, grpc.RpcError) and callable(getattr(cause, "code", None)):
            return _forwarded(cause)
    return None


def _forwarded(failed: Any) -> grpc.Status:
    """Return the status of a call that the servicer made."""
    code = failed.code()
    if not isinstance(code, grpc.StatusCode) or code is grpc.StatusCode.OK:
        code = grpc.StatusCode.INTERNAL
    trailers = tuple((failed.trailing_metadata() if hasattr(failed, "trailing_metadata") else None) or ())
    return TrailerStatus.of(_parts(code, failed.details() or "", trailers).fit())


def _parts(code: Any, message: str, trailers: Metadata) -> Parts:
    parts = Parts(code.value[0], valid(message))
    details = next((value for key, value in trailers if key == DETAILS_KEY), None)
    if isinstance(details, bytes):
        try:
            carried = Parts.of(status_pb2.Status.FromString(details))
        except DecodeError:
            return parts
        parts.own, parts.foreign = carried.own, carried.foreign
    return parts


def _without_details(trailers: Metadata) -> Metadata:
    return tuple(entry for entry in trailers if entry[0] != DETAILS_KEY)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, the exceptions of a group, and their causes."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if cause.__cause__ is not None:
            waiting.append(cause.__cause__)
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(reversed(cause.exceptions))


def _text(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an exception whose __str__ raises
        return type(error).__name__
