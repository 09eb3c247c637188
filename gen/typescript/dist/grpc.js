/**
 * What a service on @grpc/grpc-js answers with.
 *
 * @module
 */
import { Metadata } from "@grpc/grpc-js";
import { encode, rpcStatus } from "./encode.js";
import { successMetadata } from "./table.js";
/**
 * The error that reaches the client of the REST API as the HTTP status, message and details: pass it to the callback of a
 * unary method, or emit it as the "error" of a stream.
 *
 * The status is 400..599; anything else leaves as 500, never as a success. An empty message is the page's sentence. Texts
 * that trailers cannot hold are cut, and end in an ellipsis.
 */
export function error(httpStatus, message = "", details = "") {
    const encoded = encode(httpStatus, message, details);
    const metadata = new Metadata();
    if (encoded.detail) {
        metadata.set("grpc-status-details-bin", Buffer.from(rpcStatus(encoded)));
    }
    return Object.assign(new Error(encoded.message), { code: encoded.code, details: encoded.message, metadata });
}
/**
 * The metadata that makes the gateway answer a success with 200, 202 or 204: pass it to `call.sendMetadata`, once in a call
 * and before the first message. An error that the call ends with wins. RangeError for any other status.
 */
export function success(httpStatus) {
    const metadata = new Metadata();
    metadata.set(...successMetadata(httpStatus));
    return metadata;
}
