package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.statusbridge.HttpStatusException;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads the REST errors of the example control plane as gRPC errors. */
final class ClientTest {
  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/workloads, UNAUTHENTICATED",
    "PATCH, /api/v1/org-unit/projects, UNIMPLEMENTED",
    "GET, /nowhere, NOT_FOUND",
    "POST, /api/v1/token, INVALID_ARGUMENT",
  })
  void restErrors(String method, String path, Status.Code code) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("CONTROLPLANE_URL") + path))
            .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "{" : ""))
            .build();
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
    var error =
        HttpStatusException.fromResponse(
                response.statusCode(), response.headers().map(), response.body())
            .orElseThrow();
    assertEquals(code, error.getStatus().getCode());
    assertEquals(response.statusCode(), error.httpStatus());
    assertNotEquals("", error.text());
    assertNull(error.getCause());
  }

  @Test
  void example() {
    URI uri = URI.create(System.getenv("CONTROLPLANE_URL") + "/nowhere");
    assertEquals(404, assertThrows(HttpStatusException.class, () -> ExampleClient.get(uri)).httpStatus());
  }
}
