import type { GenEnum, GenExtension, GenFile, GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { EnumOptions, EnumValueOptions, MethodOptions } from "@bufbuild/protobuf/wkt";
import type { Message } from "@bufbuild/protobuf";
/**
 * Describes the file statusbridge/v1/statusbridge.proto.
 */
export declare const file_statusbridge_v1_statusbridge: GenFile;
/**
 * Row maps one documented status to gRPC and back.
 *
 * @generated from message statusbridge.v1.Row
 */
export type Row = Message<"statusbridge.v1.Row"> & {
    /**
     * The gRPC code that a client reads for this status.
     *
     * @generated from field: statusbridge.v1.GrpcCode grpc_code = 1;
     */
    grpcCode: GrpcCode;
    /**
     * The gRPC codes that map to this status. The list is empty if a service or the gateway chooses the status.
     *
     * @generated from field: repeated statusbridge.v1.GrpcCode mapped_codes = 2;
     */
    mappedCodes: GrpcCode[];
    /**
     * The documented sentence of the status. Clients read it if the error contains no message for them.
     *
     * @generated from field: string meaning = 3;
     */
    meaning: string;
};
/**
 * Describes the message statusbridge.v1.Row.
 * Use `create(RowSchema)` to create a new message.
 */
export declare const RowSchema: GenMessage<Row>;
/**
 * UnlistedStatus maps a status that is not documented to a gRPC code.
 *
 * @generated from message statusbridge.v1.UnlistedStatus
 */
export type UnlistedStatus = Message<"statusbridge.v1.UnlistedStatus"> & {
    /**
     * The HTTP status.
     *
     * @generated from field: int32 status = 1;
     */
    status: number;
    /**
     * The code that the status is read as.
     *
     * @generated from field: statusbridge.v1.GrpcCode grpc_code = 2;
     */
    grpcCode: GrpcCode;
};
/**
 * Describes the message statusbridge.v1.UnlistedStatus.
 * Use `create(UnlistedStatusSchema)` to create a new message.
 */
export declare const UnlistedStatusSchema: GenMessage<UnlistedStatus>;
/**
 * Error is the documented error body. As a status detail it carries an exact error from a service to the gateway. Most
 * errors do not need it. It is attached if the gRPC code and message cannot express the error: a status that no code
 * maps to, a `details` text, or a message for clients under a 5xx.
 *
 * @generated from message statusbridge.v1.Error
 */
export type Error = Message<"statusbridge.v1.Error"> & {
    /**
     * The HTTP status, 400..599. The gateway uses it if it is documented or allowed by an option. Otherwise the status
     * table decides. It never turns an error into a success.
     *
     * @generated from field: int32 code = 1;
     */
    code: number;
    /**
     * The text for the client. If it is empty, clients read the message of the gRPC status under a 4xx, and the
     * documented sentence under a 5xx.
     *
     * @generated from field: string message = 2;
     */
    message: string;
    /**
     * More for the client: which fields, which limits, what to do. An empty text is omitted from the body.
     *
     * @generated from field: string details = 3;
     */
    details: string;
};
/**
 * Describes the message statusbridge.v1.Error.
 * Use `create(ErrorSchema)` to create a new message.
 */
export declare const ErrorSchema: GenMessage<Error>;
/**
 * HttpStatus is the status table: the fourteen documented statuses, each with its row. An enum number is the status
 * itself.
 *
 * Two rules complete the table. They follow RFC 9110 section 15 and need no rows:
 *
 *   - A status that is neither a value of this enum nor listed in `unlisted` is read as the x00 status of its class. A
 *     status outside 2xx, 4xx and 5xx is read as UNKNOWN.
 *   - A code that no row lists maps to 500.
 *
 * A status outside 200..299 is never OK, in either direction.
 *
 * @generated from enum statusbridge.v1.HttpStatus
 */
export declare enum HttpStatus {
    /**
     * No status was chosen.
     *
     * @generated from enum value: HTTP_STATUS_UNSPECIFIED = 0;
     */
    UNSPECIFIED = 0,
    /**
     * 200 OK.
     *
     * @generated from enum value: HTTP_STATUS_OK = 200;
     */
    OK = 200,
    /**
     * 202 Accepted. No gRPC code maps to 202. A service chooses it, for a call or with the `success` option.
     *
     * @generated from enum value: HTTP_STATUS_ACCEPTED = 202;
     */
    ACCEPTED = 202,
    /**
     * 204 No Content. Chosen by a service, like 202.
     *
     * @generated from enum value: HTTP_STATUS_NO_CONTENT = 204;
     */
    NO_CONTENT = 204,
    /**
     * 400 Bad Request.
     *
     * @generated from enum value: HTTP_STATUS_BAD_REQUEST = 400;
     */
    BAD_REQUEST = 400,
    /**
     * 401 Unauthorized.
     *
     * @generated from enum value: HTTP_STATUS_UNAUTHORIZED = 401;
     */
    UNAUTHORIZED = 401,
    /**
     * 403 Forbidden.
     *
     * @generated from enum value: HTTP_STATUS_FORBIDDEN = 403;
     */
    FORBIDDEN = 403,
    /**
     * 404 Not Found.
     *
     * @generated from enum value: HTTP_STATUS_NOT_FOUND = 404;
     */
    NOT_FOUND = 404,
    /**
     * 405 Method Not Allowed. No gRPC code maps to 405. A service or the routing chooses it.
     *
     * @generated from enum value: HTTP_STATUS_METHOD_NOT_ALLOWED = 405;
     */
    METHOD_NOT_ALLOWED = 405,
    /**
     * 409 Conflict. FAILED_PRECONDITION maps to 409 and not to 400: google/rpc/code.proto says that the state of the
     * system prevents the operation, and the documented sentence of 409 says the same.
     *
     * @generated from enum value: HTTP_STATUS_CONFLICT = 409;
     */
    CONFLICT = 409,
    /**
     * 500 Internal Server Error. Undefined codes map to it as well.
     *
     * @generated from enum value: HTTP_STATUS_INTERNAL_SERVER_ERROR = 500;
     */
    INTERNAL_SERVER_ERROR = 500,
    /**
     * 501 Not Implemented.
     *
     * @generated from enum value: HTTP_STATUS_NOT_IMPLEMENTED = 501;
     */
    NOT_IMPLEMENTED = 501,
    /**
     * 502 Bad Gateway. A service chooses it, or a gateway that could not read the reply of the upstream.
     *
     * @generated from enum value: HTTP_STATUS_BAD_GATEWAY = 502;
     */
    BAD_GATEWAY = 502,
    /**
     * 503 Service Unavailable. 429 and 499 are not documented, so RESOURCE_EXHAUSTED and CANCELLED map to 503.
     *
     * @generated from enum value: HTTP_STATUS_SERVICE_UNAVAILABLE = 503;
     */
    SERVICE_UNAVAILABLE = 503,
    /**
     * 504 Gateway Timeout.
     *
     * @generated from enum value: HTTP_STATUS_GATEWAY_TIMEOUT = 504;
     */
    GATEWAY_TIMEOUT = 504
}
/**
 * Describes the enum statusbridge.v1.HttpStatus.
 */
export declare const HttpStatusSchema: GenEnum<HttpStatus>;
/**
 * GrpcCode names the gRPC status codes with the numbers of google.rpc.Code. This file depends on descriptor.proto
 * alone, so it does not import that enum. A test compares the two.
 *
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 *
 * @generated from enum statusbridge.v1.GrpcCode
 */
export declare enum GrpcCode {
    /**
     * Not an error.
     * The zero of google.rpc.Code is OK, and the numbers are the wire's:
     * buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX
     *
     * @generated from enum value: GRPC_CODE_OK = 0;
     */
    OK = 0,
    /**
     * The operation was cancelled.
     *
     * @generated from enum value: GRPC_CODE_CANCELLED = 1;
     */
    CANCELLED = 1,
    /**
     * The sender knows no better code for the error.
     *
     * @generated from enum value: GRPC_CODE_UNKNOWN = 2;
     */
    UNKNOWN = 2,
    /**
     * An argument is wrong in every state of the system.
     *
     * @generated from enum value: GRPC_CODE_INVALID_ARGUMENT = 3;
     */
    INVALID_ARGUMENT = 3,
    /**
     * The deadline passed first.
     *
     * @generated from enum value: GRPC_CODE_DEADLINE_EXCEEDED = 4;
     */
    DEADLINE_EXCEEDED = 4,
    /**
     * A requested entity does not exist.
     *
     * @generated from enum value: GRPC_CODE_NOT_FOUND = 5;
     */
    NOT_FOUND = 5,
    /**
     * An entity to be created exists already.
     *
     * @generated from enum value: GRPC_CODE_ALREADY_EXISTS = 6;
     */
    ALREADY_EXISTS = 6,
    /**
     * The caller is authenticated but not authorized.
     *
     * @generated from enum value: GRPC_CODE_PERMISSION_DENIED = 7;
     */
    PERMISSION_DENIED = 7,
    /**
     * A quota or another resource is used up.
     *
     * @generated from enum value: GRPC_CODE_RESOURCE_EXHAUSTED = 8;
     */
    RESOURCE_EXHAUSTED = 8,
    /**
     * The state of the system does not allow the operation.
     *
     * @generated from enum value: GRPC_CODE_FAILED_PRECONDITION = 9;
     */
    FAILED_PRECONDITION = 9,
    /**
     * A concurrent operation conflicts with this one.
     *
     * @generated from enum value: GRPC_CODE_ABORTED = 10;
     */
    ABORTED = 10,
    /**
     * The operation went past the valid range.
     *
     * @generated from enum value: GRPC_CODE_OUT_OF_RANGE = 11;
     */
    OUT_OF_RANGE = 11,
    /**
     * The server does not implement the operation.
     *
     * @generated from enum value: GRPC_CODE_UNIMPLEMENTED = 12;
     */
    UNIMPLEMENTED = 12,
    /**
     * An invariant is broken.
     *
     * @generated from enum value: GRPC_CODE_INTERNAL = 13;
     */
    INTERNAL = 13,
    /**
     * The service is temporarily unavailable. A retry may help.
     *
     * @generated from enum value: GRPC_CODE_UNAVAILABLE = 14;
     */
    UNAVAILABLE = 14,
    /**
     * Data is lost or corrupted for good.
     *
     * @generated from enum value: GRPC_CODE_DATA_LOSS = 15;
     */
    DATA_LOSS = 15,
    /**
     * The caller's credentials are missing or invalid.
     *
     * @generated from enum value: GRPC_CODE_UNAUTHENTICATED = 16;
     */
    UNAUTHENTICATED = 16
}
/**
 * Describes the enum statusbridge.v1.GrpcCode.
 */
export declare const GrpcCodeSchema: GenEnum<GrpcCode>;
/**
 * The row of a documented status. All extension numbers in this file are from the range that descriptor.proto
 * reserves for use inside individual organisations.
 *
 * @generated from extension: statusbridge.v1.Row row = 84053;
 */
export declare const row: GenExtension<EnumValueOptions, Row>;
/**
 * The undocumented statuses that are not read as the code of their class.
 *
 * @generated from extension: repeated statusbridge.v1.UnlistedStatus unlisted = 84053;
 */
export declare const unlisted: GenExtension<EnumOptions, UnlistedStatus[]>;
/**
 * The status of a successful call, for methods that always succeed with the same status:
 *
 *   rpc SuspendWorkspace(SuspendWorkspaceRequest) returns (SuspendWorkspaceResponse) {
 *     option (statusbridge.v1.success) = HTTP_STATUS_ACCEPTED;
 *   }
 *
 * A status that the service sets for one call wins over the declaration.
 *
 * @generated from extension: statusbridge.v1.HttpStatus success = 84053;
 */
export declare const success: GenExtension<MethodOptions, HttpStatus>;
/**
 * The documented errors of the method. OpenAPI documents and contract tests read the list. The gateway ignores it.
 *
 *   rpc GetWorkspace(GetWorkspaceRequest) returns (Workspace) {
 *     option (statusbridge.v1.errors) = HTTP_STATUS_NOT_FOUND;
 *     option (statusbridge.v1.errors) = HTTP_STATUS_FORBIDDEN;
 *   }
 *
 * @generated from extension: repeated statusbridge.v1.HttpStatus errors = 84054;
 */
export declare const errors: GenExtension<MethodOptions, HttpStatus[]>;
