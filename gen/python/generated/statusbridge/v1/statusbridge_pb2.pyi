from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HttpStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HTTP_STATUS_UNSPECIFIED: _ClassVar[HttpStatus]
    HTTP_STATUS_OK: _ClassVar[HttpStatus]
    HTTP_STATUS_ACCEPTED: _ClassVar[HttpStatus]
    HTTP_STATUS_NO_CONTENT: _ClassVar[HttpStatus]
    HTTP_STATUS_BAD_REQUEST: _ClassVar[HttpStatus]
    HTTP_STATUS_UNAUTHORIZED: _ClassVar[HttpStatus]
    HTTP_STATUS_FORBIDDEN: _ClassVar[HttpStatus]
    HTTP_STATUS_NOT_FOUND: _ClassVar[HttpStatus]
    HTTP_STATUS_METHOD_NOT_ALLOWED: _ClassVar[HttpStatus]
    HTTP_STATUS_CONFLICT: _ClassVar[HttpStatus]
    HTTP_STATUS_INTERNAL_SERVER_ERROR: _ClassVar[HttpStatus]
    HTTP_STATUS_NOT_IMPLEMENTED: _ClassVar[HttpStatus]
    HTTP_STATUS_BAD_GATEWAY: _ClassVar[HttpStatus]
    HTTP_STATUS_SERVICE_UNAVAILABLE: _ClassVar[HttpStatus]
    HTTP_STATUS_GATEWAY_TIMEOUT: _ClassVar[HttpStatus]

class GrpcCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRPC_CODE_OK: _ClassVar[GrpcCode]
    GRPC_CODE_CANCELLED: _ClassVar[GrpcCode]
    GRPC_CODE_UNKNOWN: _ClassVar[GrpcCode]
    GRPC_CODE_INVALID_ARGUMENT: _ClassVar[GrpcCode]
    GRPC_CODE_DEADLINE_EXCEEDED: _ClassVar[GrpcCode]
    GRPC_CODE_NOT_FOUND: _ClassVar[GrpcCode]
    GRPC_CODE_ALREADY_EXISTS: _ClassVar[GrpcCode]
    GRPC_CODE_PERMISSION_DENIED: _ClassVar[GrpcCode]
    GRPC_CODE_RESOURCE_EXHAUSTED: _ClassVar[GrpcCode]
    GRPC_CODE_FAILED_PRECONDITION: _ClassVar[GrpcCode]
    GRPC_CODE_ABORTED: _ClassVar[GrpcCode]
    GRPC_CODE_OUT_OF_RANGE: _ClassVar[GrpcCode]
    GRPC_CODE_UNIMPLEMENTED: _ClassVar[GrpcCode]
    GRPC_CODE_INTERNAL: _ClassVar[GrpcCode]
    GRPC_CODE_UNAVAILABLE: _ClassVar[GrpcCode]
    GRPC_CODE_DATA_LOSS: _ClassVar[GrpcCode]
    GRPC_CODE_UNAUTHENTICATED: _ClassVar[GrpcCode]
HTTP_STATUS_UNSPECIFIED: HttpStatus
HTTP_STATUS_OK: HttpStatus
HTTP_STATUS_ACCEPTED: HttpStatus
HTTP_STATUS_NO_CONTENT: HttpStatus
HTTP_STATUS_BAD_REQUEST: HttpStatus
HTTP_STATUS_UNAUTHORIZED: HttpStatus
HTTP_STATUS_FORBIDDEN: HttpStatus
HTTP_STATUS_NOT_FOUND: HttpStatus
HTTP_STATUS_METHOD_NOT_ALLOWED: HttpStatus
HTTP_STATUS_CONFLICT: HttpStatus
HTTP_STATUS_INTERNAL_SERVER_ERROR: HttpStatus
HTTP_STATUS_NOT_IMPLEMENTED: HttpStatus
HTTP_STATUS_BAD_GATEWAY: HttpStatus
HTTP_STATUS_SERVICE_UNAVAILABLE: HttpStatus
HTTP_STATUS_GATEWAY_TIMEOUT: HttpStatus
GRPC_CODE_OK: GrpcCode
GRPC_CODE_CANCELLED: GrpcCode
GRPC_CODE_UNKNOWN: GrpcCode
GRPC_CODE_INVALID_ARGUMENT: GrpcCode
GRPC_CODE_DEADLINE_EXCEEDED: GrpcCode
GRPC_CODE_NOT_FOUND: GrpcCode
GRPC_CODE_ALREADY_EXISTS: GrpcCode
GRPC_CODE_PERMISSION_DENIED: GrpcCode
GRPC_CODE_RESOURCE_EXHAUSTED: GrpcCode
GRPC_CODE_FAILED_PRECONDITION: GrpcCode
GRPC_CODE_ABORTED: GrpcCode
GRPC_CODE_OUT_OF_RANGE: GrpcCode
GRPC_CODE_UNIMPLEMENTED: GrpcCode
GRPC_CODE_INTERNAL: GrpcCode
GRPC_CODE_UNAVAILABLE: GrpcCode
GRPC_CODE_DATA_LOSS: GrpcCode
GRPC_CODE_UNAUTHENTICATED: GrpcCode
ROW_FIELD_NUMBER: _ClassVar[int]
row: _descriptor.FieldDescriptor
UNLISTED_FIELD_NUMBER: _ClassVar[int]
unlisted: _descriptor.FieldDescriptor
SUCCESS_FIELD_NUMBER: _ClassVar[int]
success: _descriptor.FieldDescriptor
ERRORS_FIELD_NUMBER: _ClassVar[int]
errors: _descriptor.FieldDescriptor

class Row(_message.Message):
    __slots__ = ("grpc_code", "mapped_codes", "meaning")
    GRPC_CODE_FIELD_NUMBER: _ClassVar[int]
    MAPPED_CODES_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    grpc_code: GrpcCode
    mapped_codes: _containers.RepeatedScalarFieldContainer[GrpcCode]
    meaning: str
    def __init__(self, grpc_code: _Optional[_Union[GrpcCode, str]] = ..., mapped_codes: _Optional[_Iterable[_Union[GrpcCode, str]]] = ..., meaning: _Optional[str] = ...) -> None: ...

class UnlistedStatus(_message.Message):
    __slots__ = ("status", "grpc_code")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GRPC_CODE_FIELD_NUMBER: _ClassVar[int]
    status: int
    grpc_code: GrpcCode
    def __init__(self, status: _Optional[int] = ..., grpc_code: _Optional[_Union[GrpcCode, str]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "message", "details")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    details: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., details: _Optional[str] = ...) -> None: ...
