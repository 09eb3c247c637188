package io.github.statusbridge;

import com.google.protobuf.Any;
import io.github.statusbridge.v1.Error;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The errors that a gRPC service answers with, so that the client of the REST API reads exactly what is meant. */
public final class StatusErrors {
  // What an error may cost in trailers. Peers commonly allow 8 KiB of them; past that the whole status is lost.
  private static final int BUDGET = 4096;
  private static final String MARK = "…";

  private final int httpStatus;
  private final Status.Code code;
  private final String message;
  private final String clientMessage; // empty where the status's own message reaches the client
  private final String details;

  private StatusErrors(int httpStatus, String message, String details) {
    this.httpStatus = httpStatus >= 400 && httpStatus <= 599 ? httpStatus : 500;
    Status.Code meant = StatusTable.grpcCode(httpStatus);
    this.code = meant == Status.Code.OK ? Status.Code.INTERNAL : meant;
    String meaning = StatusTable.meaning(this.httpStatus);
    this.message = message.isEmpty() ? meaning : valid(message);
    this.details = valid(details);
    boolean serverError = this.httpStatus >= 500 || StatusTable.httpStatus(code) >= 500;
    this.clientMessage = serverError && !this.message.equals(meaning) ? this.message : "";
  }

  /** Builds the error of {@link #error(int, String, String)} without details. */
  public static StatusRuntimeException error(int httpStatus, String message) {
    return error(httpStatus, message, "");
  }

  /**
   * Builds the error that reaches the client of the REST API as the HTTP status, message and details.
   *
   * <p>Pass it to {@code StreamObserver.onError}: grpc-java hides what a method throws. The status is 400..599; anything
   * else leaves as 500, never as a success. An empty message is the page's sentence. Texts that trailers cannot hold are
   * cut, and end in an ellipsis.
   */
  public static StatusRuntimeException error(int httpStatus, String message, String details) {
    StatusErrors error = new StatusErrors(httpStatus, message, details);
    com.google.rpc.Status fitting = error.fit();
    if (fitting.getDetailsCount() > 0) {
      return StatusProto.toStatusRuntimeException(fitting);
    }
    return error.code.toStatus().withDescription(fitting.getMessage()).asRuntimeException();
  }

  /** Cuts all texts to the greatest common length that fits, so that the longest is cut first. */
  private com.google.rpc.Status fit() {
    int fits = 0;
    int tooLong = BUDGET;
    if (trailerSize(cutTo(BUDGET)) <= BUDGET) {
      return cutTo(BUDGET);
    }
    while (fits + 1 < tooLong) {
      int middle = (fits + tooLong) / 2;
      if (trailerSize(cutTo(middle)) <= BUDGET) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    return cutTo(fits);
  }

  private com.google.rpc.Status cutTo(int limit) {
    var status = com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage(cut(message, limit));
    // The table says the rest: a detail is sent only where it would lose something.
    if (httpStatus != StatusTable.httpStatus(code) || !clientMessage.isEmpty() || !details.isEmpty()) {
      status.addDetails(
          Any.pack(
              Error.newBuilder()
                  .setCode(httpStatus)
                  .setMessage(cut(clientMessage, limit))
                  .setDetails(cut(details, limit))
                  .build()));
    }
    return status.build();
  }

  private static String valid(String text) {
    return text.replaceAll("\\p{Cs}", "\ufffd"); // surrogates without their other half
  }

  private static String cut(String text, int limit) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length <= limit) {
      return text;
    }
    int end = limit - MARK.getBytes(StandardCharsets.UTF_8).length;
    if (end < 0) {
      return "";
    }
    while (end > 0 && (encoded[end] & 0xC0) == 0x80) {
      end--; // not in the middle of a character
    }
    return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(encoded, 0, end)) + MARK;
  }

  /** Counts grpc-message, percent-encoded, and grpc-status-details-bin, in base64. */
  private static int trailerSize(com.google.rpc.Status status) {
    int size = status.getDetailsCount() > 0 ? (status.getSerializedSize() * 4 + 2) / 3 : 0;
    for (byte c : status.getMessageBytes()) {
      size += c < ' ' || c > '~' || c == '%' ? 3 : 1;
    }
    return size;
  }
}
