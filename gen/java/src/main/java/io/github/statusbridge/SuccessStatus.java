package io.github.statusbridge;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The status of a success other than 200. A grpc-java method cannot set response headers, so this is an interceptor of the
 * server, and a method calls {@link #set}.
 */
public final class SuccessStatus implements ServerInterceptor {
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("statusbridge-http-status", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<AtomicInteger> CHOSEN = Context.key(KEY.name());

  /**
   * Makes the gateway answer the current call with 200, 202 or 204. Call it before the first message; the last call wins,
   * and an error that the call ends with wins over it.
   *
   * @throws IllegalArgumentException for any other status
   * @throws IllegalStateException outside a call, and when the server does not have the interceptor
   */
  public static void set(int httpStatus) {
    if (!StatusTable.isDocumentedSuccess(httpStatus)) {
      throw new IllegalArgumentException(httpStatus + " is not a documented success status");
    }
    AtomicInteger chosen = CHOSEN.get();
    if (chosen == null) {
      throw new IllegalStateException("not in a call of a server with the SuccessStatus interceptor");
    }
    chosen.set(httpStatus);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    AtomicInteger chosen = new AtomicInteger();
    var choosing =
        new SimpleForwardingServerCall<ReqT, RespT>(call) {
          @Override
          public void sendHeaders(Metadata responseHeaders) {
            if (chosen.get() != 0) {
              responseHeaders.put(KEY, Integer.toString(chosen.get()));
            }
            super.sendHeaders(responseHeaders);
          }
        };
    return Contexts.interceptCall(Context.current().withValue(CHOSEN, chosen), choosing, headers, next);
  }
}
