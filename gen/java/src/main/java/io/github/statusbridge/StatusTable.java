package io.github.statusbridge;

import io.github.statusbridge.v1.GrpcCode;
import io.github.statusbridge.v1.HttpStatus;
import io.github.statusbridge.v1.Row;
import io.github.statusbridge.v1.StatusbridgeProto;
import io.github.statusbridge.v1.UnlistedStatus;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;

/**
 * The table between the HTTP statuses that NVIDIA Run:ai documents for its REST API and the gRPC codes.
 *
 * <p>The look-ups accept every int. A status outside 200..299 is never OK.
 */
public final class StatusTable {
  private static final Map<Integer, Row> ROWS = new HashMap<>();
  private static final Map<Integer, GrpcCode> UNLISTED = new HashMap<>();
  private static final Map<Integer, Integer> MAPPED_CODES = new HashMap<>();

  // The phrases of the undocumented errors in RFC 9110 and the IANA registry.
  private static final Map<Integer, String> PHRASES =
      Map.ofEntries(
          Map.entry(402, "Payment Required"),
          Map.entry(406, "Not Acceptable"),
          Map.entry(407, "Proxy Authentication Required"),
          Map.entry(408, "Request Timeout"),
          Map.entry(410, "Gone"),
          Map.entry(411, "Length Required"),
          Map.entry(412, "Precondition Failed"),
          Map.entry(413, "Request Entity Too Large"),
          Map.entry(414, "Request URI Too Long"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(416, "Requested Range Not Satisfiable"),
          Map.entry(417, "Expectation Failed"),
          Map.entry(418, "I'm a teapot"),
          Map.entry(421, "Misdirected Request"),
          Map.entry(422, "Unprocessable Entity"),
          Map.entry(423, "Locked"),
          Map.entry(424, "Failed Dependency"),
          Map.entry(425, "Too Early"),
          Map.entry(426, "Upgrade Required"),
          Map.entry(428, "Precondition Required"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(451, "Unavailable For Legal Reasons"),
          Map.entry(505, "HTTP Version Not Supported"),
          Map.entry(506, "Variant Also Negotiates"),
          Map.entry(507, "Insufficient Storage"),
          Map.entry(508, "Loop Detected"),
          Map.entry(510, "Not Extended"),
          Map.entry(511, "Network Authentication Required"));

  // The table is in the options of the enum HttpStatus.
  static {
    for (var value : HttpStatus.getDescriptor().getValues()) {
      if (value.getOptions().hasExtension(StatusbridgeProto.row)) {
        Row row = value.getOptions().getExtension(StatusbridgeProto.row);
        ROWS.put(value.getNumber(), row);
        row.getMappedCodesValueList().forEach(code -> MAPPED_CODES.put(code, value.getNumber()));
      }
    }
    for (UnlistedStatus other : HttpStatus.getDescriptor().getOptions().getExtension(StatusbridgeProto.unlisted)) {
      UNLISTED.put(other.getStatus(), other.getGrpcCode());
    }
  }

  private StatusTable() {}

  /**
   * Returns the gRPC code as which a client reads an HTTP status of the API.
   *
   * <p>Seven undocumented statuses have a code (408, 410, 412, 416, 422, 429, 499). Other undocumented statuses are
   * read as the x00 status of their class. A status outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
   *
   * <p>gRPC's http-grpc-status-mapping document has another table, for replies without a grpc-status.
   */
  public static Status.Code grpcCode(int httpStatus) {
    Row row = rowOf(httpStatus);
    GrpcCode byClass = row == null ? GrpcCode.GRPC_CODE_UNKNOWN : row.getGrpcCode();
    return Status.fromCodeValue(UNLISTED.getOrDefault(httpStatus, byClass).getNumber()).getCode();
  }

  /** Returns the documented HTTP status to which a gRPC code maps. */
  public static int httpStatus(Status.Code code) {
    return httpStatus(code.value());
  }

  /** Returns the documented HTTP status to which a gRPC code maps. A code that gRPC does not define maps to 500. */
  public static int httpStatus(int code) {
    return MAPPED_CODES.getOrDefault(code, 500);
  }

  /**
   * Returns the documented sentence of a status. An undocumented error has its phrase of RFC 9110, or the sentence of
   * its class.
   */
  public static String meaning(int httpStatus) {
    Row row = rowOf(httpStatus);
    return PHRASES.getOrDefault(httpStatus, (row == null ? ROWS.get(500) : row).getMeaning());
  }

  /** Reports whether a text is the phrase of a status in RFC 9110, in upper or lower case. */
  static boolean isPhrase(String text, int httpStatus) {
    String name = ROWS.containsKey(httpStatus) ? HttpStatus.forNumber(httpStatus).name() : "";
    String documented = name.replace("HTTP_STATUS_", "").replace('_', ' ');
    return text.equalsIgnoreCase(PHRASES.getOrDefault(httpStatus, documented));
  }

  /** Reports whether an HTTP status is that of an error. */
  static boolean isError(long httpStatus) {
    return httpStatus >= 400 && httpStatus <= 599;
  }

  private static Row rowOf(int httpStatus) {
    Row row = ROWS.get(httpStatus);
    return row != null ? row : ROWS.get(httpStatus / 100 * 100);
  }
}
