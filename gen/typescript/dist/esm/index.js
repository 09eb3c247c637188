/**
 * The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients.
 *
 * This module runs in browsers too. The look-ups accept every number. A status outside 200..299 is never OK, and an error
 * never becomes a success. `statusbridge/grpc` sends errors of services on @grpc/grpc-js, and `statusbridge/connect` those
 * of services on @connectrpc/connect. The contract itself is in `statusbridge/v1`.
 *
 * @module
 */
export { fromResponse } from "./response.js";
export { StatusError } from "./statusError.js";
export { grpcCode, httpStatus, meaning } from "./table.js";
