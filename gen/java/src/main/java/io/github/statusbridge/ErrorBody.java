package io.github.statusbridge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What an error body of a REST API says. */
final class ErrorBody {
  private static final int LIMIT = 64 << 10; // bytes of a body that are read

  // The HTTP status that google/rpc/code.proto names for each code. grpc-gateway, Google APIs and Connect send it.
  private static final List<Integer> RPC_STATUS =
      List.of(0, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401);

  int httpStatus; // that of the response, until the body has a better one
  String message = "";
  String details = "";
  Status.Code code;
  Duration retryAfter;
  boolean isComplete; // false if logs need the body too

  private ErrorBody(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  /** Reads a body. A status of 0 means that the body alone says which status it is. */
  static ErrorBody read(int httpStatus, String contentType, byte[] body) {
    ErrorBody found = new ErrorBody(httpStatus);
    String mediaType = jsonType(contentType);
    JsonObject members = mediaType == null ? null : parse(body);
    found.isComplete = members != null && found.read(members, mediaType);
    return found;
  }

  /** Recognizes the form of the body by its members. Reports whether all of it is in the result. */
  private boolean read(JsonObject body, String mediaType) {
    JsonObject inner = Json.object(Json.member(body, "error"));
    if (inner != null) {
      boolean plain = Json.member(inner, "status").isJsonNull() && Json.member(inner, "errors").isJsonNull();
      return (plain && readDocumented(inner)) || readStatus(inner);
    }
    if (mediaType.equals("application/problem+json") && !Json.string(body, "title", "detail").isEmpty()) {
      return readProblem(body);
    }
    if (Json.string(body, "kind").equals("Status") && Json.isString(Json.member(body, "message"))) {
      return readKubernetes(body);
    }
    if (readDocumented(body)) {
      return true;
    }
    boolean isStatus = !Json.string(body, "message", "msg").isEmpty() || rpcCode(body) != null;
    return body.has("code") && isStatus ? readStatus(body) : readOther(body);
  }

  /** Reads the documented body, if it is one. The published schemas allow more members. */
  private boolean readDocumented(JsonObject body) {
    Long number = Json.integer(body, "code");
    JsonElement text = Json.member(body, "details");
    boolean isText = text.isJsonNull() || Json.isString(text);
    if (number == null || isGrpcCode(number) || !isText || !Json.isString(Json.member(body, "message"))) {
      return false;
    }
    List<String> texts = new ArrayList<>();
    texts.add(Json.string(body, "details"));
    for (JsonObject issue : Json.objects(Json.member(body, "complianceIssues"))) {
      texts.add(Texts.pair(Json.string(issue, "field"), Json.string(issue, "details")));
    }
    message = Json.string(body, "message");
    details = Texts.join(texts);
    httpStatus = httpStatus == 0 && StatusTable.isError(number) ? number.intValue() : httpStatus;
    return true;
  }

  /** Reads the members of a problem that are for people (RFC 9457 section 3.1). */
  private boolean readProblem(JsonObject body) {
    String title = Json.string(body, "title");
    return tell(Json.string(body, "title", "detail"), title.isEmpty() ? "" : Json.string(body, "detail"));
  }

  /** Reads a Status of Kubernetes. Its details are for programs. */
  private boolean readKubernetes(JsonObject body) {
    if (Json.string(body, "reason").equals("AlreadyExists") && httpStatus == 409) {
      code = Status.Code.ALREADY_EXISTS;
    }
    JsonElement forPrograms = Json.member(body, "details");
    Long seconds = Json.integer(Json.object(forPrograms), "retryAfterSeconds");
    retryAfter = seconds == null || seconds <= 0 ? null : RetryAfter.valid(Duration.ofSeconds(seconds));
    return tell(Json.string(body, "message"), "") && forPrograms.isJsonNull();
  }

  /** Reads a google.rpc.Status: that of grpc-gateway, a Google API, Connect or Twirp. */
  private boolean readStatus(JsonObject body) {
    String text = Json.string(body, "message", "msg");
    Status.Code named = rpcCode(body);
    if (named == null && text.isEmpty()) {
      return false;
    }
    if (httpStatus == 0) {
      Long number = Json.integer(body, "code");
      int byCode = named == null ? 0 : StatusTable.httpStatus(named);
      httpStatus = number != null && StatusTable.isError(number) ? number.intValue() : byCode;
    } else if (named != null && RPC_STATUS.get(named.value()) != httpStatus) {
      named = null; // a code that belongs to another status is not believed
    }
    if (named == null) {
      return readMessage(body, text, texts(body));
    }
    JsonDetails attached = new JsonDetails(Json.member(body, "details"));
    code = named;
    retryAfter = attached.retryAfter();
    httpStatus = attached.httpStatus() == 0 ? httpStatus : attached.httpStatus();
    tell(text, texts(body));
    message = attached.message().isEmpty() ? message : attached.message();
    details = Texts.join(List.of(details, attached.text(httpStatus)));
    return message.equals(text);
  }

  /** Reads an object that has its message under one of the usual names. */
  private boolean readOther(JsonObject body) {
    for (String name : List.of("message", "Message", "msg", "error_description", "error", "detail", "title")) {
      String text = Json.string(body, name);
      // Skip the phrase of the status: clients know it already.
      if (!text.isEmpty() && !StatusTable.isPhrase(text, httpStatus)) {
        return readMessage(body, text, name.equals("title") ? Json.string(body, "detail") : texts(body));
      }
    }
    return false;
  }

  /** Reads a message without a gRPC code, and the details beside it. */
  private boolean readMessage(JsonObject body, String text, String more) {
    JsonElement items = Json.member(body, "details");
    JsonDetails attached = new JsonDetails(items);
    retryAfter = attached.retryAfter();
    boolean told = tell(text, more);
    if (httpStatus < 500) {
      details = Texts.join(List.of(details, attached.text(httpStatus)));
    }
    return told && attached.isComplete() && !items.isJsonObject();
  }

  /** Sets the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients. */
  private boolean tell(String message, String details) {
    if (httpStatus >= 500) {
      return message.isEmpty();
    }
    this.message = message;
    this.details = details;
    return true;
  }

  private static boolean isGrpcCode(long code) {
    return code >= 1 && code <= 16;
  }

  /** Returns the gRPC code of a google.rpc.Status, by its name or its number, or null. */
  private static Status.Code rpcCode(JsonObject body) {
    String name = Json.string(body, "status", "code").toUpperCase(Locale.ROOT);
    Long number = Json.integer(body, "code");
    for (Status.Code known : Status.Code.values()) {
      boolean isNamed = known.name().equals(name) || (known == Status.Code.CANCELLED && name.equals("CANCELED"));
      if (isNamed && known != Status.Code.OK) {
        return known;
      }
    }
    return number != null && isGrpcCode(number) ? Status.fromCodeValue(number.intValue()).getCode() : null;
  }

  /** Returns details that are a text or a list of texts. */
  private static String texts(JsonObject body) {
    JsonElement details = Json.member(body, "details");
    List<String> texts = new ArrayList<>(List.of(Json.string(body, "details")));
    if (details.isJsonArray()) {
      for (JsonElement item : details.getAsJsonArray()) {
        texts.add(Json.isString(item) ? Texts.valid(item.getAsString()) : "");
      }
    }
    return Texts.join(texts);
  }

  /** Returns the members of a body that is a JSON object in UTF-8, or null. */
  private static JsonObject parse(byte[] body) {
    if (body.length > LIMIT) {
      return null;
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return Json.parse(text.startsWith("\ufeff") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Returns the media type of JSON in UTF-8, or null. A body without a type may be JSON. */
  private static String jsonType(String contentType) {
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    String mediaType = parts[0].trim();
    for (String part : parts) {
      String charset = part.trim().replace("\"", "");
      if (charset.startsWith("charset=") && !Set.of("utf-8", "utf8", "us-ascii").contains(charset.substring(8))) {
        return null;
      }
    }
    boolean known = Set.of("", "application/json", "text/json").contains(mediaType) || mediaType.endsWith("+json");
    return known ? mediaType : null;
  }
}
