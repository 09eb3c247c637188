/**
 * The gRPC code that an answer of the REST API is read as, as a number: the values of `status` in `@grpc/grpc-js` and of
 * `Code` in `@connectrpc/connect`, which has none for OK (0).
 *
 * A status that is not on the page is read as its nearest code where there is one (408, 410, 412, 416, 422, 429, 499), and
 * as its class otherwise; anything outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
 *
 * It is not the table of gRPC's http-grpc-status-mapping document, which is for replies without a grpc-status.
 */
export declare function grpcCode(httpStatus: number): number;
/** The documented status that a gRPC code leaves as; 500 for a code that gRPC does not define. */
export declare function httpStatus(grpcCode: number): number;
/** The page's sentence for a status, or for the class of an error that is not on the page. */
export declare function meaning(httpStatus: number): string;
/** The metadata in which the choice of a success travels. RangeError for a status that is not a documented success. */
export declare function successMetadata(httpStatus: number): [key: string, value: string];
