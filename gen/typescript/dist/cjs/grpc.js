"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.catchErrors = catchErrors;
exports.setHttpStatus = setHttpStatus;
exports.toServiceError = toServiceError;
/**
 * Errors and success statuses of a service on @grpc/grpc-js.
 *
 * @module
 */
const grpc_js_1 = require("@grpc/grpc-js");
const failures_js_1 = require("./failures.js");
const statusError_js_1 = require("./statusError.js");
const table_js_1 = require("./table.js");
const trailers_js_1 = require("./trailers.js");
/**
 * Wraps an implementation for `server.addService(definition, catchErrors(implementation))`. Its methods may throw
 * StatusError or pass it to their callback, and may be async: an error that such a method throws is sent to the caller. A
 * unary method may also return its response.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError, or the error of a call to
 * another service. Errors of Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken
 * connections, and any other error as UNKNOWN. No status has more than 4 KiB of trailers.
 */
function catchErrors(implementation, options = {}) {
    return new Proxy(implementation, {
        get(target, name) {
            const method = Reflect.get(target, name, target);
            return typeof method === "function" ? wrap(method, target, options) : method;
        },
    });
}
/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. In methods of catchErrors with a single request, the last call wins, before and after
 * metadata of your own. Otherwise @grpc/grpc-js sends metadata once and ignores later calls. Throws a RangeError for a
 * status outside 200..299.
 */
function setHttpStatus(call, httpStatus) {
    const metadata = new grpc_js_1.Metadata();
    metadata.set(...(0, table_js_1.successMetadata)(httpStatus));
    call.sendMetadata(metadata);
}
/**
 * Returns the error for the callback of a method, for a service without catchErrors. A stream emits it as its "error".
 */
function toServiceError(error) {
    return serviceError((0, trailers_js_1.encode)(error), challengeOf(error));
}
function wrap(method, target, options) {
    return (call, callback) => {
        const release = "request" in call ? holdMetadata(call) : nothing;
        const emit = call.emit.bind(call);
        const failed = (error, trailers) => failure(call.getPath(), error, trailers, options);
        if (callback) {
            let answered = false;
            const answer = (error, value, trailers, flags) => {
                if (!answered) {
                    answered = true;
                    release();
                    callback(error ? failed(error, trailers) : null, value, error ? undefined : trailers, flags);
                }
            };
            call.emit = (event, ...values) => attempt(() => emit(event, ...values), answer);
            run(() => method.call(target, call, answer), answer, (response) => answer(null, response));
        }
        else {
            catchStreamErrors(call, release, failed);
            run(() => method.call(target, call), (error) => call.emit("error", error), nothing);
        }
    };
}
const nothing = () => undefined;
/** Runs a method. An async method that resolves to a value has returned its response. */
function run(method, fail, succeed) {
    attempt(() => {
        const result = method();
        if (typeof result?.then === "function") {
            result.then((response) => {
                if (response !== undefined) {
                    succeed(response);
                }
            }, (error) => fail(present(error)));
        }
        return true;
    }, fail);
}
/** Runs a function, and reports what it throws. An exception of a listener would end the process. */
function attempt(run, fail) {
    try {
        return run();
    }
    catch (error) {
        fail(present(error));
        return true;
    }
}
/** Returns an error for a value that a callback takes for a success: null, 0 and the like. */
const present = (error) => error || new Error(`the method failed with ${String(error)}`);
/** Collects metadata until the first message. The last success status counts. */
function holdMetadata(call) {
    const send = call.sendMetadata.bind(call);
    let held = new grpc_js_1.Metadata();
    let used = false;
    call.sendMetadata = (metadata) => {
        if (held === undefined) {
            throw new Error("the metadata of the call has been sent");
        }
        if (metadata.get(table_js_1.statusKey).length > 0) {
            held.remove(table_js_1.statusKey);
        }
        held.merge(metadata);
        used = true;
    };
    return () => {
        const metadata = held;
        held = undefined;
        if (metadata && used) {
            send(metadata);
        }
    };
}
/** Converts the errors that a stream emits, and releases its metadata with the first message. */
function catchStreamErrors(call, release, failed) {
    const emit = call.emit.bind(call);
    const destroy = call.destroy.bind(call);
    const write = call.write?.bind(call);
    const end = call.end?.bind(call);
    let ended = false;
    call.emit = (event, ...values) => {
        if (event !== "error") {
            return attempt(() => emit(event, ...values), (error) => call.emit("error", error));
        }
        if (ended) {
            return true;
        }
        ended = true;
        release();
        return emit(event, failed(values[0]));
    };
    // A stream that is destroyed would never send its status.
    call.destroy = (error) => (error ? call.emit("error", error) : destroy());
    if (write && end) {
        call.write = (...values) => {
            release();
            return write(...values);
        };
        call.end = (...values) => {
            release();
            return end(...values);
        };
    }
}
/** Returns the error that is sent for what a method threw. */
function failure(method, error, trailers, options) {
    const carrier = (0, statusError_js_1.findCause)(error, (cause) => (0, statusError_js_1.isStatusError)(cause) || hasStatus(cause));
    (0, failures_js_1.observe)(options, method, error, carrier !== undefined);
    const kept = trailers?.clone() ?? new grpc_js_1.Metadata();
    if (carrier === undefined) {
        const { code, message } = (0, failures_js_1.unexpected)(error, options);
        return serviceError((0, trailers_js_1.fit)((0, trailers_js_1.partsOf)(code, message, [])), kept);
    }
    if ((0, statusError_js_1.isStatusError)(carrier)) {
        return serviceError((0, trailers_js_1.encode)(carrier), challengeOf(carrier, kept));
    }
    const status = carrier;
    const given = status.metadata instanceof grpc_js_1.Metadata ? status.metadata : new grpc_js_1.Metadata();
    const details = [...kept.get(detailsKey), ...given.get(detailsKey)].find((value) => typeof value !== "string");
    // Metadata of an error that a method made is sent. The metadata of a call to another service is not forwarded.
    if (status === error && !isClientError(status)) {
        kept.merge(given);
    }
    const message = typeof status.details === "string" ? status.details : (status.message ?? "");
    return serviceError((0, trailers_js_1.fit)((0, trailers_js_1.partsOf)(status.code, message, details ? (0, trailers_js_1.readDetails)(details) : [])), kept);
}
const detailsKey = "grpc-status-details-bin";
const hasStatus = (cause) => {
    const { code } = cause;
    if (cause instanceof DOMException) {
        return false; // it has numbers of another kind
    }
    return Number.isInteger(code) && code >= 1 && code <= 16;
};
// The errors of clients of @grpc/grpc-js have a message that starts with the code and ends with the details.
const isClientError = ({ message, details }) => message !== undefined && details !== undefined && message !== details && message.endsWith(details);
function challengeOf({ challenge }, metadata = new grpc_js_1.Metadata()) {
    if (challenge !== "") {
        metadata.set("www-authenticate", challenge);
    }
    return metadata;
}
function serviceError(parts, metadata) {
    metadata.remove(detailsKey);
    if (parts.own || parts.foreign.length > 0) {
        metadata.set(detailsKey, Buffer.from((0, trailers_js_1.writeStatus)(parts)));
    }
    return Object.assign(new Error(parts.message), { code: parts.code, details: parts.message, metadata });
}
