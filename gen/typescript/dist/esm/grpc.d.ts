/**
 * Errors and success statuses of a service on @grpc/grpc-js.
 *
 * @module
 */
import { Metadata, type ServiceError, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { type ErrorsOptions } from "./failures.js";
import { type StatusError } from "./statusError.js";
export type { ErrorsOptions } from "./failures.js";
/** The part of a server call that setHttpStatus needs. */
interface Call {
    sendMetadata(metadata: Metadata): void;
}
/**
 * Wraps an implementation for `server.addService(definition, catchErrors(implementation))`. Its methods may throw
 * StatusError or pass it to their callback, and may be async: an error that such a method throws is sent to the caller. A
 * unary method may also return its response.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError, or the error of a call to
 * another service. Errors of Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken
 * connections, and any other error as UNKNOWN. No status has more than 4 KiB of trailers.
 */
export declare function catchErrors<T extends UntypedServiceImplementation | object>(implementation: T, options?: ErrorsOptions): T;
/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. In methods of catchErrors with a single request, the last call wins, before and after
 * metadata of your own. Otherwise @grpc/grpc-js sends metadata once and ignores later calls. Throws a RangeError for a
 * status outside 200..299.
 */
export declare function setHttpStatus(call: Call, httpStatus: number): void;
/**
 * Returns the error for the callback of a method, for a service without catchErrors. A stream emits it as its "error".
 */
export declare function toServiceError(error: StatusError): ServiceError;
