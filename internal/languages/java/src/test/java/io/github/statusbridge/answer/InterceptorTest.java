package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.DebugInfo;
import io.github.statusbridge.HttpStatusException;
import io.github.statusbridge.StatusInterceptor;
import io.github.statusbridge.StatusTable;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.v1.Error;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors, success statuses and metadata on a real connection. */
final class InterceptorTest {
  private static final String SECRET = "pq: no password for 10.0.0.3";
  private static final Metadata.Key<String> CHALLENGE =
      Metadata.Key.of("www-authenticate", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> STATUS =
      Metadata.Key.of("statusbridge-http-status", Metadata.ASCII_STRING_MARSHALLER);

  private final List<Throwable> observed = new ArrayList<>();
  private final StatusInterceptor interceptor =
      new StatusInterceptor().observedBy((method, error) -> observed.add(error));

  /** The ways in which a method can fail. */
  enum Way {
    THROW {
      @Override
      void fail(RuntimeException error, StreamObserver<Error> observer) {
        throw error;
      }
    },
    ON_ERROR {
      @Override
      void fail(RuntimeException error, StreamObserver<Error> observer) {
        observer.onError(error);
      }
    },
    THREAD {
      @Override
      void fail(RuntimeException error, StreamObserver<Error> observer) {
        new Thread(() -> observer.onError(error)).start();
      }
    };

    abstract void fail(RuntimeException error, StreamObserver<Error> observer);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void contractError(Way way) throws IOException {
    var error =
        HttpStatusException.builder(409, "taken")
            .violation("name", "is taken")
            .retryAfter(Duration.ofMillis(1500))
            .build();
    var received = failure(interceptor, observer -> way.fail(error, observer));
    assertEquals(Status.Code.ABORTED, received.getStatus().getCode());
    assertEquals("taken", received.getStatus().getDescription());
    assertEquals(2, StatusProto.fromThrowable(received).getDetailsCount());
    assertEquals("ABORTED: taken", observed.get(0).getMessage());
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void unexpected(Way way) throws IOException {
    var error = new IllegalStateException(SECRET);
    var shown = failure(interceptor, observer -> way.fail(error, observer));
    assertEquals(Status.Code.UNKNOWN, shown.getStatus().getCode());
    assertTrue(shown.getStatus().getDescription().contains(SECRET));
    var hidden = failure(interceptor.hidingUnexpected(), observer -> way.fail(error, observer));
    assertEquals(StatusTable.meaning(500), hidden.getStatus().getDescription());
    assertFalse(String.valueOf(hidden.getTrailers()).contains("10.0.0.3"));
    assertEquals(List.of(error, error), observed);
  }

  @Test
  void causes() throws IOException {
    var wrapped = new IllegalStateException(SECRET, HttpStatusException.of(404, "no workspace 1"));
    assertEquals("no workspace 1", failure(interceptor, wrapped).getStatus().getDescription());
    var late = new IllegalStateException(new TimeoutException());
    assertEquals(Status.Code.DEADLINE_EXCEEDED, failure(interceptor, late).getStatus().getCode());
    var refused = new IllegalStateException(new ConnectException());
    assertEquals(Status.Code.UNAVAILABLE, failure(interceptor, refused).getStatus().getCode());
  }

  @Test
  void exceptionsOfOtherLanguages() throws IOException {
    var received = failure(interceptor, observer -> sneakyThrow(new IOException(SECRET)));
    assertTrue(received.getStatus().getDescription().contains(SECRET));
    var overflow = new StackOverflowError(SECRET);
    var hidden = failure(interceptor.hidingUnexpected(), observer -> sneakyThrow(overflow));
    assertEquals(StatusTable.meaning(500), hidden.getStatus().getDescription());
    assertEquals(List.of("java.io.IOException: " + SECRET, overflow.toString()), texts(observed));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneakyThrow(Throwable error) throws T {
    throw (T) error;
  }

  private static List<String> texts(List<Throwable> errors) {
    return errors.stream().map(Throwable::toString).toList();
  }

  @Test
  void failureAfterTheEnd() throws IOException {
    var received =
        failure(
            interceptor,
            observer -> {
              observer.onError(HttpStatusException.of(404, "no workspace 1"));
              throw new IllegalStateException(SECRET);
            });
    assertEquals("no workspace 1", received.getStatus().getDescription());
    assertEquals(2, observed.size());
  }

  @Test
  void observerThatThrows() throws IOException {
    var throwing =
        interceptor.observedBy(
            (method, error) -> {
              throw new IllegalStateException(SECRET);
            });
    var received = failure(throwing, new IllegalStateException("unexpected"));
    assertEquals(Status.Code.UNKNOWN, received.getStatus().getCode());
  }

  @Test
  void statusOfAnotherService() throws IOException {
    var other = failure(interceptor, HttpStatusException.of(502, "the scheduler is broken"));
    var received = failure(interceptor, other);
    assertEquals("the scheduler is broken", received.getStatus().getDescription());
    Error own = StatusProto.fromThrowable(received).getDetails(0).unpack(Error.class);
    assertEquals(502, own.getCode());
  }

  @Test
  void challenge() throws IOException {
    var error =
        HttpStatusException.builder(401, "who are you?")
            .challenge("Bearer realm=\"a\"")
            .details("log in")
            .build();
    var received = failure(interceptor, error);
    assertEquals("Bearer realm=\"a\"", received.getTrailers().get(CHALLENGE));
    assertEquals(1, StatusProto.fromThrowable(received).getDetailsCount());
  }

  @Test
  void largePlainStatus() throws IOException {
    var received = failure(interceptor, Status.NOT_FOUND.withDescription("x".repeat(10_000)).asRuntimeException());
    assertEquals(Status.Code.NOT_FOUND, received.getStatus().getCode());
    assertTrue(received.getStatus().getDescription().endsWith("…"));
  }

  @Test
  void defaultClientKeepsTheCode() throws IOException {
    var builder =
        HttpStatusException.builder(409, "é".repeat(5_000))
            .retryAfter(Duration.ofSeconds(3))
            .detail(DebugInfo.newBuilder().setDetail("x".repeat(9_000)).build());
    for (int i = 0; i < 100; i++) {
      builder.violation("field" + i, "is not valid ".repeat(10));
    }
    var error = builder.build();
    serve(
        interceptor,
        observer -> observer.onError(error),
        channel -> {
          for (int i = 0; i < 200; i++) {
            var received = assertThrows(StatusRuntimeException.class, () -> call(channel));
            assertEquals(Status.Code.ABORTED, received.getStatus().getCode());
            String own = StatusProto.fromThrowable(received).getDetails(0).getValue().toStringUtf8();
            assertTrue(own.contains("field0: is not valid"));
          }
        });
  }

  @Test
  void lastSuccessStatusCounts() throws IOException {
    var headers = new AtomicReference<Metadata>();
    serve(
        interceptor,
        observer -> {
          SuccessStatus.set(204);
          SuccessStatus.set(202);
          observer.onNext(Error.getDefaultInstance());
          assertThrows(IllegalStateException.class, () -> SuccessStatus.set(204));
          observer.onCompleted();
        },
        channel -> {
          var capturing = MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>());
          call(io.grpc.ClientInterceptors.intercept(channel, capturing));
        });
    assertEquals("202", headers.get().get(STATUS));
    assertEquals(1, count(headers.get().getAll(STATUS)));
  }

  @Test
  void anotherThread() throws IOException {
    var message = new AtomicReference<String>();
    serve(
        interceptor,
        observer -> {
          Thread thread =
              new Thread(
                  () -> {
                    var thrown = assertThrows(IllegalStateException.class, () -> SuccessStatus.set(202));
                    message.set(thrown.getMessage());
                  });
          thread.start();
          try {
            thread.join();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          observer.onNext(Error.getDefaultInstance());
          observer.onCompleted();
        },
        InterceptorTest::call);
    assertTrue(message.get().contains("Context.current().wrap"));
  }

  private static int count(Iterable<String> values) {
    int count = 0;
    for (String ignored : values) {
      count++;
    }
    return count;
  }

  private static StatusRuntimeException failure(StatusInterceptor interceptor, RuntimeException error)
      throws IOException {
    return failure(
        interceptor,
        observer -> {
          throw error;
        });
  }

  private static StatusRuntimeException failure(StatusInterceptor interceptor, Consumer<StreamObserver<Error>> method)
      throws IOException {
    var received = new AtomicReference<StatusRuntimeException>();
    serve(
        interceptor,
        method,
        channel -> received.set(assertThrows(StatusRuntimeException.class, () -> call(channel))));
    return received.get();
  }

  private static final MethodDescriptor<Error, Error> METHOD =
      MethodDescriptor.<Error, Error>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("test.Test/Unary")
          .setRequestMarshaller(ProtoUtils.marshaller(Error.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Error.getDefaultInstance()))
          .build();

  private static void call(io.grpc.Channel channel) {
    ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, Error.getDefaultInstance());
  }

  /** A test with a client of a server. */
  private interface WithChannel {
    void run(io.grpc.Channel channel) throws IOException;
  }

  private static void serve(StatusInterceptor interceptor, Consumer<StreamObserver<Error>> method, WithChannel test)
      throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(
                ServerServiceDefinition.builder("test.Test")
                    .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, observer) -> method.accept(observer)))
                    .build())
            .intercept(interceptor)
            .build()
            .start();
    ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      test.run(channel);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
