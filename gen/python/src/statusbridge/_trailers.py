"""A gRPC status within the size that clients accept in trailers."""

import bisect
from dataclasses import dataclass, field

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from ._table import http_status
from ._texts import cut, join, localized_message, text_of, valid
from .v1 import statusbridge_pb2 as pb

# The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose
# the whole status of a call with more.
BUDGET = 4096

# Foreign details of this size in all are kept, and texts are cut instead. A google.rpc.RetryInfo takes half of it.
_SMALL_DETAILS = 128


@dataclass
class Parts:
    """A status before it is cut. own is None if the gRPC code and the message alone say everything."""

    code: int
    message: str
    own: pb.Error | None = None
    foreign: list[AnyMessage] = field(default_factory=list)

    @classmethod
    def of(cls, status: status_pb2.Status) -> "Parts":
        """Take a status apart. The first statusbridge.v1.Error counts."""
        parts = cls(status.code, valid(status.message))
        for detail in status.details:
            own = pb.Error()
            try:
                if parts.own is None and detail.Unpack(own):
                    parts.own = own
                    continue
            except DecodeError:
                pass
            parts.foreign.append(detail)
        return parts

    def fit(self, budget: int = BUDGET) -> status_pb2.Status:
        """Shrink the status to the budget.

        The text for clients is made from foreign details first. Then the largest foreign details are dropped. Then the
        texts are cut, the longest first.
        """
        built = self._cut_to(budget)
        if trailer_size(built) > budget:
            self._make_text()
            built = self._without_large_details(budget)
        if trailer_size(built) > budget:
            # The greatest common length that fits: cutting all texts to it cuts the longest first.
            def size(limit: int) -> int:
                return trailer_size(self._cut_to(limit))

            built = self._cut_to(bisect.bisect_right(range(1, budget + 1), budget, key=size))
        return built

    def _make_text(self) -> None:
        """Replace foreign details by the text that clients read of them."""
        own = self.own or pb.Error(code=http_status(self.code))
        if own.code < 500:
            texts = [text_of(detail) for detail in self.foreign]
            own.details = join([own.details, *texts])
            self.foreign = [detail for detail, text in zip(self.foreign, texts, strict=True) if not text]
        for detail in self.foreign:
            if text := localized_message(detail):
                own.message = text
                self.foreign.remove(detail)
                break
        if own.message or own.details:
            self.own = own

    def _without_large_details(self, budget: int) -> status_pb2.Status:
        self.foreign.sort(key=_wire_size)
        size = sum(map(_wire_size, self.foreign))
        built = self._cut_to(budget)
        while size > _SMALL_DETAILS and trailer_size(built) > budget:
            size -= _wire_size(self.foreign.pop())
            built = self._cut_to(budget)
        return built

    def _cut_to(self, limit: int) -> status_pb2.Status:
        built = status_pb2.Status(code=self.code, message=cut(self.message, limit))
        if self.own is not None:
            own = pb.Error(
                code=self.own.code, message=cut(self.own.message, limit), details=cut(self.own.details, limit)
            )
            built.details.add().Pack(own)
        built.details.extend(self.foreign)
        return built


def trailer_size(status: status_pb2.Status) -> int:
    """Count grpc-message, percent-encoded, and grpc-status-details-bin, in base64."""
    size = sum(1 if 0x20 <= c <= 0x7E and c != 0x25 else 3 for c in status.message.encode())
    if status.details:
        size += (status.ByteSize() * 4 + 2) // 3
    return size


def _wire_size(detail: AnyMessage) -> int:
    size = detail.ByteSize()
    return 2 + size + (size > 127) + (size > 16383)
