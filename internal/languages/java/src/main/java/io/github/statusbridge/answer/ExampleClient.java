package io.github.statusbridge.answer;

// docs: program
import io.github.statusbridge.HttpStatusException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

// docs: end program

/** The client of the README and of docs/other-languages.md. */
// docs: program
final class ExampleClient {
  // docs: end program
  private ExampleClient() {}

  // docs: program
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
  // docs: end client
}
// docs: end program
