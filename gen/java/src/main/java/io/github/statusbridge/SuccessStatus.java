package io.github.statusbridge;

import io.grpc.Context;

/** The HTTP status of a success. */
public final class SuccessStatus {
  static final Context.Key<Choice> CHOICE = Context.key("statusbridge-http-status");

  private SuccessStatus() {}

  /**
   * Makes the gateway send the success of the current call with this status, 200..299. The gateway accepts 200, 202,
   * 204 and the statuses that its options allow, and sends 200 for any other status. If the call fails, the status of
   * the error is sent.
   *
   * <p>Call it before the first message. The last call wins. The server needs the {@link StatusInterceptor}. Another
   * thread needs the context of the call: {@code Context.current().wrap(runnable)}, or an executor of {@code
   * Context.currentContextExecutor}.
   *
   * @throws IllegalArgumentException for a status outside 200..299
   * @throws IllegalStateException outside a call, and after the first message
   */
  public static void set(int httpStatus) {
    if (httpStatus < 200 || httpStatus > 299) {
      throw new IllegalArgumentException(httpStatus + " is not the status of a success");
    }
    Choice choice = CHOICE.get();
    if (choice == null) {
      throw new IllegalStateException(
          "SuccessStatus.set needs the gRPC context of a call and a server with StatusInterceptor; another thread"
              + " gets the context by Context.current().wrap(runnable)");
    }
    choice.set(httpStatus);
  }

  /** The choice for one call. */
  static final class Choice {
    private int httpStatus;
    private boolean sent;

    private synchronized void set(int httpStatus) {
      if (sent) {
        throw new IllegalStateException("the headers of the response have been sent");
      }
      this.httpStatus = httpStatus;
    }

    /** Returns the status for the headers, 0 if there is none. Later calls of set fail. */
    synchronized int send() {
      sent = true;
      return httpStatus;
    }

    synchronized boolean isPending() {
      return !sent && httpStatus != 0;
    }
  }
}
