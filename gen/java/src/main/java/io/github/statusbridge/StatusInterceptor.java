package io.github.statusbridge;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An interceptor that sends the errors of services as they are meant, and the choices of {@link SuccessStatus}.
 *
 * <p>Methods may throw {@link HttpStatusException}. An exception counts with its causes, and the first one with a
 * status is sent: an HttpStatusException, or the exception of a call to another service. Time-outs are sent as
 * DEADLINE_EXCEEDED, connections that fail as UNAVAILABLE, any other exception as UNKNOWN. No status has more than 4
 * KiB of trailers.
 *
 * <p>The text of an unexpected exception goes to gRPC callers, so that the gateway can log it. REST clients never
 * read it.
 */
public final class StatusInterceptor implements ServerInterceptor {
  private static final Logger LOGGER = Logger.getLogger(StatusInterceptor.class.getName());
  private static final Metadata.Key<String> STATUS_KEY =
      Metadata.Key.of("statusbridge-http-status", Metadata.ASCII_STRING_MARSHALLER);

  private final boolean hidesUnexpected;
  private final BiConsumer<String, Throwable> observer; // null for the log

  /** Makes an interceptor that logs unexpected exceptions. */
  public StatusInterceptor() {
    this(false, null);
  }

  private StatusInterceptor(boolean hidesUnexpected, BiConsumer<String, Throwable> observer) {
    this.hidesUnexpected = hidesUnexpected;
    this.observer = observer;
  }

  /** Returns an interceptor that hides the text of unexpected exceptions from gRPC callers too. */
  public StatusInterceptor hidingUnexpected() {
    return new StatusInterceptor(true, observer);
  }

  /**
   * Returns an interceptor that calls the observer with the method and each exception, instead of the log. An
   * exception of the observer is logged and changes nothing.
   */
  public StatusInterceptor observedBy(BiConsumer<String, Throwable> observer) {
    return new StatusInterceptor(hidesUnexpected, observer);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    SuccessStatus.Choice choice = new SuccessStatus.Choice();
    Sender<ReqT, RespT> sender = new Sender<>(call, choice);
    Context context = Context.current().withValue(SuccessStatus.CHOICE, choice);
    ServerCall.Listener<ReqT> listener = new ServerCall.Listener<ReqT>() {};
    try {
      listener = Contexts.interceptCall(context, sender, headers, next);
    } catch (Throwable e) { // a checked exception too, which other languages throw anywhere
      sender.fail(e);
    }
    return new Catcher<>(listener, sender);
  }

  /** Sends the status of exceptions that a method throws. */
  private static final class Catcher<ReqT> extends SimpleForwardingServerCallListener<ReqT> {
    private final Sender<?, ?> sender;

    Catcher(ServerCall.Listener<ReqT> listener, Sender<?, ?> sender) {
      super(listener);
      this.sender = sender;
    }

    @Override
    public void onMessage(ReqT message) {
      run(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      run(super::onHalfClose);
    }

    @Override
    public void onReady() {
      run(super::onReady);
    }

    private void run(Runnable callback) {
      try {
        callback.run();
      } catch (Throwable e) { // a checked exception too, which other languages throw anywhere
        sender.fail(e);
      }
    }
  }

  /** Sends the success status with the headers, and each error within the size that clients accept. */
  private final class Sender<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
    private final SuccessStatus.Choice choice;
    private final AtomicBoolean closed = new AtomicBoolean();

    Sender(ServerCall<ReqT, RespT> call, SuccessStatus.Choice choice) {
      super(call);
      this.choice = choice;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      int httpStatus = choice.send();
      if (httpStatus != 0) {
        headers.discardAll(STATUS_KEY);
        headers.put(STATUS_KEY, Integer.toString(httpStatus));
      }
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      closed.set(true);
      if (!status.isOk()) {
        closeWith(status, trailers, status.asRuntimeException(trailers));
        return;
      }
      if (choice.isPending()) {
        sendHeaders(new Metadata()); // a stream without messages
      }
      super.close(status, trailers);
    }

    /** Sends the status of an exception that a method threw. */
    void fail(Throwable error) {
      if (closed.getAndSet(true)) {
        observe(error, true);
      } else {
        Metadata trailers = Status.trailersFromThrowable(error);
        closeWith(Status.fromThrowable(error), trailers == null ? new Metadata() : trailers, error);
      }
      if (error instanceof Error) {
        throw (Error) error; // for the handler of the thread
      }
    }

    private void closeWith(Status status, Metadata trailers, Throwable error) {
      Status sent = status;
      if (isUnexpected(status)) {
        Throwable cause = status.getCause();
        observe(cause, true);
        Status.Code code = Failures.codeOf(cause);
        String sentence = StatusTable.meaning(StatusTable.httpStatus(code));
        sent = code.toStatus().withDescription(hidesUnexpected ? sentence : Failures.textOf(cause));
      } else {
        observe(error, false);
      }
      super.close(Failures.fitting(sent, trailers), trailers);
    }

    // For an exception without a status grpc-java closes the call with UNKNOWN and without a description.
    private boolean isUnexpected(Status status) {
      return status.getCode() == Status.Code.UNKNOWN && status.getDescription() == null && status.getCause() != null;
    }

    private void observe(Throwable error, boolean isUnexpected) {
      String method = getMethodDescriptor().getFullMethodName();
      try {
        if (observer != null) {
          observer.accept(method, error);
        } else if (isUnexpected) {
          LOGGER.log(Level.SEVERE, method + " failed", error);
        }
      } catch (RuntimeException e) {
        LOGGER.log(Level.SEVERE, "the observer of " + method + " failed", e);
      }
    }
  }
}
