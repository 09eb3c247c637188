"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.unexpected = unexpected;
exports.observe = observe;
const statusbridge_pb_js_1 = require("./generated/statusbridge/v1/statusbridge_pb.js");
const statusError_js_1 = require("./statusError.js");
const table_js_1 = require("./table.js");
const text_js_1 = require("./text.js");
// The errors of Node.js and of fetch that have a meaning without a status.
const meanings = {
    AbortError: statusbridge_pb_js_1.GrpcCode.CANCELLED,
    ECONNREFUSED: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
    ECONNRESET: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
    EAI_AGAIN: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
    ENOTFOUND: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
    EPIPE: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
    ETIMEDOUT: statusbridge_pb_js_1.GrpcCode.DEADLINE_EXCEEDED,
    TimeoutError: statusbridge_pb_js_1.GrpcCode.DEADLINE_EXCEEDED,
    UND_ERR_CONNECT_TIMEOUT: statusbridge_pb_js_1.GrpcCode.DEADLINE_EXCEEDED,
    UND_ERR_HEADERS_TIMEOUT: statusbridge_pb_js_1.GrpcCode.DEADLINE_EXCEEDED,
    UND_ERR_BODY_TIMEOUT: statusbridge_pb_js_1.GrpcCode.DEADLINE_EXCEEDED,
    UND_ERR_SOCKET: statusbridge_pb_js_1.GrpcCode.UNAVAILABLE,
};
/** Returns the code and the message that are sent for an error without a status. */
function unexpected(error, { hideUnexpected }) {
    const known = (0, statusError_js_1.findCause)(error, (cause) => meaningOf(cause) !== undefined);
    const code = (known && meaningOf(known)) ?? statusbridge_pb_js_1.GrpcCode.UNKNOWN;
    return { code, message: hideUnexpected ? (0, table_js_1.meaning)((0, table_js_1.httpStatus)(code)) : textOf(error) };
}
/** Calls the observer. */
function observe({ observer }, method, error, isExpected) {
    try {
        if (observer) {
            observer(method, error);
        }
        else if (!isExpected) {
            console.error(`${method} failed`, error);
        }
    }
    catch (failure) {
        console.error(`the observer of ${method} failed`, failure);
    }
}
function meaningOf(cause) {
    const { code, name } = cause;
    return [code, name].map((key) => (typeof key === "string" && Object.hasOwn(meanings, key) ? meanings[key] : undefined))
        .find((found) => found !== undefined);
}
function textOf(error) {
    try {
        return (0, text_js_1.wellFormed)(error instanceof Error ? error.message || error.name : String(error));
    }
    catch {
        return "an error without a text";
    }
}
