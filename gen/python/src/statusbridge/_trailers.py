"""A gRPC status within the size that clients accept in trailers."""

import bisect
from dataclasses import dataclass, field, replace

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from ._details import has_text, localized_message, text_of
from ._table import http_status, is_error
from ._texts import cut, join, valid
from .v1 import statusbridge_pb2 as pb

# The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose
# the whole status of a call with more.
BUDGET = 4096

# Foreign details of this size in all are kept, and texts are cut instead. A google.rpc.RetryInfo takes half of it.
_SMALL_DETAILS = 128

# The bytes of the message that gRPC callers read if the whole text is in the detail only.
_SHORT_MESSAGE = 100


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

        It drops foreign details, the largest first, and then cuts the longest texts. Before a detail is dropped, its
        text for clients is moved into our own detail.
        """
        built = self._cut_to(budget)
        if trailer_size(built) > budget:
            self._drop_details(budget)
            built = self._cut_to(budget)
        if trailer_size(built) > budget:
            self._send_message_once()
            built = self._cut_to(budget)
        if trailer_size(built) > budget:
            # The greatest common length that fits: cutting all texts to it cuts the longest first.
            def size(limit: int) -> int:
                return trailer_size(self._cut_to(limit))

            built = self._cut_to(bisect.bisect_right(range(1, budget + 1), budget, key=size))
        return built

    def _drop_details(self, budget: int) -> None:
        sizes = [_wire_size(detail) for detail in self.foreign]
        total = sum(sizes)
        dropped: set[int] = set()
        texts = replace(self, foreign=[])._cut_to(budget)
        for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
            if total <= _SMALL_DETAILS or (total <= budget and trailer_size(texts, total) <= budget):
                break
            if i in dropped:
                continue
            dropped.add(i)
            total -= sizes[i]
            if has_text(self.foreign[i]):
                # The texts stay in their order, so all details with a text become text together.
                others = {j for j, detail in enumerate(self.foreign) if has_text(detail)} - dropped
                dropped |= others
                total -= sum(sizes[j] for j in others)
                self._move_texts()
                texts = replace(self, foreign=[])._cut_to(budget)
        self.foreign = [detail for i, detail in enumerate(self.foreign) if i not in dropped]

    def _move_texts(self) -> None:
        """Write the texts that clients read of foreign details into our own detail."""
        http_status = self._http_status()
        own = self.own or pb.Error()
        localized = next((text for detail in self.foreign if (text := localized_message(detail))), "")
        message, details = localized or own.message, own.details
        if http_status < 500:
            details = join([details, cut(join(map(text_of, self.foreign)), BUDGET)])
        if (message, details) != (own.message, own.details):
            self.own = pb.Error(code=http_status, message=message, details=details)

    def _send_message_once(self) -> None:
        """Move the message into our own detail, where it takes less room. gRPC callers still read its beginning."""
        if self.own is None:
            # Base64 makes a text longer by a third. grpc-message triples each '%' and each byte that is not ASCII.
            if self._http_status() >= 500 or 2 * _message_size(self.message) < 3 * len(self.message.encode()):
                return
            self.own = pb.Error(code=self._http_status())
        if not self.own.message and self._http_status() < 500:
            self.own = pb.Error(code=self.own.code, message=self.message, details=self.own.details)
        if self.own.message == self.message:
            self.message = cut(self.message, _SHORT_MESSAGE)

    def _http_status(self) -> int:
        claimed = self.own.code if self.own else 0
        return claimed if is_error(claimed) else http_status(self.code)

    def _cut_to(self, limit: int) -> status_pb2.Status:
        built = status_pb2.Status(code=self.code, message=cut(self.message, limit))
        if self.own is not None:
            own = pb.Error(
                code=self.own.code, message=cut(self.own.message, limit), details=cut(self.own.details, limit)
            )
            built.details.add().Pack(own)
        built.details.extend(self.foreign)
        return built


def trailer_size(status: status_pb2.Status, more: int = 0) -> int:
    """Count grpc-message, percent-encoded, and grpc-status-details-bin, in base64, with more bytes of details."""
    size = _message_size(status.message)
    if status.details or more:
        size += ((status.ByteSize() + more) * 4 + 2) // 3
    return size


def _message_size(message: str) -> int:
    """Count what grpc-message takes."""
    return sum(1 if 0x20 <= c <= 0x7E and c != 0x25 else 3 for c in message.encode())


def _wire_size(detail: AnyMessage) -> int:
    """Count the tag, the length and the bytes of a detail in a status."""
    size = detail.ByteSize()
    return 1 + max(1, -(-size.bit_length() // 7)) + size
