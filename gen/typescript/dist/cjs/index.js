"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.meaning = exports.httpStatus = exports.grpcCode = exports.StatusError = exports.fromResponse = void 0;
/**
 * The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients.
 *
 * This module runs in browsers too. The look-ups accept every number. A status outside 200..299 is never OK, and an error
 * never becomes a success. `statusbridge/grpc` sends errors of services on @grpc/grpc-js, and `statusbridge/connect` those
 * of services on @connectrpc/connect. The contract itself is in `statusbridge/v1`.
 *
 * @module
 */
var response_js_1 = require("./response.js");
Object.defineProperty(exports, "fromResponse", { enumerable: true, get: function () { return response_js_1.fromResponse; } });
var statusError_js_1 = require("./statusError.js");
Object.defineProperty(exports, "StatusError", { enumerable: true, get: function () { return statusError_js_1.StatusError; } });
var table_js_1 = require("./table.js");
Object.defineProperty(exports, "grpcCode", { enumerable: true, get: function () { return table_js_1.grpcCode; } });
Object.defineProperty(exports, "httpStatus", { enumerable: true, get: function () { return table_js_1.httpStatus; } });
Object.defineProperty(exports, "meaning", { enumerable: true, get: function () { return table_js_1.meaning; } });
