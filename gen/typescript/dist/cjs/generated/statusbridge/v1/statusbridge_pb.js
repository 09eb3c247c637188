"use strict";
// The contract, as data: the HTTP statuses that NVIDIA Run:ai documents for its REST API, and their gRPC status codes.
// The generated code of every language contains this status table in its descriptor, so nobody has to copy it.
//
// The documented statuses:
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
Object.defineProperty(exports, "__esModule", { value: true });
exports.errors = exports.success = exports.unlisted = exports.row = exports.GrpcCodeSchema = exports.GrpcCode = exports.HttpStatusSchema = exports.HttpStatus = exports.ErrorSchema = exports.UnlistedStatusSchema = exports.RowSchema = exports.file_statusbridge_v1_statusbridge = void 0;
const codegenv2_1 = require("@bufbuild/protobuf/codegenv2");
const wkt_1 = require("@bufbuild/protobuf/wkt");
/**
 * Describes the file statusbridge/v1/statusbridge.proto.
 */
exports.file_statusbridge_v1_statusbridge = (0, codegenv2_1.fileDesc)("CiJzdGF0dXNicmlkZ2UvdjEvc3RhdHVzYnJpZGdlLnByb3RvEg9zdGF0dXNicmlkZ2UudjEidQoDUm93EiwKCWdycGNfY29kZRgBIAEoDjIZLnN0YXR1c2JyaWRnZS52MS5HcnBjQ29kZRIvCgxtYXBwZWRfY29kZXMYAiADKA4yGS5zdGF0dXNicmlkZ2UudjEuR3JwY0NvZGUSDwoHbWVhbmluZxgDIAEoCSJOCg5Vbmxpc3RlZFN0YXR1cxIOCgZzdGF0dXMYASABKAUSLAoJZ3JwY19jb2RlGAIgASgOMhkuc3RhdHVzYnJpZGdlLnYxLkdycGNDb2RlIjcKBUVycm9yEgwKBGNvZGUYASABKAUSDwoHbWVzc2FnZRgCIAEoCRIPCgdkZXRhaWxzGAMgASgJKtcKCgpIdHRwU3RhdHVzEhsKF0hUVFBfU1RBVFVTX1VOU1BFQ0lGSUVEEAASNAoOSFRUUF9TVEFUVVNfT0sQyAEaH6qFKRsSAQAaFlRoZSByZXF1ZXN0IHN1Y2NlZWRlZC4SVwoUSFRUUF9TVEFUVVNfQUNDRVBURUQQygEaPKqFKTgaNlRoZSByZXF1ZXN0IHdhcyBhY2NlcHRlZCBidXQgaXMgc3RpbGwgYmVpbmcgcHJvY2Vzc2VkLhJaChZIVFRQX1NUQVRVU19OT19DT05URU5UEMwBGj2qhSk5GjdUaGUgcmVxdWVzdCBzdWNjZWVkZWQgYW5kIG5vIHJlc3BvbnNlIGJvZHkgaXMgcmV0dXJuZWQuEkEKF0hUVFBfU1RBVFVTX0JBRF9SRVFVRVNUEJADGiOqhSkfCAMSAgMLGhdUaGUgcmVxdWVzdCBpcyBpbnZhbGlkLhJAChhIVFRQX1NUQVRVU19VTkFVVEhPUklaRUQQkQMaIaqFKR0IEBIBEBoWQXV0aGVudGljYXRpb24gZmFpbGVkLhJWChVIVFRQX1NUQVRVU19GT1JCSURERU4QkwMaOqqFKTYIBxIBBxovVGhlIGNhbGxlciBpcyBhdXRoZW50aWNhdGVkIGJ1dCBub3QgYXV0aG9yaXplZC4STQoVSFRUUF9TVEFUVVNfTk9UX0ZPVU5EEJQDGjGqhSktCAUSAQUaJlRoZSByZXF1ZXN0ZWQgcmVzb3VyY2UgZG9lcyBub3QgZXhpc3QuElkKHkhUVFBfU1RBVFVTX01FVEhPRF9OT1RfQUxMT1dFRBCVAxo0qoUpMAgMGixUaGUgbWV0aG9kIGlzIG5vdCBhbGxvd2VkIGZvciB0aGlzIGVuZHBvaW50LhJeChRIVFRQX1NUQVRVU19DT05GTElDVBCZAxpDqoUpPwgKEgMKBgkaNlRoZSByZXF1ZXN0IGNvbmZsaWN0cyB3aXRoIHRoZSBjdXJyZW50IHJlc291cmNlIHN0YXRlLhJZCiFIVFRQX1NUQVRVU19JTlRFUk5BTF9TRVJWRVJfRVJST1IQ9AMaMaqFKS0IDRIDDQIPGiRBbiB1bmV4cGVjdGVkIHNlcnZlciBlcnJvciBvY2N1cnJlZC4SZQobSFRUUF9TVEFUVVNfTk9UX0lNUExFTUVOVEVEEPUDGkOqhSk/CAwSAQwaOFRoZSBzZXJ2ZXIgZG9lcyBub3Qgc3VwcG9ydCB0aGUgcmVxdWVzdGVkIGZ1bmN0aW9uYWxpdHkuEmgKF0hUVFBfU1RBVFVTX0JBRF9HQVRFV0FZEPYDGkqqhSlGCA4aQlRoZSBnYXRld2F5IHJlY2VpdmVkIGFuIGludmFsaWQgcmVzcG9uc2UgZnJvbSBhbiB1cHN0cmVhbSBzZXJ2aWNlLhKHAQofSFRUUF9TVEFUVVNfU0VSVklDRV9VTkFWQUlMQUJMRRD3AxphqoUpXQgOEgMOCAEaVFRoZSBzZXJ2aWNlIGlzIHRlbXBvcmFyaWx5IHVuYXZhaWxhYmxlIG9yIGFuIGludGVybmFsIHNlcnZpY2UgZGVwZW5kZW5jeSBpcyBmYWlsaW5nLhJjChtIVFRQX1NUQVRVU19HQVRFV0FZX1RJTUVPVVQQ+AMaQaqFKT0IBBIBBBo2VGhlIGdhdGV3YXkgdGltZWQgb3V0IHdhaXRpbmcgZm9yIGFuIHVwc3RyZWFtIHNlcnZpY2UuGj+qhSkFCJgDEASqhSkFCJoDEAWqhSkFCJwDEAmqhSkFCKADEAuqhSkFCKYDEAOqhSkFCK0DEAiqhSkFCPMDEAEq5QMKCEdycGNDb2RlEhAKDEdSUENfQ09ERV9PSxAAEhcKE0dSUENfQ09ERV9DQU5DRUxMRUQQARIVChFHUlBDX0NPREVfVU5LTk9XThACEh4KGkdSUENfQ09ERV9JTlZBTElEX0FSR1VNRU5UEAMSHwobR1JQQ19DT0RFX0RFQURMSU5FX0VYQ0VFREVEEAQSFwoTR1JQQ19DT0RFX05PVF9GT1VORBAFEhwKGEdSUENfQ09ERV9BTFJFQURZX0VYSVNUUxAGEh8KG0dSUENfQ09ERV9QRVJNSVNTSU9OX0RFTklFRBAHEiAKHEdSUENfQ09ERV9SRVNPVVJDRV9FWEhBVVNURUQQCBIhCh1HUlBDX0NPREVfRkFJTEVEX1BSRUNPTkRJVElPThAJEhUKEUdSUENfQ09ERV9BQk9SVEVEEAoSGgoWR1JQQ19DT0RFX09VVF9PRl9SQU5HRRALEhsKF0dSUENfQ09ERV9VTklNUExFTUVOVEVEEAwSFgoSR1JQQ19DT0RFX0lOVEVSTkFMEA0SGQoVR1JQQ19DT0RFX1VOQVZBSUxBQkxFEA4SFwoTR1JQQ19DT0RFX0RBVEFfTE9TUxAPEh0KGUdSUENfQ09ERV9VTkFVVEhFTlRJQ0FURUQQEDpLCgNyb3cSIS5nb29nbGUucHJvdG9idWYuRW51bVZhbHVlT3B0aW9ucxjVkAUgASgLMhQuc3RhdHVzYnJpZGdlLnYxLlJvd1IDcm93OlsKCHVubGlzdGVkEhwuZ29vZ2xlLnByb3RvYnVmLkVudW1PcHRpb25zGNWQBSADKAsyHy5zdGF0dXNicmlkZ2UudjEuVW5saXN0ZWRTdGF0dXNSCHVubGlzdGVkOlcKB3N1Y2Nlc3MSHi5nb29nbGUucHJvdG9idWYuTWV0aG9kT3B0aW9ucxjVkAUgASgOMhsuc3RhdHVzYnJpZGdlLnYxLkh0dHBTdGF0dXNSB3N1Y2Nlc3M6VQoGZXJyb3JzEh4uZ29vZ2xlLnByb3RvYnVmLk1ldGhvZE9wdGlvbnMY1pAFIAMoDjIbLnN0YXR1c2JyaWRnZS52MS5IdHRwU3RhdHVzUgZlcnJvcnNCfAoZaW8uZ2l0aHViLnN0YXR1c2JyaWRnZS52MUIRU3RhdHVzYnJpZGdlUHJvdG9QAVpKZ2l0aHViLmNvbS9zdGF0dXNicmlkZ2Uvc3RhdHVzYnJpZGdlL2dlbi9nby9zdGF0dXNicmlkZ2UvdjE7c3RhdHVzYnJpZGdldjFiBnByb3RvMw", [wkt_1.file_google_protobuf_descriptor]);
/**
 * Describes the message statusbridge.v1.Row.
 * Use `create(RowSchema)` to create a new message.
 */
exports.RowSchema = (0, codegenv2_1.messageDesc)(exports.file_statusbridge_v1_statusbridge, 0);
/**
 * Describes the message statusbridge.v1.UnlistedStatus.
 * Use `create(UnlistedStatusSchema)` to create a new message.
 */
exports.UnlistedStatusSchema = (0, codegenv2_1.messageDesc)(exports.file_statusbridge_v1_statusbridge, 1);
/**
 * Describes the message statusbridge.v1.Error.
 * Use `create(ErrorSchema)` to create a new message.
 */
exports.ErrorSchema = (0, codegenv2_1.messageDesc)(exports.file_statusbridge_v1_statusbridge, 2);
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
var HttpStatus;
(function (HttpStatus) {
    /**
     * No status was chosen.
     *
     * @generated from enum value: HTTP_STATUS_UNSPECIFIED = 0;
     */
    HttpStatus[HttpStatus["UNSPECIFIED"] = 0] = "UNSPECIFIED";
    /**
     * 200 OK.
     *
     * @generated from enum value: HTTP_STATUS_OK = 200;
     */
    HttpStatus[HttpStatus["OK"] = 200] = "OK";
    /**
     * 202 Accepted. No gRPC code maps to 202. A service chooses it, for a call or with the `success` option.
     *
     * @generated from enum value: HTTP_STATUS_ACCEPTED = 202;
     */
    HttpStatus[HttpStatus["ACCEPTED"] = 202] = "ACCEPTED";
    /**
     * 204 No Content. Chosen by a service, like 202.
     *
     * @generated from enum value: HTTP_STATUS_NO_CONTENT = 204;
     */
    HttpStatus[HttpStatus["NO_CONTENT"] = 204] = "NO_CONTENT";
    /**
     * 400 Bad Request.
     *
     * @generated from enum value: HTTP_STATUS_BAD_REQUEST = 400;
     */
    HttpStatus[HttpStatus["BAD_REQUEST"] = 400] = "BAD_REQUEST";
    /**
     * 401 Unauthorized.
     *
     * @generated from enum value: HTTP_STATUS_UNAUTHORIZED = 401;
     */
    HttpStatus[HttpStatus["UNAUTHORIZED"] = 401] = "UNAUTHORIZED";
    /**
     * 403 Forbidden.
     *
     * @generated from enum value: HTTP_STATUS_FORBIDDEN = 403;
     */
    HttpStatus[HttpStatus["FORBIDDEN"] = 403] = "FORBIDDEN";
    /**
     * 404 Not Found.
     *
     * @generated from enum value: HTTP_STATUS_NOT_FOUND = 404;
     */
    HttpStatus[HttpStatus["NOT_FOUND"] = 404] = "NOT_FOUND";
    /**
     * 405 Method Not Allowed. No gRPC code maps to 405. A service or the routing chooses it.
     *
     * @generated from enum value: HTTP_STATUS_METHOD_NOT_ALLOWED = 405;
     */
    HttpStatus[HttpStatus["METHOD_NOT_ALLOWED"] = 405] = "METHOD_NOT_ALLOWED";
    /**
     * 409 Conflict. FAILED_PRECONDITION maps to 409 and not to 400: google/rpc/code.proto says that the state of the
     * system prevents the operation, and the documented sentence of 409 says the same.
     *
     * @generated from enum value: HTTP_STATUS_CONFLICT = 409;
     */
    HttpStatus[HttpStatus["CONFLICT"] = 409] = "CONFLICT";
    /**
     * 500 Internal Server Error. Undefined codes map to it as well.
     *
     * @generated from enum value: HTTP_STATUS_INTERNAL_SERVER_ERROR = 500;
     */
    HttpStatus[HttpStatus["INTERNAL_SERVER_ERROR"] = 500] = "INTERNAL_SERVER_ERROR";
    /**
     * 501 Not Implemented.
     *
     * @generated from enum value: HTTP_STATUS_NOT_IMPLEMENTED = 501;
     */
    HttpStatus[HttpStatus["NOT_IMPLEMENTED"] = 501] = "NOT_IMPLEMENTED";
    /**
     * 502 Bad Gateway. A service chooses it, or a gateway that could not read the reply of the upstream.
     *
     * @generated from enum value: HTTP_STATUS_BAD_GATEWAY = 502;
     */
    HttpStatus[HttpStatus["BAD_GATEWAY"] = 502] = "BAD_GATEWAY";
    /**
     * 503 Service Unavailable. 429 and 499 are not documented, so RESOURCE_EXHAUSTED and CANCELLED map to 503.
     *
     * @generated from enum value: HTTP_STATUS_SERVICE_UNAVAILABLE = 503;
     */
    HttpStatus[HttpStatus["SERVICE_UNAVAILABLE"] = 503] = "SERVICE_UNAVAILABLE";
    /**
     * 504 Gateway Timeout.
     *
     * @generated from enum value: HTTP_STATUS_GATEWAY_TIMEOUT = 504;
     */
    HttpStatus[HttpStatus["GATEWAY_TIMEOUT"] = 504] = "GATEWAY_TIMEOUT";
})(HttpStatus || (exports.HttpStatus = HttpStatus = {}));
/**
 * Describes the enum statusbridge.v1.HttpStatus.
 */
exports.HttpStatusSchema = (0, codegenv2_1.enumDesc)(exports.file_statusbridge_v1_statusbridge, 0);
/**
 * GrpcCode names the gRPC status codes with the numbers of google.rpc.Code. This file depends on descriptor.proto
 * alone, so it does not import that enum. A test compares the two.
 *
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 *
 * @generated from enum statusbridge.v1.GrpcCode
 */
var GrpcCode;
(function (GrpcCode) {
    /**
     * Not an error.
     * The zero of google.rpc.Code is OK, and the numbers are the wire's:
     * buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX
     *
     * @generated from enum value: GRPC_CODE_OK = 0;
     */
    GrpcCode[GrpcCode["OK"] = 0] = "OK";
    /**
     * The operation was cancelled.
     *
     * @generated from enum value: GRPC_CODE_CANCELLED = 1;
     */
    GrpcCode[GrpcCode["CANCELLED"] = 1] = "CANCELLED";
    /**
     * The sender knows no better code for the error.
     *
     * @generated from enum value: GRPC_CODE_UNKNOWN = 2;
     */
    GrpcCode[GrpcCode["UNKNOWN"] = 2] = "UNKNOWN";
    /**
     * An argument is wrong in every state of the system.
     *
     * @generated from enum value: GRPC_CODE_INVALID_ARGUMENT = 3;
     */
    GrpcCode[GrpcCode["INVALID_ARGUMENT"] = 3] = "INVALID_ARGUMENT";
    /**
     * The deadline passed first.
     *
     * @generated from enum value: GRPC_CODE_DEADLINE_EXCEEDED = 4;
     */
    GrpcCode[GrpcCode["DEADLINE_EXCEEDED"] = 4] = "DEADLINE_EXCEEDED";
    /**
     * A requested entity does not exist.
     *
     * @generated from enum value: GRPC_CODE_NOT_FOUND = 5;
     */
    GrpcCode[GrpcCode["NOT_FOUND"] = 5] = "NOT_FOUND";
    /**
     * An entity to be created exists already.
     *
     * @generated from enum value: GRPC_CODE_ALREADY_EXISTS = 6;
     */
    GrpcCode[GrpcCode["ALREADY_EXISTS"] = 6] = "ALREADY_EXISTS";
    /**
     * The caller is authenticated but not authorized.
     *
     * @generated from enum value: GRPC_CODE_PERMISSION_DENIED = 7;
     */
    GrpcCode[GrpcCode["PERMISSION_DENIED"] = 7] = "PERMISSION_DENIED";
    /**
     * A quota or another resource is used up.
     *
     * @generated from enum value: GRPC_CODE_RESOURCE_EXHAUSTED = 8;
     */
    GrpcCode[GrpcCode["RESOURCE_EXHAUSTED"] = 8] = "RESOURCE_EXHAUSTED";
    /**
     * The state of the system does not allow the operation.
     *
     * @generated from enum value: GRPC_CODE_FAILED_PRECONDITION = 9;
     */
    GrpcCode[GrpcCode["FAILED_PRECONDITION"] = 9] = "FAILED_PRECONDITION";
    /**
     * A concurrent operation conflicts with this one.
     *
     * @generated from enum value: GRPC_CODE_ABORTED = 10;
     */
    GrpcCode[GrpcCode["ABORTED"] = 10] = "ABORTED";
    /**
     * The operation went past the valid range.
     *
     * @generated from enum value: GRPC_CODE_OUT_OF_RANGE = 11;
     */
    GrpcCode[GrpcCode["OUT_OF_RANGE"] = 11] = "OUT_OF_RANGE";
    /**
     * The server does not implement the operation.
     *
     * @generated from enum value: GRPC_CODE_UNIMPLEMENTED = 12;
     */
    GrpcCode[GrpcCode["UNIMPLEMENTED"] = 12] = "UNIMPLEMENTED";
    /**
     * An invariant is broken.
     *
     * @generated from enum value: GRPC_CODE_INTERNAL = 13;
     */
    GrpcCode[GrpcCode["INTERNAL"] = 13] = "INTERNAL";
    /**
     * The service is temporarily unavailable. A retry may help.
     *
     * @generated from enum value: GRPC_CODE_UNAVAILABLE = 14;
     */
    GrpcCode[GrpcCode["UNAVAILABLE"] = 14] = "UNAVAILABLE";
    /**
     * Data is lost or corrupted for good.
     *
     * @generated from enum value: GRPC_CODE_DATA_LOSS = 15;
     */
    GrpcCode[GrpcCode["DATA_LOSS"] = 15] = "DATA_LOSS";
    /**
     * The caller's credentials are missing or invalid.
     *
     * @generated from enum value: GRPC_CODE_UNAUTHENTICATED = 16;
     */
    GrpcCode[GrpcCode["UNAUTHENTICATED"] = 16] = "UNAUTHENTICATED";
})(GrpcCode || (exports.GrpcCode = GrpcCode = {}));
/**
 * Describes the enum statusbridge.v1.GrpcCode.
 */
exports.GrpcCodeSchema = (0, codegenv2_1.enumDesc)(exports.file_statusbridge_v1_statusbridge, 1);
/**
 * The row of a documented status. All extension numbers in this file are from the range that descriptor.proto
 * reserves for use inside individual organisations.
 *
 * @generated from extension: statusbridge.v1.Row row = 84053;
 */
exports.row = (0, codegenv2_1.extDesc)(exports.file_statusbridge_v1_statusbridge, 0);
/**
 * The undocumented statuses that are not read as the code of their class.
 *
 * @generated from extension: repeated statusbridge.v1.UnlistedStatus unlisted = 84053;
 */
exports.unlisted = (0, codegenv2_1.extDesc)(exports.file_statusbridge_v1_statusbridge, 1);
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
exports.success = (0, codegenv2_1.extDesc)(exports.file_statusbridge_v1_statusbridge, 2);
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
exports.errors = (0, codegenv2_1.extDesc)(exports.file_statusbridge_v1_statusbridge, 3);
