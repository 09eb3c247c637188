"""The table, read once from the options of the enum HttpStatus."""

from typing import Any

import grpc

from .v1 import statusbridge_pb2 as pb

_CODES = {code.value[0]: code for code in grpc.StatusCode}

_enum = pb.DESCRIPTOR.enum_types_by_name["HttpStatus"]
# The stubs that protoc writes know an extension only as a field, which the options' own stubs do not take.
_row: Any = pb.row
_unlisted: Any = pb.unlisted

_ROWS: dict[int, pb.Row] = {
    value.number: value.GetOptions().Extensions[_row]
    for value in _enum.values
    if value.GetOptions().HasExtension(_row)
}
_UNLISTED: dict[int, int] = {other.status: other.grpc_code for other in _enum.GetOptions().Extensions[_unlisted]}
_MAPPED_CODES: dict[int, int] = {code: status for status, row in _ROWS.items() for code in row.mapped_codes}


def grpc_code(http_status: int) -> grpc.StatusCode:
    """Return the code that an answer of the REST API is read as.

    A status that is not on the page is read as its nearest code where there is one (408, 410, 412, 416, 422, 429, 499),
    and as its class otherwise; anything outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.

    It is not the table of gRPC's http-grpc-status-mapping document, which is for replies without a grpc-status.
    """
    if http_status in _UNLISTED:
        return _CODES[_UNLISTED[http_status]]
    row = _ROWS.get(http_status) or _ROWS.get(http_status // 100 * 100)
    return _CODES[row.grpc_code] if row else grpc.StatusCode.UNKNOWN


def http_status(code: grpc.StatusCode | int) -> int:
    """Return the documented status that a gRPC code leaves as; 500 for a code that gRPC does not define."""
    number: int = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _MAPPED_CODES.get(number, 500)


def meaning(http_status: int) -> str:
    """Return the page's sentence for a status, or for the class of an error that is not on the page."""
    row = _ROWS.get(http_status) or _ROWS.get(http_status // 100 * 100) or _ROWS[500]
    return row.meaning


def documented_successes() -> list[int]:
    """Return the successes that a service may choose."""
    return [status for status in _ROWS if status < 300]
