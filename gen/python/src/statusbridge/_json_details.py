"""The details of a google.rpc.Status in JSON, as protobuf and Connect write them."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo

from ._details import localized_message, text_of
from ._retry_after import seconds_of
from ._table import is_error
from ._texts import cut, join, pair, quoted, valid
from ._trailers import BUDGET
from .v1 import statusbridge_pb2 as pb

Members = dict[str, Any]

# The list of each type that clients read, the member with the name of an item, and the members with its text. The first
# text that is not empty counts.
_LISTS = {
    "google.rpc.BadRequest": ("fieldViolations", "field", ("description", "localizedMessage", "reason")),
    "google.rpc.PreconditionFailure": ("violations", "subject", ("description",)),
    "google.rpc.QuotaFailure": ("violations", "subject", ("description",)),
    "google.rpc.ResourceInfo": ("", "resourceName", ("description",)),
    "google.rpc.Help": ("links", "description", ("url",)),
    "buf.validate.Violations": ("violations", "field", ("message", "ruleId")),
}


@dataclass
class Details:
    """What a list of details says to clients."""

    own: pb.Error | None = None
    localized: str = ""
    retry_after: float | None = None
    texts: list[str] = field(default_factory=list)
    is_complete: bool = True  # False if an object without a type is for programs

    @classmethod
    def of(cls, items: Any) -> "Details":
        """Read a list. Anything else has no details."""
        details = cls()
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                details._read(item)
        return details

    def own_status(self) -> int:
        """Return the exact HTTP status, or 0."""
        return self.own.code if self.own and is_error(self.own.code) else 0

    def message(self) -> str:
        """Return the message that a service attached for clients."""
        return self.localized or (self.own.message if self.own else "")

    def text(self, status: int) -> str:
        """Return the text for a client that receives an HTTP status. Under a 5xx, only our own detail has one."""
        own = self.own.details if self.own else ""
        return own if status >= 500 else join([own, cut(join(self.texts), BUDGET)])

    def _read(self, detail: Members) -> None:
        name = string(detail, "@type").rpartition("/")[2]
        if name == "statusbridge.v1.Error":
            self._read_own(_own(detail))
        elif name == "google.rpc.LocalizedMessage":
            self.localized = self.localized or string(detail, "message")
        elif name == "google.rpc.RetryInfo":
            self._read_delay(_duration(string(detail, "retryDelay", "retry_delay")))
        elif name in _LISTS:
            self.texts += _texts(detail, *_LISTS[name])
        elif string(detail, "type"):
            self._read_connect(string(detail, "type"), string(detail, "value"))
        elif not name:
            self.is_complete = False

    def _read_connect(self, name: str, value: str) -> None:
        """Read the name of a type, and the message in base64 without padding."""
        try:
            wire = base64.b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), validate=True)
            if name == "statusbridge.v1.Error":
                self._read_own(pb.Error.FromString(wire))
            elif name == "google.rpc.RetryInfo":
                delay = RetryInfo.FromString(wire).retry_delay
                self._read_delay(delay.seconds + delay.nanos / 1e9)
        except (binascii.Error, ValueError, DecodeError):
            return
        detail = AnyMessage(type_url=f"type.googleapis.com/{name}", value=wire)
        self.localized = self.localized or localized_message(detail)
        self.texts.append(text_of(detail))

    def _read_own(self, own: pb.Error) -> None:
        self.own = self.own or own

    def _read_delay(self, seconds: float | None) -> None:
        delay = seconds_of(seconds)
        self.retry_after = self.retry_after if delay is None else delay


def string(members: Members, *names: str) -> str:
    """Return the first of the named members that is a text and not empty."""
    return next((valid(text) for name in names if isinstance(text := members.get(name), str) and text), "")


def integer(members: Members, name: str) -> int | None:
    """Return a member that is an integer."""
    value = members.get(name)
    return value if type(value) is int else None


def _duration(text: str) -> float | None:
    """Return the seconds of a duration in the JSON of protobuf."""
    return float(text[:-1]) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?s", text) else None


def _own(detail: Members) -> pb.Error:
    code = integer(detail, "code") or 0
    return pb.Error(
        code=code if is_error(code) else 0, message=string(detail, "message"), details=string(detail, "details")
    )


def _texts(detail: Members, items: str, name: str, texts: tuple[str, ...]) -> list[str]:
    members = _member(detail, items) if items else [detail]
    return [
        pair(_text(item, name), next((text for member in texts if (text := _text(item, member))), ""))
        for item in (members if isinstance(members, list) else [])
        if isinstance(item, dict)
    ]


def _text(item: Members, name: str) -> str:
    """Return a text, the text of a LocalizedMessage, or a buf.validate.FieldPath."""
    value = _member(item, name)
    if isinstance(value, dict):
        elements = value.get("elements")
        return _path(elements) if isinstance(elements, list) else string(value, "message")
    return valid(value) if isinstance(value, str) else ""


def _path(elements: list[Any]) -> str:
    """Write a path as protovalidate does: `spec.tags[0].labels["a"]`."""
    return ".".join(_path_element(element) for element in elements if isinstance(element, dict))


def _path_element(element: Members) -> str:
    key = ""
    for name in "index", "boolKey", "intKey", "uintKey":
        value = _member(element, name)
        if isinstance(value, int | str):
            key = str(value).lower()
    text = _member(element, "stringKey")
    if isinstance(text, str):
        key = quoted(valid(text))
    name = string(element, "fieldName", "field_name")
    return f"{name}[{key}]" if key else name


def _member(members: Members, name: str) -> Any:
    """Return a member by its name in JSON, or by its name in the proto."""
    if name in members:
        return members[name]
    return members.get(re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name))
