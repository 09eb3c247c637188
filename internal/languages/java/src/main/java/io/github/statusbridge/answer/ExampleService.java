package io.github.statusbridge.answer;

// docs: program
import io.github.statusbridge.HttpStatusException;
import io.github.statusbridge.StatusInterceptor;
import io.github.statusbridge.SuccessStatus;
// docs: end program
import io.github.statusbridge.user.Workspace;
// docs: program
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;

// docs: end program

/** The service of the README and of docs/other-languages.md. */
// docs: program
final class ExampleService {
  // docs: end program
  private ExampleService() {}

  // docs: program
  // docs: service
  static void submit(Workspace workspace, StreamObserver<Workspace> observer) {
    if (workspace.getPool().isEmpty()) {
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
  // docs: end service
}
// docs: end program
