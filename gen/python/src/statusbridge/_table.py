"""The status table, read once from the options of the enum HttpStatus."""

from http import HTTPStatus
from typing import Any

import grpc

from .v1 import statusbridge_pb2 as pb

CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}

_enum = pb.DESCRIPTOR.enum_types_by_name["HttpStatus"]
# The stubs of protoc declare an extension as a field, and the stubs of the options do not accept that type.
_row: Any = pb.row
_unlisted: Any = pb.unlisted

_ROWS: dict[int, pb.Row] = {
    value.number: value.GetOptions().Extensions[_row] for value in _enum.values if value.GetOptions().HasExtension(_row)
}
_UNLISTED: dict[int, int] = {other.status: other.grpc_code for other in _enum.GetOptions().Extensions[_unlisted]}
_MAPPED_CODES: dict[int, int] = {code: status for status, row in _ROWS.items() for code in row.mapped_codes}

# The phrases of the undocumented errors in RFC 9110 and the IANA registry.
_PHRASES: dict[int, str] = {
    402: "Payment Required",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Required",
}


def grpc_code(http_status: int) -> grpc.StatusCode:
    """Return the gRPC code as which a client reads an HTTP status of the API.

    Seven undocumented statuses have a code (408, 410, 412, 416, 422, 429, 499). Other undocumented statuses are read as
    the x00 status of their class. A status outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.

    gRPC's http-grpc-status-mapping document has another table, for replies without a grpc-status.
    """
    if http_status in _UNLISTED:
        return CODES[_UNLISTED[http_status]]
    row = _row_of(http_status)
    return CODES[row.grpc_code] if row else grpc.StatusCode.UNKNOWN


def http_status(code: grpc.StatusCode | int) -> int:
    """Return the documented HTTP status to which a gRPC code maps. A code that gRPC does not define maps to 500."""
    number: int = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _MAPPED_CODES.get(number, 500)


def meaning(http_status: int) -> str:
    """Return the documented sentence of a status.

    An undocumented error has its phrase of RFC 9110, or the sentence of its class.
    """
    return _PHRASES.get(http_status) or (_row_of(http_status) or _ROWS[500]).meaning


def phrase(http_status: int) -> str:
    """Return the phrase of an error in RFC 9110. It is empty for other statuses."""
    try:
        return _PHRASES.get(http_status) or HTTPStatus(http_status).phrase
    except ValueError:
        return ""


def is_error(http_status: int) -> bool:
    """Report whether an HTTP status is that of an error."""
    return 400 <= http_status <= 599


def _row_of(http_status: int) -> pb.Row | None:
    return _ROWS.get(http_status) or _ROWS.get(http_status // 100 * 100)
