import { GrpcCode } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { validDelay } from "./retryAfter.js";
import { grpcCode, isError, meaning } from "./table.js";
import { wellFormed } from "./text.js";
const brand = Symbol.for("statusbridge.StatusError");
const longestChallenge = 1024;
/**
 * An error that the client of the REST API reads as this HTTP status, message and details. Throw it in a service;
 * `statusbridge/grpc` and `statusbridge/connect` send it. `fromResponse` returns one for a REST response.
 *
 * The status is 400..599. Any other status is sent as 500, and never as a success. An empty message is sent as the
 * documented sentence of the status. Texts that trailers cannot hold are cut and end in an ellipsis.
 */
export class StatusError extends Error {
    /** The HTTP status. */
    httpStatus;
    /** The gRPC code, with the numbers of `status` in @grpc/grpc-js and of `Code` in @connectrpc/connect. */
    grpcCode;
    /** The text with more for the client. */
    details;
    /** The fields that are wrong. */
    violations;
    /** The delay before a retry in seconds. */
    retryAfter;
    /** The WWW-Authenticate of a 401, or the empty text. */
    challenge;
    /** More details. */
    messages;
    /** The ES module and the CommonJS copy of this package accept the errors of each other. */
    static [Symbol.hasInstance](value) {
        return typeof value === "object" && value !== null && isStatusError(value);
    }
    constructor(httpStatus, message, options = {}) {
        const text = wellFormed(message) || meaning(sentStatus(httpStatus));
        super(text, "cause" in options ? { cause: options.cause } : undefined);
        this.name = "StatusError";
        this.httpStatus = httpStatus;
        this.grpcCode = options.grpcCode || grpcCode(httpStatus) || GrpcCode.INTERNAL; // an error is never OK
        this.details = wellFormed(options.details);
        this.violations = pairs(options.violations).map(([field, what]) => [wellFormed(field), wellFormed(what)]);
        this.retryAfter = validDelay(options.retryAfter);
        this.challenge = challenge(options.challenge);
        this.messages = [...(options.messages ?? [])];
        Object.defineProperty(this, brand, { value: true });
    }
}
/** The status that is sent: an error never becomes a success. */
export function sentStatus(httpStatus) {
    return isError(httpStatus) ? httpStatus : 500;
}
/** Reports whether an object is a StatusError, also one of another copy of this package. */
export function isStatusError(value) {
    return brand in value;
}
/** Finds the first of an error, the errors of an AggregateError, and their causes that a function accepts. */
export function findCause(error, accepts) {
    const waiting = [error];
    const seen = new Set();
    while (waiting.length > 0) {
        const cause = waiting.pop();
        if (typeof cause !== "object" || cause === null || seen.has(cause)) {
            continue;
        }
        seen.add(cause);
        try {
            if (accepts(cause)) {
                return cause;
            }
            waiting.push(cause.cause);
            if (cause instanceof AggregateError) {
                waiting.push(...cause.errors.toReversed());
            }
        }
        catch {
            // A property of the error throws, so the error has no status.
        }
    }
    return undefined;
}
function pairs(violations) {
    if (violations === undefined || violations === null) {
        return [];
    }
    return Symbol.iterator in violations ? [...violations] : Object.entries(violations);
}
// A header value is ASCII. A long challenge is dropped, since clients cannot parse one without its end.
function challenge(value) {
    const text = (value ?? "").replace(/[^\x20-\x7e]/g, "?").trim();
    return text.length <= longestChallenge ? text : "";
}
