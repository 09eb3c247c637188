"""The error bodies of REST APIs."""

import json
from dataclasses import dataclass
from email.message import Message as HeaderMessage
from typing import Any

import grpc

from ._json_details import Details, Members, integer, string
from ._retry_after import seconds_of
from ._table import CODES, http_status, is_error, phrase
from ._texts import join, pair, valid

_LIMIT = 64 << 10  # bytes of a body that are read

# The HTTP status that google/rpc/code.proto names for each code. grpc-gateway, Google APIs and Connect send it.
_RPC_STATUS = {
    1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
    15: 500, 16: 401,
}  # fmt: skip

_CODES_BY_NAME = {code.name: code for code in grpc.StatusCode} | {"CANCELED": grpc.StatusCode.CANCELLED}


def read_body(status: int, content_type: str, body: bytes | str | None) -> "Body":
    """Read a body. A status of 0 means that the body alone says which status it is."""
    found = Body(status)
    media_type = _json_type(content_type)
    parsed = None if media_type is None else _parse(body)
    found.is_complete = isinstance(parsed, dict) and found.read(parsed, media_type)
    return found


@dataclass
class Body:
    """What an error body says."""

    http_status: int  # that of the response, until the body has a better one
    message: str = ""
    details: str = ""
    code: grpc.StatusCode | None = None
    retry_after: float | None = None
    is_complete: bool = True  # False if logs need the body too

    def read(self, body: Members, media_type: str | None) -> bool:
        """Recognize the form of the body by its members. Report whether all of it is in the result."""
        inner = body.get("error")
        if isinstance(inner, dict):
            plain = inner.get("status") is None and inner.get("errors") is None
            return (plain and self._read_documented(inner)) or self._read_status(inner)
        if media_type == "application/problem+json" and string(body, "title", "detail"):
            return self._read_problem(body)
        if body.get("kind") == "Status" and isinstance(body.get("message"), str):
            return self._read_kubernetes(body)
        if self._read_documented(body):
            return True
        if "code" in body and (string(body, "message", "msg") or _rpc_code(body)):
            return self._read_status(body)
        return self._read_other(body)

    def _read_documented(self, body: Members) -> bool:
        """Read the documented body, if it is one. The published schemas allow more members."""
        code, message, details = integer(body, "code"), body.get("message"), body.get("details")
        if code is None or code in _RPC_STATUS or not isinstance(message, str) or not isinstance(details, str | None):
            return False
        issues = body.get("complianceIssues")
        items = issues if isinstance(issues, list) else []
        texts = [pair(string(item, "field"), string(item, "details")) for item in items if isinstance(item, dict)]
        self.message, self.details = valid(message), join([valid(details), *texts])
        self.http_status = self.http_status or (code if is_error(code) else 0)
        return True

    def _read_problem(self, body: Members) -> bool:
        """Read the members of a problem that are for people (RFC 9457 section 3.1)."""
        title, detail = string(body, "title"), string(body, "detail")
        return self._tell(title or detail, detail if title else "")

    def _read_kubernetes(self, body: Members) -> bool:
        """Read a Status of Kubernetes. Its details are for programs."""
        if body.get("reason") == "AlreadyExists" and self.http_status == 409:
            self.code = grpc.StatusCode.ALREADY_EXISTS
        details = body.get("details")
        if isinstance(details, dict):
            self.retry_after = seconds_of(integer(details, "retryAfterSeconds")) or None
        return self._tell(string(body, "message"), "") and details is None

    def _read_status(self, body: Members) -> bool:
        """Read a google.rpc.Status: that of grpc-gateway, a Google API, Connect or Twirp."""
        message, number, code = string(body, "message", "msg"), integer(body, "code"), _rpc_code(body)
        if code is None and not message:
            return False
        if not self.http_status:
            by_code = http_status(code) if code else 0
            self.http_status = number if number is not None and is_error(number) else by_code
        elif code and _RPC_STATUS[code.value[0]] != self.http_status:
            code = None  # a code that belongs to another status is not believed
        if code is None:
            return self._read_message(body, message, _texts(body))
        details = Details.of(body.get("details"))
        self.code, self.retry_after = code, details.retry_after
        self.http_status = details.own_status() or self.http_status
        self._tell(message, _texts(body))
        self.message = details.message() or self.message
        self.details = join([self.details, details.text(self.http_status)])
        return self.message == message

    def _read_other(self, body: Members) -> bool:
        """Read an object that has its message under one of the usual names."""
        for name in "message", "Message", "msg", "error_description", "error", "detail", "title":
            message = string(body, name)
            # Skip the phrase of the status: clients know it already.
            if message and message.lower() != phrase(self.http_status).lower():
                return self._read_message(body, message, string(body, "detail") if name == "title" else _texts(body))
        return False

    def _read_message(self, body: Members, message: str, text: str) -> bool:
        """Read a message without a gRPC code, and the details beside it."""
        items = body.get("details")
        details = Details.of(items)
        self.retry_after = details.retry_after
        told = self._tell(message, text)
        if self.http_status < 500:
            self.details = join([self.details, details.text(self.http_status)])
        return told and details.is_complete and not isinstance(items, dict)

    def _tell(self, message: str, details: str) -> bool:
        """Set the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients."""
        if self.http_status >= 500:
            return not message
        self.message, self.details = message, details
        return True


def _rpc_code(body: Members) -> grpc.StatusCode | None:
    """Return the gRPC code of a google.rpc.Status, by its name or its number."""
    number = integer(body, "code")
    named = _CODES_BY_NAME.get(string(body, "status", "code").upper())
    code = named or (CODES[number] if number in _RPC_STATUS else None)
    return None if code is grpc.StatusCode.OK else code


def _texts(body: Members) -> str:
    """Return details that are a text or a list of texts."""
    details = body.get("details")
    items = details if isinstance(details, list) else [details]
    return join(valid(item) for item in items if isinstance(item, str))


def _json_type(content_type: str) -> str | None:
    """Return the media type of JSON in UTF-8. A body without a type may be JSON."""
    if not content_type:
        return ""
    header = HeaderMessage()
    header["content-type"] = content_type
    media_type = header.get_content_type()
    charset = str(header.get_param("charset") or "utf-8").lower()
    known = media_type in ("application/json", "text/json") or media_type.endswith("+json")
    return media_type if known and charset in ("utf-8", "utf8", "us-ascii") else None


def _parse(body: bytes | str | None) -> Any:
    """Parse the first JSON value of a body."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    encoded = body if isinstance(body, bytes) else valid(body).encode()
    if len(encoded) > _LIMIT:
        return None
    try:
        text = encoded.decode("utf-8-sig").lstrip(" \t\r\n")
        return json.JSONDecoder(parse_constant=refuse).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None
