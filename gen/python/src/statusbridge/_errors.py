"""The error that a servicer raises and that a REST response is read as."""

import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from ._retry_after import seconds_of
from ._table import CODES, grpc_code, http_status, is_error, meaning
from ._texts import valid
from ._trailers import BUDGET, Parts
from .v1 import statusbridge_pb2 as pb

DETAILS_KEY = "grpc-status-details-bin"
_LONGEST_CHALLENGE = 1024

Metadata = tuple[tuple[str, str | bytes], ...]


class StatusError(Exception):
    """An error that the client of the REST API reads as this HTTP status, message and details.

    Raise it anywhere below a servicer whose server has the Interceptor or the AioInterceptor. from_response returns one
    for a REST response.

    status is 400..599. Any other status is sent as 500, and never as a success. An empty message is sent as the
    documented sentence of the status. Texts that trailers cannot hold are cut and end in an ellipsis.

    The keyword arguments say more:

    details     A text with more for the client: which fields, which limits, what to do.
    violations  The fields that are wrong, with a description each. Clients of the REST API read them in details.
    retry_after The delay after which a retry makes sense, in seconds. It is sent as Retry-After.
    challenge   The WWW-Authenticate of a 401.
    messages    More google.rpc details, or messages of your own for gRPC clients.
    """

    def __init__(
        self,
        status: int,
        message: str | None = "",
        *,
        details: str | None = "",
        violations: Mapping[str, str] | Iterable[tuple[str, str]] | None = (),
        retry_after: float | timedelta | None = None,
        challenge: str | None = None,
        messages: Iterable[Message] | None = (),
    ) -> None:
        self.http_status = operator.index(status)
        code = grpc_code(status)
        self.code: grpc.StatusCode = grpc.StatusCode.INTERNAL if code is grpc.StatusCode.OK else code
        self.message = valid(message) or meaning(_sent(status))
        self.details = valid(details)
        pairs: Any = violations.items() if isinstance(violations, Mapping) else violations or ()
        self.violations = tuple((valid(field), valid(description)) for field, description in pairs)
        self.retry_after = seconds_of(retry_after)
        self.challenge = _challenge(challenge)
        self.messages = tuple(messages or ())
        super().__init__(status, self.message, self.details)

    def __str__(self) -> str:
        return f"{self.http_status} {self.message}" + (f" ({self.details})" if self.details else "")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)

    def grpc_status(self) -> grpc.Status:
        """Return the status for context.abort_with_status, for a server without the interceptor."""
        trailers: Metadata = ()
        if self.challenge:
            trailers = (("www-authenticate", self.challenge),)
        budget = BUDGET - sum(len(key) + len(value) for key, value in trailers)
        return TrailerStatus.of(self._parts().fit(budget), trailers)

    def _parts(self) -> Parts:
        by_table = http_status(self.code)
        sent = _sent(self.http_status)
        own = pb.Error(code=sent, details=self.details)
        if max(sent, by_table) >= 500 and self.message != meaning(sent):
            own.message = self.message
        # The table says the rest: the detail is sent only if something would be lost without it.
        needed = sent != by_table or own.message or own.details
        return Parts(self.code.value[0], self.message, own if needed else None, self._foreign())

    def _foreign(self) -> list[AnyMessage]:
        messages: list[Message] = []
        if self.violations:
            refused = error_details_pb2.BadRequest()
            for field, description in self.violations:
                refused.field_violations.add(field=field, description=description)
            messages.append(refused)
        if self.retry_after is not None:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.FromNanoseconds(math.ceil(self.retry_after * 1e9))
            messages.append(retry)
        messages.extend(self.messages)
        packed = []
        for message in messages:
            detail = AnyMessage()
            if isinstance(message, AnyMessage):
                detail.CopyFrom(message)
            else:
                detail.Pack(message)
            packed.append(detail)
        return packed


@dataclass(frozen=True)
class TrailerStatus(grpc.Status):
    """A status with its trailing metadata, as grpc sends it."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: Metadata = ()

    @classmethod
    def of(cls, status: status_pb2.Status, trailers: Metadata = ()) -> "TrailerStatus":
        """Put a google.rpc.Status into trailing metadata, if it has details."""
        if status.details:
            trailers += ((DETAILS_KEY, status.SerializeToString()),)
        return cls(CODES.get(status.code, grpc.StatusCode.UNKNOWN), status.message, trailers)


def _restored(kind: type[StatusError], args: tuple[Any, ...], state: dict[str, Any]) -> StatusError:
    """Make a copy of an error, also of a subclass with other parameters."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _sent(status: int) -> int:
    """Return the status that is sent: an error never becomes a success."""
    return status if is_error(status) else 500


def _challenge(challenge: str | None) -> str:
    # A header value is ASCII. A long challenge is dropped, since clients cannot parse one without its end.
    text = re.sub(r"[^\x20-\x7e]", "?", challenge or "").strip()
    return text if len(text) <= _LONGEST_CHALLENGE else ""
