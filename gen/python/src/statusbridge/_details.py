"""The texts for clients in the details of a gRPC status.

They are read by field number, so the program does not need the generated code of the types.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from ._texts import join, pair, quoted

_BYTES = 2  # the wire type of strings and messages

LOCALIZED_MESSAGE = "google.rpc.LocalizedMessage"


class Column(NamedTuple):
    """A field of an item, and the function that reads its text."""

    number: int
    read: Callable[[bytes], str] = bytes.decode


class Listing(NamedTuple):
    """The fields of a detail that become `name: text`. items is 0 if the detail itself is the only item."""

    items: int
    name: Column
    texts: tuple[Column, ...]


def type_of(detail: AnyMessage) -> str:
    """Return the name of the type, which follows the last slash of the URL."""
    return detail.type_url.rpartition("/")[2]


def has_text(detail: AnyMessage) -> bool:
    """Report whether clients read text of a detail of this type."""
    return type_of(detail) in _LISTINGS or type_of(detail) == LOCALIZED_MESSAGE


def text_of(detail: AnyMessage) -> str:
    """Return the text that clients read of a detail under a 4xx. It is empty for other types and broken details."""
    listing = _LISTINGS.get(type_of(detail))
    if listing is None:
        return ""
    try:
        items = _all(detail.value, listing.items) if listing.items else [detail.value]
        return join(pair(_column(item, listing.name), _first(item, listing.texts)) for item in items)
    except (DecodeError, UnicodeDecodeError):
        return ""


def localized_message(detail: AnyMessage) -> str:
    """Return the text of a google.rpc.LocalizedMessage, which replaces the message of an error."""
    try:
        return _localized(detail.value) if type_of(detail) == LOCALIZED_MESSAGE else ""
    except (DecodeError, UnicodeDecodeError):
        return ""


def _first(item: bytes, columns: Iterable[Column]) -> str:
    texts = [_column(item, column) for column in columns]
    return next((text for text in texts if text), "")


def _column(item: bytes, column: Column) -> str:
    values = _all(item, column.number)
    return column.read(values[-1]) if values else ""


def _all(message: bytes, number: int) -> list[bytes]:
    """Return the strings or messages of a field."""
    return [field.data for field in _fields(message) if (field.field_number, field.wire_type) == (number, _BYTES)]


def _fields(message: bytes) -> list[Any]:
    fields: Any = UnknownFieldSet(Empty.FromString(message))
    return list(fields)


def _localized(message: bytes) -> str:
    return _column(message, Column(2))


def _path(path: bytes) -> str:
    """Write a buf.validate.FieldPath as protovalidate does: `spec.tags[0].labels["a"]`."""
    return ".".join(_path_element(element) for element in _all(path, 1))


def _path_element(element: bytes) -> str:
    name, key = _column(element, Column(2)), ""
    for field in _fields(element):
        match field.field_number:
            case 6 | 9:
                key = str(field.data)
            case 7:
                key = "true" if field.data else "false"
            case 8:
                key = str(field.data - (1 << 64) if field.data >> 63 else field.data)
            case 10:
                key = quoted(field.data.decode())
    return f"{name}[{key}]" if key else name


# The types that clients read under a 4xx, with the numbers of google/rpc/error_details.proto and
# buf/validate/validate.proto. The first text of an item that is not empty counts.
_LISTINGS = {
    "google.rpc.BadRequest": Listing(1, Column(1), (Column(2), Column(4, _localized), Column(3))),
    "google.rpc.PreconditionFailure": Listing(1, Column(2), (Column(3),)),
    "google.rpc.QuotaFailure": Listing(1, Column(1), (Column(2),)),
    "google.rpc.ResourceInfo": Listing(0, Column(2), (Column(4),)),
    "google.rpc.Help": Listing(1, Column(1), (Column(2),)),
    "buf.validate.Violations": Listing(1, Column(5, _path), (Column(3), Column(2))),
}
