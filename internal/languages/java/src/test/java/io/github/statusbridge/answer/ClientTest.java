package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.util.JsonFormat;
import io.github.statusbridge.StatusTable;
import io.github.statusbridge.v1.Error;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads the REST errors of the example control plane as gRPC codes. */
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
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    // docs: client
    Error.Builder body = Error.newBuilder();
    JsonFormat.parser().merge(response.body(), body);
    assertEquals(code, StatusTable.grpcCode(response.statusCode()));
    // docs: end
    assertEquals(response.statusCode(), body.getCode());
    assertNotEquals("", body.getMessage());
  }
}
