package io.github.statusbridge.answer;

import io.github.statusbridge.HttpStatusException;
import io.github.statusbridge.StatusInterceptor;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.v1.Error;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

/** The examples of docs/other-languages.md. */
final class Example {
  private Example() {}

  // docs: service
  static void submit(Error workspace, StreamObserver<Error> observer) {
    if (workspace.getMessage().isEmpty()) {
      throw HttpStatusException.builder(400, "the workspace is not valid")
          .violation("pool", "is empty")
          .build();
    }
    SuccessStatus.set(202);
    observer.onNext(workspace);
    observer.onCompleted();
  }

  static Server newServer(BindableService service) {
    return ServerBuilder.forPort(50051)
        .addService(service)
        .intercept(new StatusInterceptor())
        .build();
  }

  // docs: end

  // docs: client
  static byte[] get(URI uri) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    HttpResponse<byte[]> response =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
    Optional<HttpStatusException> error =
        HttpStatusException.fromResponse(
            response.statusCode(), response.headers().map(), response.body());
    if (error.isPresent()) {
      throw error.get();
    }
    return response.body();
  }
  // docs: end
}
