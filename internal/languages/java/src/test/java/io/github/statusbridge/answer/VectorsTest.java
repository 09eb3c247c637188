package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.rpc.DebugInfo;
import com.google.rpc.LocalizedMessage;
import io.github.statusbridge.HttpStatusException;
import io.github.statusbridge.StatusTable;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.v1.Error;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the package against gen/vectors.json, which the Go packages wrote. */
final class VectorsTest {
  private static JsonObject vectors;

  @BeforeAll
  static void read() throws IOException {
    vectors = JsonParser.parseString(Files.readString(Path.of(System.getenv("VECTORS")))).getAsJsonObject();
  }

  @Test
  void grpcCode() {
    assertTrue(vectors.getAsJsonArray("grpcCode").size() > 600);
    for (JsonElement vector : vectors.getAsJsonArray("grpcCode")) {
      Status.Code code = StatusTable.grpcCode(number(vector, "httpStatus"));
      assertEquals(number(vector, "grpcCode"), code.value(), vector::toString);
    }
  }

  @Test
  void httpStatus() {
    for (JsonElement vector : vectors.getAsJsonArray("httpStatus")) {
      assertEquals(number(vector, "httpStatus"), StatusTable.httpStatus(number(vector, "grpcCode")), vector::toString);
    }
    for (Status.Code code : Status.Code.values()) {
      assertEquals(StatusTable.httpStatus(code.value()), StatusTable.httpStatus(code));
    }
  }

  @Test
  void error() throws IOException {
    for (JsonElement vector : vectors.getAsJsonArray("error")) {
      StatusRuntimeException built =
          HttpStatusException.builder(number(vector, "httpStatus"), text(vector, "message"))
              .details(text(vector, "details"))
              .build();
      assertEquals(number(vector, "grpcCode"), built.getStatus().getCode().value(), vector::toString);
      assertEquals(text(vector, "grpcMessage"), built.getStatus().getDescription(), vector::toString);
      JsonElement detail = vector.getAsJsonObject().get("detail");
      if (detail.isJsonNull()) {
        assertTrue(built.getTrailers().keys().isEmpty(), vector::toString);
        continue;
      }
      assertEquals(expected(detail), detailOf(built), vector::toString);
    }
  }

  @Test
  void errorWithDetails() throws IOException {
    for (JsonElement vector : vectors.getAsJsonArray("withDetails")) {
      var builder =
          HttpStatusException.builder(number(vector, "httpStatus"), text(vector, "message"))
              .details(text(vector, "details"));
      for (int i = 0; i < number(vector, "violations"); i++) {
        builder.violation("field" + i, text(vector, "violation"));
      }
      if (number(vector, "retryAfter") > 0) {
        builder.retryAfter(Duration.ofSeconds(number(vector, "retryAfter")));
      }
      if (!text(vector, "localized").isEmpty()) {
        builder.detail(LocalizedMessage.newBuilder().setMessage(text(vector, "localized")).build());
      }
      if (!text(vector, "debug").isEmpty()) {
        builder.detail(DebugInfo.newBuilder().setDetail(text(vector, "debug")).build());
      }
      var built = builder.build();
      assertEquals(number(vector, "grpcCode"), built.getStatus().getCode().value(), vector::toString);
      assertEquals(text(vector, "grpcMessage"), built.getStatus().getDescription(), vector::toString);
      Error own = null;
      List<String> foreign = new ArrayList<>();
      for (Any detail : StatusProto.fromThrowable(built).getDetailsList()) {
        if (detail.is(Error.class)) {
          own = detail.unpack(Error.class);
        } else {
          foreign.add(detail.getTypeUrl().replace("type.googleapis.com/", ""));
        }
      }
      assertEquals(expected(vector.getAsJsonObject().get("own")), own, vector::toString);
      List<String> names = new ArrayList<>();
      vector.getAsJsonObject().getAsJsonArray("foreign").forEach(name -> names.add(name.getAsString()));
      assertEquals(names, foreign, vector::toString);
    }
  }

  private static Error expected(JsonElement detail) {
    return detail.isJsonNull()
        ? null
        : Error.newBuilder()
            .setCode(number(detail, "code"))
            .setMessage(text(detail, "message"))
            .setDetails(text(detail, "details"))
            .build();
  }

  @Test
  void textsThatAreNotUnicode() throws IOException {
    Error detail = detailOf(HttpStatusException.builder(502, "a \ud83d b \ud83d\udc22").details("\udc00").build());
    assertEquals("a \ufffd b \ud83d\udc22", detail.getMessage());
    assertEquals("\ufffd", detail.getDetails());
  }

  @Test
  void successOutsideACall() {
    assertThrows(IllegalStateException.class, () -> SuccessStatus.set(202));
    for (int status : new int[] {0, 199, 300, 404, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> SuccessStatus.set(status));
    }
  }

  @Test
  void meaning() {
    for (JsonElement vector : vectors.getAsJsonArray("meaning")) {
      assertEquals(text(vector, "meaning"), StatusTable.meaning(number(vector, "httpStatus")));
    }
  }

  @Test
  void manyDetails() {
    var builder = HttpStatusException.builder(409, "taken");
    for (int i = 0; i < 20_000; i++) {
      builder.detail(Error.newBuilder().setCode(-i).build()).violation("field" + i, "is not valid");
    }
    assertEquals(Status.Code.ABORTED, builder.build().getStatus().getCode());
  }

  @Test
  void nullIsEmpty() {
    var built =
        HttpStatusException.builder(409, null)
            .details(null)
            .violation(null, null)
            .retryAfter(null)
            .challenge(null)
            .detail(null)
            .cause(null)
            .build();
    assertEquals(StatusTable.meaning(409), built.text());
    assertEquals("", built.details());
  }

  static List<JsonObject> responses() {
    List<JsonObject> responses = new ArrayList<>();
    vectors.getAsJsonArray("response").forEach(vector -> responses.add(vector.getAsJsonObject()));
    return responses;
  }

  @ParameterizedTest
  @MethodSource("responses")
  void fromResponse(JsonObject vector) {
    Map<String, List<String>> headers = new HashMap<>();
    vector.getAsJsonObject("headers").asMap().forEach((name, value) -> headers.put(name, List.of(value.getAsString())));
    String body = text(vector, "body") + " ".repeat(number(vector, "spaces"));
    var error =
        HttpStatusException.fromResponse(number(vector, "status"), headers, body.getBytes(StandardCharsets.UTF_8))
            .orElseThrow();
    assertEquals(number(vector, "httpStatus"), error.httpStatus());
    assertEquals(number(vector, "grpcCode"), error.getStatus().getCode().value());
    assertEquals(text(vector, "message"), error.text());
    assertEquals(text(vector, "details"), error.details());
    double delay = error.retryAfter().map(after -> after.toMillis() / 1000.0).orElse(-1.0);
    assertEquals(vector.get("retryAfter").getAsDouble(), delay);
    String logged = error.getCause() == null ? "" : error.getCause().getMessage();
    assertTrue(logged.contains(text(vector, "logged")));
    assertEquals(text(vector, "logged").isEmpty(), logged.isEmpty());
  }

  @Test
  void fromResponseIsTotal() {
    var bodies =
        new String[] {
          null, "", "\ud800", "[".repeat(100_000), "null", "[]", "{\"code\":1e999}",
          "{\"error\":{\"details\":[[],{},1]}}"
        };
    var types = List.of("", "application/json", "application/problem+json", "text/html; charset", ";;;", "\0");
    for (int status : new int[] {Integer.MIN_VALUE, -1, 0, 100, 302, 404, 503, 700, Integer.MAX_VALUE}) {
      for (String body : bodies) {
        for (String type : types) {
          byte[] bytes = body == null ? null : body.getBytes(StandardCharsets.UTF_16);
          byte[] utf8 = body == null ? null : body.getBytes(StandardCharsets.UTF_8);
          for (byte[] sent : new byte[][] {bytes, utf8}) {
            var headers = Map.of("content-type", List.of(type), "Retry-After", List.of("soon"));
            var error = HttpStatusException.fromResponse(status, headers, sent).orElseThrow();
            assertFalse(error.getStatus().isOk());
          }
        }
      }
    }
    assertTrue(HttpStatusException.fromResponse(204, null, null).isEmpty());
    assertTrue(HttpStatusException.fromResponse(404, null, null).isPresent());
  }

  private static Error detailOf(StatusRuntimeException built) throws IOException {
    var details = StatusProto.fromThrowable(built).getDetailsList();
    assertEquals(1, details.size());
    return details.get(0).unpack(Error.class);
  }

  private static int number(JsonElement vector, String name) {
    return vector.getAsJsonObject().get(name).getAsInt();
  }

  private static String text(JsonElement vector, String name) {
    JsonElement value = vector.getAsJsonObject().get(name);
    if (value.isJsonPrimitive()) {
      return value.getAsString();
    }
    JsonObject repeated = value.getAsJsonObject();
    return repeated.get("repeat").getAsString().repeat(number(value, "times")) + repeated.get("end").getAsString();
  }
}
