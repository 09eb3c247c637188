"""The texts for clients in the details of a gRPC status."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf import symbol_database
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2  # noqa: F401  # registers the types of google.rpc

ELLIPSIS = "…"


def valid(text: str | None) -> str:
    """Return the text with lone surrogates replaced, which UTF-8 cannot encode. None is the empty text."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text or "")


def cut(text: str, limit: int) -> str:
    """Cut a text to at most limit bytes of UTF-8, the ellipsis included, between two characters."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    kept = limit - len(ELLIPSIS.encode())
    return encoded[:kept].decode(errors="ignore") + ELLIPSIS if kept >= 0 else ""


def pair(name: str, what: str) -> str:
    """Write a name and what is said about it."""
    return f"{name}: {what}" if name and what else name or what


def join(texts: Iterable[str]) -> str:
    """Join the texts that are not empty."""
    return "; ".join(text for text in texts if text)


def localized_message(detail: AnyMessage) -> str:
    """Return the text of a google.rpc.LocalizedMessage, which replaces the message of an error."""
    if not detail.type_url.endswith("/google.rpc.LocalizedMessage"):
        return ""
    message: Any = _unpack(detail)
    return message.message if message else ""


def has_text(detail: AnyMessage) -> bool:
    """Report whether clients read text of a detail of this type."""
    name = detail.type_url.rpartition("/")[2]
    return name in _READERS or name == "google.rpc.LocalizedMessage"


def text_of(detail: AnyMessage) -> str:
    """Return the text that clients read of a detail under a 4xx. It is empty for other types and broken details."""
    read = _READERS.get(detail.type_url.rpartition("/")[2])
    message = _unpack(detail) if read else None
    return join(pair(name, what) for name, what in read(message)) if read and message else ""


def _unpack(detail: AnyMessage) -> Message | None:
    try:
        message: Message = symbol_database.Default().GetSymbol(detail.type_url.rpartition("/")[2])()
        message.ParseFromString(detail.value)
    except (KeyError, DecodeError):
        return None
    return message


def _subscript(element: Any) -> str:
    match element.WhichOneof("subscript"):
        case None:
            return ""
        case "string_key":
            escaped = element.string_key.replace("\\", "\\\\").replace('"', '\\"')
            return f'["{escaped}"]'
        case "bool_key":
            return "[true]" if element.bool_key else "[false]"
        case kind:
            return f"[{getattr(element, kind)}]"


def _path(field: Any) -> str:
    return ".".join(element.field_name + _subscript(element) for element in field.elements)


# The details that clients read under a 4xx. Each function yields pairs of a name and a text.
_READERS: dict[str, Callable[[Any], Iterable[tuple[str, str]]]] = {
    "google.rpc.BadRequest": lambda detail: (
        (v.field, v.description or v.localized_message.message or v.reason) for v in detail.field_violations
    ),
    "buf.validate.Violations": lambda detail: ((_path(v.field), v.message or v.rule_id) for v in detail.violations),
    "google.rpc.PreconditionFailure": lambda detail: ((v.subject, v.description) for v in detail.violations),
    "google.rpc.QuotaFailure": lambda detail: ((v.subject, v.description) for v in detail.violations),
    "google.rpc.ResourceInfo": lambda detail: ((detail.resource_name, detail.description),),
    "google.rpc.Help": lambda detail: ((link.description, link.url) for link in detail.links),
}
