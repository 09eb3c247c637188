/**
 * The HTTP statuses that NVIDIA Run:ai documents for its REST API, for gRPC services and API clients. The contract
 * itself is in {@code io.github.statusbridge.v1}.
 */
package io.github.statusbridge;
