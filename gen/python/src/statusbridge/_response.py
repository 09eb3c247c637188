"""Reading REST responses."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as HeaderMessage
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, runtime_checkable

import grpc

from ._errors import StatusError
from ._table import CODES
from ._texts import cut, join, pair, valid

_SHOWN = 2048  # bytes of an unknown body in the note

# The HTTP status that google/rpc/code.proto names for each code, which grpc-gateway sends without this library.
_RPC_STATUS = {
    1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
    15: 500, 16: 401,
}  # fmt: skip


@runtime_checkable
class HasItems(Protocol):
    """A mapping, or the headers of http.client, requests, httpx or aiohttp."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return the names and values."""
        ...


Headers = HasItems | Iterable[tuple[str, str]]


def from_response(status: int, headers: Headers | None = None, body: bytes | str | None = b"") -> StatusError | None:
    """Read a response of the REST API. Return None for a 2xx, and otherwise the error with exactly that status.

    The message and the details come from the documented body, from application/problem+json (RFC 9457), or from a
    google.rpc.Status in JSON, also inside a member "error". For any other body the message is the documented sentence,
    and a note of the exception shows the beginning of the body to logs. Retry-After is in retry_after, and the gRPC
    code in code.

    The function never raises an exception because of the response.
    """
    if 200 <= status <= 299:
        return None
    lower = {key.lower(): value for key, value in _pairs(headers)}
    delay = _delay(lower.get("retry-after", ""), lower.get("date", ""))
    found = _read(status, lower.get("content-type", ""), body)
    error = StatusError(
        found.http_status,
        found.message,
        details=found.details,
        retry_after=found.retry_after if delay is None else delay,
    )
    error.code = found.code or error.code
    if found.rest:
        error.add_note(f"the response was {status} with {found.rest}")
    return error


@dataclass
class _Found:
    """What a body says. rest is the part for logs."""

    http_status: int
    message: str = ""
    details: str = ""
    code: grpc.StatusCode | None = None
    retry_after: float | None = None
    rest: str = ""

    def tell(self, message: str, details: str) -> None:
        """Set the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients."""
        if self.http_status < 500:
            self.message, self.details = message, details
        elif message:
            self.rest = _shown(message)


def _read(status: int, content_type: str, body: bytes | str | None) -> _Found:
    found = _Found(status)
    text = body.decode(errors="replace") if isinstance(body, bytes) else valid(body)
    media_type = _json_type(content_type)
    if media_type is not None and (not isinstance(body, bytes) or text.encode() == body):
        parsed = _parsed(text)
        if isinstance(parsed, dict):
            if media_type == "application/problem+json":
                _read_problem(found, parsed)
            else:
                _read_error(found, parsed)
    if not (found.message or found.details or found.rest) and text:
        found.rest = _shown(text)
    return found


def _read_problem(found: _Found, body: dict[str, Any]) -> None:
    """Read the members of a problem that are for people (RFC 9457 section 3.1)."""
    title, detail = _string(body, "title"), _string(body, "detail")
    found.tell(title or detail, detail if title else "")


def _read_error(found: _Found, body: dict[str, Any]) -> None:
    """Read the documented body, a google.rpc.Status, or an object with a message."""
    inner = body.get("error")
    if isinstance(inner, dict):
        _read_status(found, inner)
    elif not _read_documented(found, body):
        if "code" in body:
            _read_status(found, body)
        else:
            message = next((text for name in ("message", "error", "detail") if (text := _string(body, name))), "")
            found.tell(message, _string(body, "details"))


def _read_documented(found: _Found, body: dict[str, Any]) -> bool:
    """Read the documented body. The published schemas allow more members."""
    code, message, details = body.get("code"), body.get("message"), body.get("details")
    if type(code) is not int or code in _RPC_STATUS or not isinstance(message, str):
        return False
    if not isinstance(details, str | None):
        return False
    issues = body.get("complianceIssues")
    items = issues if isinstance(issues, list) else []
    texts = [pair(_string(item, "field"), _string(item, "details")) for item in items if isinstance(item, dict)]
    found.message, found.details = valid(message), join([valid(details), *texts])
    return True


def _read_status(found: _Found, body: dict[str, Any]) -> None:
    """Read a google.rpc.Status: that of grpc-gateway, or that of a Google API with the name of its code."""
    message, details = _string(body, "message"), body.get("details")
    found.code = _rpc_code(found.http_status, body)
    items = details if isinstance(details, list) else []
    own = _of_type(items, "statusbridge.v1.Error")
    if found.code and type(own.get("code")) is int and 400 <= own["code"] <= 599:
        found.http_status = own["code"]
    texts = [_string(own, "details") if own else _string(body, "details")]
    texts += [item for item in items if isinstance(item, str)]
    for item in items:
        texts += _texts(item)
        if _type_of(item) == "google.rpc.RetryInfo":
            found.retry_after = _duration(_string(item, "retryDelay"))
    localized = _of_type(items, "google.rpc.LocalizedMessage")
    found.tell(message, join(valid(text) for text in texts))
    found.message = _string(localized, "message") or _string(own, "message") or found.message
    found.details = found.details or _string(own, "details")
    if isinstance(details, dict):
        found.rest = _shown(json.dumps(details))


def _rpc_code(status: int, body: dict[str, Any]) -> grpc.StatusCode | None:
    """Return the gRPC code of a google.rpc.Status, if it belongs to the HTTP status of the response."""
    number, name = body.get("code"), body.get("status")
    if isinstance(name, str):
        number = next((code for code, known in CODES.items() if known.name == name), number)
    return CODES[number] if isinstance(number, int) and _RPC_STATUS.get(number) == status else None


# The lists of the details that clients read, and the members with the name and the texts of an item.
_LISTS = {
    "google.rpc.BadRequest": ("fieldViolations", "field", ("description", "localizedMessage", "reason")),
    "google.rpc.PreconditionFailure": ("violations", "subject", ("description",)),
    "google.rpc.QuotaFailure": ("violations", "subject", ("description",)),
    "google.rpc.ResourceInfo": ("", "resourceName", ("description",)),
    "google.rpc.Help": ("links", "description", ("url",)),
}


def _texts(detail: Any) -> list[str]:
    member, subject, descriptions = _LISTS.get(_type_of(detail), ("", "", ()))
    items = detail.get(member) if member else [detail]
    texts = []
    for item in items if subject and isinstance(items, list) else []:
        if isinstance(item, dict):
            localized = item.get("localizedMessage")
            if isinstance(localized, dict):
                item = {**item, "localizedMessage": localized.get("message")}
            what = next((text for name in descriptions if (text := _string(item, name))), "")
            texts.append(pair(_string(item, subject), what))
    return texts


def _of_type(items: list[Any], name: str) -> dict[str, Any]:
    return next((item for item in items if _type_of(item) == name), {})


def _type_of(detail: Any) -> str:
    return _string(detail, "@type").rpartition("/")[2] if isinstance(detail, dict) else ""


def _shown(text: str) -> str:
    return repr(cut(valid(text), _SHOWN))


def _pairs(headers: Headers | None) -> Iterable[tuple[str, str]]:
    return headers.items() if isinstance(headers, HasItems) else headers or ()


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


def _parsed(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def _string(body: dict[str, Any], member: str) -> str:
    value = body.get(member)
    return valid(value) if isinstance(value, str) else ""


def _duration(text: str) -> float | None:
    return float(text[:-1]) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?s", text) else None


def _delay(retry_after: str, date: str) -> float | None:
    """Return the seconds of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,19}", retry_after):
        return float(retry_after)
    until = _time(retry_after)
    if until is None:
        return None
    return max(0.0, (until - (_time(date) or datetime.now(UTC))).total_seconds())


def _time(date: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
