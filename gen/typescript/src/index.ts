/**
 * The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients.
 *
 * The look-ups are total: every number has an answer. A status outside 200..299 is never OK, and an error never becomes a
 * success. What a service answers with is in `statusbridge/grpc` for @grpc/grpc-js and in `statusbridge/connect` for
 * @connectrpc/connect; the contract itself is in `statusbridge/v1`.
 *
 * @module
 */
export { grpcCode, httpStatus, meaning } from "./table.js";
