package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.statusbridge.StatusErrors;
import io.github.statusbridge.StatusTable;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.v1.Error;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
      assertEquals(number(vector, "grpcCode"), StatusTable.grpcCode(number(vector, "httpStatus")).value(), vector::toString);
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
          StatusErrors.error(number(vector, "httpStatus"), text(vector, "message"), text(vector, "details"));
      assertEquals(number(vector, "grpcCode"), built.getStatus().getCode().value(), vector::toString);
      assertEquals(text(vector, "grpcMessage"), built.getStatus().getDescription(), vector::toString);
      JsonElement detail = vector.getAsJsonObject().get("detail");
      if (detail.isJsonNull()) {
        assertEquals(null, built.getTrailers(), vector::toString);
        continue;
      }
      Error want =
          Error.newBuilder()
              .setCode(number(detail, "code"))
              .setMessage(text(detail, "message"))
              .setDetails(text(detail, "details"))
              .build();
      assertEquals(want, detailOf(built), vector::toString);
    }
  }

  @Test
  void textsThatAreNotUnicode() throws IOException {
    Error detail = detailOf(StatusErrors.error(502, "a \ud83d b \ud83d\udc22", "\udc00"));
    assertEquals("a \ufffd b \ud83d\udc22", detail.getMessage());
    assertEquals("\ufffd", detail.getDetails());
  }

  @Test
  void successOutsideACall() {
    assertThrows(IllegalStateException.class, () -> SuccessStatus.set(202));
    for (int status : new int[] {0, 201, 299, 302, 404, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> SuccessStatus.set(status));
    }
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
