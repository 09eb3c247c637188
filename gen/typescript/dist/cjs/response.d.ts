import { StatusError } from "./statusError.js";
/** The headers of a response: those of fetch, or an object as `node:http` has it. */
export type ResponseHeaders = Iterable<readonly [string, string]> | Record<string, string | readonly string[] | undefined>;
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
export declare function fromResponse(status: number, headers?: ResponseHeaders | null, body?: string | Uint8Array | null): StatusError | undefined;
