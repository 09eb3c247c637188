"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.catchErrors = catchErrors;
exports.setHttpStatus = setHttpStatus;
exports.toConnectError = toConnectError;
/**
 * Errors and success statuses of a service on @connectrpc/connect.
 *
 * @module
 */
const protobuf_1 = require("@bufbuild/protobuf");
const connect_1 = require("@connectrpc/connect");
const failures_js_1 = require("./failures.js");
const statusError_js_1 = require("./statusError.js");
const table_js_1 = require("./table.js");
const trailers_js_1 = require("./trailers.js");
/**
 * Returns an interceptor for the `interceptors` of a router or an adapter. Methods may then throw StatusError.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError or a ConnectError. Errors of
 * Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken connections, and any other error
 * as UNKNOWN. No status has more than 4 KiB of trailers.
 */
function catchErrors(options = {}) {
    return (next) => async (request) => {
        const method = `/${request.service.typeName}/${request.method.name}`;
        try {
            const response = await next(request);
            return response.stream ? { ...response, message: watched(response.message, method, options) } : response;
        }
        catch (error) {
            throw failure(method, error, options);
        }
    };
}
/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. The last call wins. Throws a RangeError for a status outside 200..299.
 */
function setHttpStatus(context, httpStatus) {
    context.responseHeader.set(...(0, table_js_1.successMetadata)(httpStatus));
}
/** Returns the error for a method to throw, for a router without the interceptor. */
function toConnectError(error) {
    const metadata = error.challenge === "" ? undefined : { "www-authenticate": error.challenge };
    return connectError((0, trailers_js_1.encode)(error, messageSize), error, metadata);
}
async function* watched(messages, method, options) {
    try {
        yield* messages;
    }
    catch (error) {
        throw failure(method, error, options);
    }
}
function failure(method, error, options) {
    const carrier = (0, statusError_js_1.findCause)(error, (cause) => (0, statusError_js_1.isStatusError)(cause) || cause instanceof connect_1.ConnectError);
    (0, failures_js_1.observe)(options, method, error, carrier !== undefined);
    if (carrier instanceof connect_1.ConnectError) {
        return fitting(carrier, error);
    }
    if (carrier && (0, statusError_js_1.isStatusError)(carrier)) {
        return toConnectError(carrier);
    }
    const { code, message } = (0, failures_js_1.unexpected)(error, options);
    return connectError((0, trailers_js_1.fit)((0, trailers_js_1.partsOf)(code, message, []), messageSize), error);
}
/** Shrinks an error that a method made itself, if it is larger than clients accept. */
function fitting(error, cause) {
    const details = error.details.map((detail) => "desc" in detail
        ? { type: detail.desc.typeName, value: (0, protobuf_1.toBinary)(detail.desc, (0, protobuf_1.create)(detail.desc, detail.value)) }
        : detail);
    return connectError((0, trailers_js_1.fit)((0, trailers_js_1.partsOf)(error.code, error.rawMessage, details), messageSize), cause, error.metadata);
}
function connectError(parts, cause, metadata) {
    const error = new connect_1.ConnectError(parts.message, parts.code, metadata, undefined, cause);
    error.details = (0, trailers_js_1.allDetails)(parts);
    return error;
}
// Connect encodes a message with encodeURIComponent, which escapes more characters than gRPC asks for.
const messageSize = (message) => encodeURIComponent(message).length;
