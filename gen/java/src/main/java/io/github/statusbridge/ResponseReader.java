package io.github.statusbridge;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads REST responses. */
final class ResponseReader {
  private static final int SHOWN = 2048; // bytes of a body in the cause

  private ResponseReader() {}

  /** Reads a response that is not a success. */
  static HttpStatusException read(int httpStatus, Map<String, List<String>> headers, byte[] body) {
    ErrorBody found = ErrorBody.read(httpStatus, header(headers, "content-type"), body);
    Duration delay = RetryAfter.read(header(headers, "retry-after"), header(headers, "date"));
    HttpStatusException.Builder error =
        HttpStatusException.builder(found.httpStatus, found.message)
            .details(found.details)
            .retryAfter(delay == null ? found.retryAfter : delay);
    if (found.code != null) {
      error.code(found.code);
    }
    if (body.length > 0 && !found.isComplete) {
      String text = Texts.cut(new String(body, StandardCharsets.UTF_8), SHOWN);
      error.cause(new IllegalStateException("the response was " + httpStatus + " with \"" + text + '"'));
    }
    return error.build();
  }

  /** Returns the first value of a header. */
  private static String header(Map<String, List<String>> headers, String name) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      boolean hasValue = header.getValue() != null && !header.getValue().isEmpty();
      if (name.equalsIgnoreCase(header.getKey()) && hasValue && header.getValue().get(0) != null) {
        return header.getValue().get(0);
      }
    }
    return "";
  }
}
