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
 * <p>The look-ups are total: every int has an answer. A status outside 200..299 is never OK.
 */
public final class StatusTable {
  private static final Map<Integer, Row> ROWS = new HashMap<>();
  private static final Map<Integer, GrpcCode> UNLISTED = new HashMap<>();
  private static final Map<Integer, Integer> MAPPED_CODES = new HashMap<>();

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
   * Returns the code that an answer of the REST API is read as.
   *
   * <p>A status that is not on the page is read as its nearest code where there is one (408, 410, 412, 416, 422, 429, 499),
   * and as its class otherwise; anything outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
   *
   * <p>It is not the table of gRPC's http-grpc-status-mapping document, which is for replies without a grpc-status.
   */
  public static Status.Code grpcCode(int httpStatus) {
    Row row = rowOf(httpStatus);
    GrpcCode byClass = row == null ? GrpcCode.GRPC_CODE_UNKNOWN : row.getGrpcCode();
    return Status.fromCodeValue(UNLISTED.getOrDefault(httpStatus, byClass).getNumber()).getCode();
  }

  /** Returns the documented status that a gRPC code leaves as. */
  public static int httpStatus(Status.Code code) {
    return httpStatus(code.value());
  }

  /** Returns the documented status that a gRPC code leaves as; 500 for a code that gRPC does not define. */
  public static int httpStatus(int code) {
    return MAPPED_CODES.getOrDefault(code, 500);
  }

  /** Returns the page's sentence for a status, or for the class of an error that is not on the page. */
  public static String meaning(int httpStatus) {
    Row row = rowOf(httpStatus);
    return (row == null ? ROWS.get(500) : row).getMeaning();
  }

  static boolean isDocumentedSuccess(int httpStatus) {
    return ROWS.containsKey(httpStatus) && httpStatus < 300;
  }

  private static Row rowOf(int httpStatus) {
    Row row = ROWS.get(httpStatus);
    return row != null ? row : ROWS.get(httpStatus / 100 * 100);
  }
}
