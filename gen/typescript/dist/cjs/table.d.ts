/**
 * Returns the gRPC code as which a client reads an HTTP status of the API. It is a number: a value of `status` in
 * `@grpc/grpc-js` and of `Code` in `@connectrpc/connect`, which has no OK (0).
 *
 * Seven undocumented statuses have a code (408, 410, 412, 416, 422, 429, 499). Other undocumented statuses are read as the
 * x00 status of their class. A status outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
 *
 * gRPC's http-grpc-status-mapping document has another table, for replies without a grpc-status.
 */
export declare function grpcCode(httpStatus: number): number;
/** Returns the documented HTTP status to which a gRPC code maps. A code that gRPC does not define maps to 500. */
export declare function httpStatus(grpcCode: number): number;
/**
 * Returns the documented sentence of a status. An undocumented error has its phrase of RFC 9110, or the sentence of its
 * class.
 */
export declare function meaning(httpStatus: number): string;
/** Reports whether a text is the phrase of a status in RFC 9110, in upper or lower case. */
export declare function isPhrase(text: string, httpStatus: number): boolean;
/** Reports whether an HTTP status is that of an error. */
export declare function isError(httpStatus: number): boolean;
/** The metadata with the success status that a service chose. */
export declare const statusKey = "statusbridge-http-status";
/** Returns the metadata for a success status. Throws a RangeError for a status outside 200..299. */
export declare function successMetadata(httpStatus: number): [key: string, value: string];
