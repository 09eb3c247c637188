package io.github.statusbridge.answer;

import io.github.statusbridge.StatusErrors;
import io.github.statusbridge.SuccessStatus;
import io.github.statusbridge.v1.Error;
import io.grpc.stub.StreamObserver;

/** The example of README.md. */
final class Example {
  private Example() {}

  static void submit(Error workspace, StreamObserver<Error> observer) {
    // docs: service
    if (workspace.getMessage().isEmpty()) {
      observer.onError(StatusErrors.error(400, "the workspace is not valid", "pool: is empty"));
      return;
    }
    SuccessStatus.set(202);
    // docs: end
    observer.onNext(workspace);
    observer.onCompleted();
  }
}
