"""What a servicer answers with."""

import bisect
import re
from dataclasses import dataclass

import grpc
from google.rpc import status_pb2
from grpc_status import rpc_status

from ._table import documented_successes, grpc_code, http_status, meaning
from .v1 import statusbridge_pb2 as pb

# What an error may cost in trailers. Peers commonly allow 8 KiB of them; past that the whole status is lost.
_BUDGET = 4096


@dataclass(frozen=True)
class _PlainStatus(grpc.Status):
    """A status without details, which rpc_status.to_status would send twice."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...] = ()


def error(status: int, message: str = "", details: str = "") -> grpc.Status:
    """Build the status that reaches the client of the REST API as the HTTP status, message and details.

    Pass it to ``context.abort_with_status``. ``status`` is 400..599; anything else leaves as 500, never as a success.
    An empty message is the page's sentence. Texts that trailers cannot hold are cut, and end in an ellipsis.
    """
    leaving = status if 400 <= status <= 599 else 500
    code = grpc_code(status)
    if code is grpc.StatusCode.OK:
        code = grpc.StatusCode.INTERNAL
    message = _valid(message) or meaning(leaving)
    by_table = http_status(code)
    detail = pb.Error(code=leaving, details=_valid(details))
    if (leaving >= 500 or by_table >= 500) and message != meaning(leaving):
        detail.message = message
    # The table says the rest: a detail is sent only where it would lose something.
    needed = leaving != by_table or detail.message or detail.details

    def cut_to(limit: int) -> status_pb2.Status:
        built = status_pb2.Status(code=code.value[0], message=_cut(message, limit))
        if needed:
            built.details.add().Pack(
                pb.Error(
                    code=leaving,
                    message=_cut(detail.message, limit),
                    details=_cut(detail.details, limit),
                )
            )
        return built

    built = cut_to(_BUDGET)
    if _trailer_size(built) > _BUDGET:
        # The greatest common length that fits, so that the longest text is cut first.
        built = cut_to(bisect.bisect_right(range(1, _BUDGET + 1), _BUDGET, key=lambda n: _trailer_size(cut_to(n))))
    return rpc_status.to_status(built) if needed else _PlainStatus(code, built.message)


def success(status: int) -> tuple[tuple[str, str], ...]:
    """Return the metadata that makes the gateway answer a success with 200, 202 or 204.

    Pass it to ``context.send_initial_metadata``, once in a call and before the first message. An error that the call ends
    with wins. Raises ValueError for any other status.
    """
    if status not in documented_successes():
        raise ValueError(f"{status} is not a documented success status")
    return (("statusbridge-http-status", str(status)),)


def _valid(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _cut(text: str, limit: int) -> str:
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    mark = "…"
    kept = limit - len(mark.encode())
    return encoded[:kept].decode(errors="ignore") + mark if kept >= 0 else ""


def _trailer_size(status: status_pb2.Status) -> int:
    """Count grpc-message, percent-encoded, and grpc-status-details-bin, in base64."""
    size = sum(1 if 0x20 <= c <= 0x7E and c != 0x25 else 3 for c in status.message.encode())
    if status.details:
        size += (status.ByteSize() * 4 + 2) // 3
    return size
