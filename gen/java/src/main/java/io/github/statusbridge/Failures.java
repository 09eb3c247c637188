package io.github.statusbridge;

import com.google.protobuf.Any;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/** The status of exceptions that have none, and the size of those that have one. */
final class Failures {
  // The exceptions that have a meaning without a status.
  private static final Map<Class<? extends Throwable>, Status.Code> MEANINGS =
      Map.of(
          TimeoutException.class, Status.Code.DEADLINE_EXCEEDED,
          SocketTimeoutException.class, Status.Code.DEADLINE_EXCEEDED,
          HttpTimeoutException.class, Status.Code.DEADLINE_EXCEEDED,
          CancellationException.class, Status.Code.CANCELLED,
          InterruptedException.class, Status.Code.CANCELLED,
          ConnectException.class, Status.Code.UNAVAILABLE,
          NoRouteToHostException.class, Status.Code.UNAVAILABLE,
          UnknownHostException.class, Status.Code.UNAVAILABLE);

  private static final int LONGEST_CHAIN = 100;

  private Failures() {}

  /** Returns the meaning of an exception or of one of its causes. */
  static Status.Code codeOf(Throwable error) {
    int depth = 0;
    for (Throwable cause = error; cause != null && depth < LONGEST_CHAIN; cause = cause.getCause()) {
      for (Map.Entry<Class<? extends Throwable>, Status.Code> meaning : MEANINGS.entrySet()) {
        if (meaning.getKey().isInstance(cause)) {
          return meaning.getValue();
        }
      }
      depth++;
    }
    return Status.Code.UNKNOWN;
  }

  static String textOf(Throwable error) {
    try {
      return Texts.valid(error.toString());
    } catch (RuntimeException e) {
      return error.getClass().getName();
    }
  }

  /** Shrinks a status and the details in its trailers, if they are larger than clients accept. */
  static Status fitting(Status status, Metadata trailers) {
    com.google.rpc.Status carried = details(trailers);
    List<Any> details = carried == null ? List.of() : carried.getDetailsList();
    String message = Texts.valid(status.getDescription());
    com.google.rpc.Status fitting = Parts.of(status.getCode().value(), message, details).fit(Parts.BUDGET);
    if (carried != null && !fitting.getDetailsList().equals(details)) {
      trailers.discardAll(Parts.DETAILS_KEY);
      trailers.put(Parts.DETAILS_KEY, fitting);
    } else if (carried == null && fitting.getDetailsCount() > 0) {
      trailers.put(Parts.DETAILS_KEY, fitting);
    }
    return fitting.getMessage().equals(status.getDescription()) || status.getDescription() == null
        ? status
        : status.withDescription(fitting.getMessage());
  }

  private static com.google.rpc.Status details(Metadata trailers) {
    try {
      return trailers.get(Parts.DETAILS_KEY);
    } catch (IllegalArgumentException e) { // details that do not parse
      return null;
    }
  }
}
