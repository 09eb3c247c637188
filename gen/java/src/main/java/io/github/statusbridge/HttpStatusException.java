package io.github.statusbridge;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.github.statusbridge.v1.Error;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An error that the client of the REST API reads as this HTTP status, message and details.
 *
 * <p>With the {@link StatusInterceptor} it can be thrown anywhere below a method of a service. Without the
 * interceptor it can be passed to {@code StreamObserver.onError}. {@link #fromResponse} reads a REST response as one.
 */
public final class HttpStatusException extends StatusRuntimeException {
  private static final long serialVersionUID = 1;
  private static final Metadata.Key<String> CHALLENGE =
      Metadata.Key.of("www-authenticate", Metadata.ASCII_STRING_MARSHALLER);

  /** The HTTP status. */
  private final int httpStatus;

  /** The text for the client. */
  private final String text;

  /** More text for the client. */
  private final String details;

  /** The delay before a retry, or null. */
  private final Duration retryAfter;

  private HttpStatusException(Builder builder, Status status, Metadata trailers) {
    super(status, trailers);
    this.httpStatus = builder.httpStatus;
    this.text = builder.text();
    this.details = builder.details;
    this.retryAfter = builder.retryAfter;
  }

  /** Makes an error with a message for the client. */
  public static HttpStatusException of(int httpStatus, String message) {
    return builder(httpStatus, message).build();
  }

  /**
   * Starts an error with a message for the client.
   *
   * <p>The status is 400..599. Any other status is sent as 500, and never as a success. A message that is empty or
   * null is sent as the documented sentence of the status. Texts that trailers cannot hold are cut and end in an
   * ellipsis.
   */
  public static Builder builder(int httpStatus, String message) {
    return new Builder(httpStatus, message);
  }

  /**
   * Reads a response of the REST API. The result is empty for a 2xx, and otherwise the error with exactly that
   * status.
   *
   * <p>The message and the details come from the documented body, or from google.rpc.Status, as grpc-gateway, Google
   * APIs, Connect and Twirp send it. A Status of Kubernetes, problem details (RFC 9457), and a member "message",
   * "error" or "detail" are read as well. Under a 5xx, only the documented body and the texts that a service attached
   * for clients count. The cause shows any other body to logs.
   *
   * <p>The method never throws because of the response.
   *
   * @param httpStatus the status, or 0 to read the last message of a stream, whose status is in the body
   * @param headers the headers as {@code java.net.http.HttpHeaders.map()} returns them, or null
   * @param body the body, or null
   */
  public static Optional<HttpStatusException> fromResponse(
      int httpStatus, Map<String, List<String>> headers, byte[] body) {
    if (httpStatus >= 200 && httpStatus <= 299) {
      return Optional.empty();
    }
    return Optional.of(
        ResponseReader.read(httpStatus, headers == null ? Map.of() : headers, body == null ? new byte[0] : body));
  }

  /** Returns the HTTP status. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Returns the text for the client. */
  public String text() {
    return text;
  }

  /** Returns the text with more for the client. */
  public String details() {
    return details;
  }

  /** Returns the delay after which a retry makes sense. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** A builder of errors. */
  public static final class Builder {
    private static final int LONGEST_CHALLENGE = 1024;

    private final int httpStatus;
    private final String message;
    private final BadRequest.Builder violations = BadRequest.newBuilder();
    private final List<Any> messages = new ArrayList<>();
    private Status.Code code;
    private String details = "";
    private String challenge = "";
    private Duration retryAfter;
    private Throwable cause;

    private Builder(int httpStatus, String message) {
      this.httpStatus = httpStatus;
      this.message = Texts.valid(message);
      Status.Code code = StatusTable.grpcCode(httpStatus);
      this.code = code == Status.Code.OK ? Status.Code.INTERNAL : code; // an error is never OK
    }

    /** Sets a text with more for the client: which fields, which limits, what to do. */
    public Builder details(String details) {
      this.details = Texts.valid(details);
      return this;
    }

    /** Adds a field that is wrong. Clients of the REST API read it in the details. */
    public Builder violation(String field, String description) {
      violations
          .addFieldViolationsBuilder()
          .setField(Texts.valid(field))
          .setDescription(Texts.valid(description));
      return this;
    }

    /** Sets the delay after which a retry makes sense. It is sent as Retry-After. A negative delay is ignored. */
    public Builder retryAfter(Duration delay) {
      this.retryAfter = RetryAfter.valid(delay);
      return this;
    }

    /** Sets the WWW-Authenticate of a 401. */
    public Builder challenge(String challenge) {
      // A header value is ASCII. A long challenge is dropped, since clients cannot parse one without its end.
      String ascii = Texts.valid(challenge).replaceAll("[^\\x20-\\x7e]", "?").trim();
      this.challenge = ascii.length() <= LONGEST_CHALLENGE ? ascii : "";
      return this;
    }

    /** Adds a detail of google.rpc for clients, or a message of your own for gRPC clients. */
    public Builder detail(Message message) {
      if (message != null) {
        messages.add(message instanceof Any ? (Any) message : Any.pack(message));
      }
      return this;
    }

    /** Sets the cause, for logs. It is never sent. */
    public Builder cause(Throwable cause) {
      this.cause = cause;
      return this;
    }

    /** Makes the error. */
    public HttpStatusException build() {
      Metadata trailers = new Metadata();
      int budget = Parts.BUDGET;
      if (!challenge.isEmpty()) {
        trailers.put(CHALLENGE, challenge);
        budget -= CHALLENGE.name().length() + challenge.length();
      }
      com.google.rpc.Status status = parts().fit(budget);
      if (status.getDetailsCount() > 0) {
        trailers.put(Parts.DETAILS_KEY, status);
      }
      return new HttpStatusException(
          this, code.toStatus().withDescription(status.getMessage()).withCause(cause), trailers);
    }

    /** Sets the gRPC code that a response names. */
    Builder code(Status.Code code) {
      this.code = code;
      return this;
    }

    private String text() {
      return message.isEmpty() ? StatusTable.meaning(sent()) : message;
    }

    private int sent() {
      return StatusTable.isError(httpStatus) ? httpStatus : 500;
    }

    private Parts parts() {
      int byTable = StatusTable.httpStatus(code);
      Error.Builder own = Error.newBuilder().setCode(sent()).setDetails(details);
      boolean serverError = sent() >= 500 || byTable >= 500;
      if (serverError && !text().equals(StatusTable.meaning(sent()))) {
        own.setMessage(text());
      }
      List<Any> foreign = new ArrayList<>();
      if (violations.getFieldViolationsCount() > 0) {
        foreign.add(Any.pack(violations.build()));
      }
      if (retryAfter != null) {
        RetryInfo.Builder retry = RetryInfo.newBuilder();
        retry.getRetryDelayBuilder().setSeconds(retryAfter.getSeconds()).setNanos(retryAfter.getNano());
        foreign.add(Any.pack(retry.build()));
      }
      foreign.addAll(messages);
      // The table says the rest: the detail is sent only if something would be lost without it.
      boolean needed = sent() != byTable || !own.getMessage().isEmpty() || !details.isEmpty();
      return new Parts(code.value(), text(), needed ? own.build() : null, foreign);
    }
  }
}
