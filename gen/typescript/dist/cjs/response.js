"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.fromResponse = fromResponse;
const body_js_1 = require("./body.js");
const retryAfter_js_1 = require("./retryAfter.js");
const statusError_js_1 = require("./statusError.js");
const text_js_1 = require("./text.js");
const shown = 2048; // bytes of a body in the cause
/**
 * Reads a response of the REST API. Returns undefined for a 2xx, and otherwise the error with exactly that status.
 *
 * The message and the details come from the documented body, or from google.rpc.Status, as grpc-gateway, Google APIs,
 * Connect and Twirp send it. A Status of Kubernetes, problem details (RFC 9457), and a member "message", "error" or "detail"
 * are read as well. Under a 5xx, only the documented body and the texts that a service attached for clients count. The cause
 * shows any other body to logs.
 *
 * Retry-After is in `retryAfter`, and the gRPC code in `grpcCode`. Pass 0 as the status to read the last message of a
 * stream, `{"error":{…}}`, whose status is in the body.
 *
 * The function never throws because of the response.
 */
function fromResponse(status, headers = {}, body = "") {
    if (status >= 200 && status <= 299) {
        return undefined;
    }
    const found = (0, body_js_1.readBody)(status, header(headers, "content-type"), body);
    const retryAfter = (0, retryAfter_js_1.readDelay)(header(headers, "retry-after"), header(headers, "date")) ?? found.retryAfter;
    const text = found.isComplete ? "" : show(body);
    return new statusError_js_1.StatusError(found.httpStatus, found.message, {
        details: found.details,
        ...(retryAfter !== undefined && { retryAfter }),
        ...(found.grpcCode !== undefined && { grpcCode: found.grpcCode }),
        ...(text !== "" && { cause: new Error(`the response was ${status} with ${JSON.stringify(text)}`) }),
    });
}
/** Returns the first value of a header. */
function header(headers, name) {
    if (headers === null) {
        return "";
    }
    const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
    const value = entries.find(([key]) => key.toLowerCase() === name)?.[1];
    return typeof value === "string" ? value : (value?.[0] ?? "");
}
function show(body) {
    return (0, text_js_1.cut)(typeof body === "string" ? body : new TextDecoder().decode(body ?? new Uint8Array()), shown);
}
