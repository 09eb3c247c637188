package io.github.statusbridge.answer;

import static io.grpc.MethodDescriptor.generateFullMethodName;

import io.github.statusbridge.HttpStatusException;
import io.github.statusbridge.StatusInterceptor;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.user.Workspace;
import io.github.statusbridge.v1.Error;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** AnswerService (see answer.proto) on a free loopback port, which it prints. */
final class AnswerServer {
  private static final String SERVICE = "statusbridge.answer.v1.AnswerService";

  private AnswerServer() {}

  public static void main(String[] arguments) throws Exception {
    var interceptor = new StatusInterceptor().observedBy((method, error) -> {});
    boolean hides = List.of(arguments).contains("hide");
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(method("Answer", MethodType.UNARY), ServerCalls.asyncUnaryCall(AnswerServer::answer))
                    .addMethod(
                        method("Watch", MethodType.SERVER_STREAMING),
                        ServerCalls.asyncServerStreamingCall(AnswerServer::answer))
                    .build())
            .intercept(hides ? interceptor.hidingUnexpected() : interceptor)
            .build()
            .start();
    System.out.println("127.0.0.1:" + server.getPort());
    server.awaitTermination();
  }

  private static MethodDescriptor<Error, Error> method(String name, MethodType type) {
    return MethodDescriptor.<Error, Error>newBuilder()
        .setType(type)
        .setFullMethodName(generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(ProtoUtils.marshaller(Error.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(Error.getDefaultInstance()))
        .build();
  }

  private static void answer(Error request, StreamObserver<Error> observer) {
    int code = request.getCode();
    if (code == 0) {
      throw new IllegalStateException(request.getMessage());
    } else if (code == 1) {
      Workspace workspace = Workspace.newBuilder().setPool(request.getMessage()).build();
      ExampleService.submit(workspace, accepted(request, observer));
    } else if (code == 2) {
      throw HttpStatusException.builder(400, request.getMessage())
          .violation("name", "is taken")
          .violation("pool", "is empty")
          .retryAfter(Duration.ofSeconds(7))
          .build();
    } else if (code == 3) {
      throw HttpStatusException.builder(401, request.getMessage())
          .challenge(request.getDetails())
          .build();
    } else if (code < 0) {
      observer.onError(
          Status.fromCodeValue(-code).withDescription(request.getMessage()).asException());
    } else if (code >= 200 && code <= 299) {
      SuccessStatus.set(code);
      observer.onNext(request);
      observer.onCompleted();
    } else {
      throw HttpStatusException.builder(code, request.getMessage())
          .details(request.getDetails())
          .build();
    }
  }

  /** Returns an observer that sends the request itself for each message of the example. */
  private static StreamObserver<Workspace> accepted(Error request, StreamObserver<Error> observer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(Workspace workspace) {
        observer.onNext(request);
      }

      @Override
      public void onError(Throwable error) {
        observer.onError(error);
      }

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }
}
