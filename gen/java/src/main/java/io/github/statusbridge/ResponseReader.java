package io.github.statusbridge;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads one REST response. */
final class ResponseReader {
  private static final int SHOWN = 2048; // bytes of an unknown body in the cause
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(?:\\.([0-9]{1,9}))?s");

  // The HTTP status that google/rpc/code.proto names for each code, which grpc-gateway sends without this library.
  private static final List<Integer> RPC_STATUS =
      List.of(0, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401);

  private final int received;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  private int httpStatus;
  private String message = "";
  private String details = "";
  private String rest = ""; // the part for logs
  private Status.Code code;
  private Duration retryAfter;

  ResponseReader(int httpStatus, Map<String, List<String>> headers, byte[] body) {
    this.received = httpStatus;
    this.httpStatus = httpStatus;
    this.headers = headers == null ? Map.of() : headers;
    this.body = body == null ? new byte[0] : body;
  }

  HttpStatusException read() {
    String mediaType = jsonType(header("content-type"));
    Struct members = mediaType == null ? null : parse();
    if (members != null && mediaType.equals("application/problem+json")) {
      // The members of a problem that are for people (RFC 9457 section 3.1).
      String title = string(members, "title");
      String detail = string(members, "detail");
      tell(title.isEmpty() ? detail : title, title.isEmpty() ? "" : detail);
    } else if (members != null) {
      readError(members);
    }
    if ((message + details + rest).isEmpty()) {
      rest = new String(body, StandardCharsets.UTF_8);
    }
    Duration delay = delay(header("retry-after"), header("date"));
    HttpStatusException.Builder error =
        HttpStatusException.builder(httpStatus, message)
            .details(details)
            .retryAfter(delay == null ? retryAfter : delay);
    if (code != null) {
      error.code(code);
    }
    if (!rest.isEmpty()) {
      String text = "the response was " + received + " with \"" + Parts.cut(Parts.valid(rest), SHOWN) + '"';
      error.cause(new IllegalStateException(text));
    }
    return error.build();
  }

  /** Sets the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients. */
  private void tell(String message, String details) {
    if (httpStatus < 500) {
      this.message = message;
      this.details = details;
    } else {
      rest = message;
    }
  }

  /** Reads the documented body, a google.rpc.Status, or an object with a message. */
  private void readError(Struct body) {
    Value inner = body.getFieldsOrDefault("error", Value.getDefaultInstance());
    if (inner.hasStructValue()) {
      readStatus(inner.getStructValue());
    } else if (!readDocumented(body)) {
      if (body.containsFields("code")) {
        readStatus(body);
      } else {
        tell(firstString(body, List.of("message", "error", "detail")), string(body, "details"));
      }
    }
  }

  /** Reads the documented body. The published schemas allow more members. */
  private boolean readDocumented(Struct body) {
    Integer number = integer(body, "code");
    Value details = body.getFieldsOrDefault("details", Value.getDefaultInstance());
    boolean isText =
        details.hasStringValue() || details.hasNullValue() || details.equals(Value.getDefaultInstance());
    boolean isCode = number == null || (number >= 1 && number <= 16);
    if (isCode || !isText || !isString(body, "message")) {
      return false;
    }
    List<String> texts = new ArrayList<>(List.of(details.getStringValue()));
    for (Struct issue : objects(body, "complianceIssues")) {
      texts.add(DetailText.pair(string(issue, "field"), string(issue, "details")));
    }
    this.message = string(body, "message");
    this.details = DetailText.join(texts);
    return true;
  }

  /** Reads a google.rpc.Status: that of grpc-gateway, or that of a Google API with the name of its code. */
  private void readStatus(Struct body) {
    List<Struct> items = objects(body, "details");
    Struct own = ofType(items, "statusbridge.v1.Error");
    code = rpcCode(body);
    Integer claimed = integer(own, "code");
    if (code != null && claimed != null && claimed >= 400 && claimed <= 599) {
      httpStatus = claimed;
    }
    List<String> texts = new ArrayList<>();
    texts.add(own.getFieldsCount() > 0 ? string(own, "details") : string(body, "details"));
    for (Value item : body.getFieldsOrDefault("details", Value.getDefaultInstance()).getListValue().getValuesList()) {
      texts.add(item.getStringValue());
    }
    items.forEach(item -> texts.addAll(textsOf(item)));
    tell(string(body, "message"), DetailText.join(texts));
    String localized = string(ofType(items, "google.rpc.LocalizedMessage"), "message");
    String attached = localized.isEmpty() ? string(own, "message") : localized;
    message = attached.isEmpty() ? message : attached;
    details = details.isEmpty() ? string(own, "details") : details;
    retryAfter = duration(string(ofType(items, "google.rpc.RetryInfo"), "retryDelay"));
    Value value = body.getFieldsOrDefault("details", Value.getDefaultInstance());
    if (value.hasStructValue()) {
      rest = value.getStructValue().getFieldsMap().keySet().toString();
    }
  }

  /** Returns the gRPC code of a google.rpc.Status, if it belongs to the HTTP status of the response. */
  private Status.Code rpcCode(Struct body) {
    Integer number = integer(body, "code");
    for (Status.Code named : Status.Code.values()) {
      if (named.name().equals(string(body, "status"))) {
        number = named.value();
      }
    }
    boolean known = number != null && number > 0 && number < RPC_STATUS.size() && RPC_STATUS.get(number) == httpStatus;
    return known ? Status.fromCodeValue(number).getCode() : null;
  }

  private static List<String> textsOf(Struct detail) {
    switch (typeOf(detail)) {
      case "google.rpc.BadRequest":
        List<String> texts = new ArrayList<>();
        for (Struct violation : objects(detail, "fieldViolations")) {
          String text = string(violation, "description");
          if (text.isEmpty()) {
            text = string(object(violation, "localizedMessage"), "message");
          }
          texts.add(DetailText.pair(string(violation, "field"), text.isEmpty() ? string(violation, "reason") : text));
        }
        return texts;
      case "google.rpc.PreconditionFailure":
      case "google.rpc.QuotaFailure":
        return pairs(objects(detail, "violations"), "subject", "description");
      case "google.rpc.ResourceInfo":
        return pairs(List.of(detail), "resourceName", "description");
      case "google.rpc.Help":
        return pairs(objects(detail, "links"), "description", "url");
      default:
        return List.of();
    }
  }

  private static List<String> pairs(List<Struct> items, String name, String text) {
    return items.stream()
        .map(item -> DetailText.pair(string(item, name), string(item, text)))
        .collect(Collectors.toList());
  }

  private static Struct ofType(List<Struct> items, String type) {
    return items.stream().filter(item -> typeOf(item).equals(type)).findFirst().orElse(Struct.getDefaultInstance());
  }

  private static String typeOf(Struct detail) {
    String url = string(detail, "@type");
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static Struct object(Struct members, String name) {
    return members.getFieldsOrDefault(name, Value.getDefaultInstance()).getStructValue();
  }

  private static List<Struct> objects(Struct members, String name) {
    return members.getFieldsOrDefault(name, Value.getDefaultInstance()).getListValue().getValuesList().stream()
        .filter(Value::hasStructValue)
        .map(Value::getStructValue)
        .collect(Collectors.toList());
  }

  private static boolean isString(Struct members, String name) {
    return members.getFieldsOrDefault(name, Value.getDefaultInstance()).hasStringValue();
  }

  private static String string(Struct members, String name) {
    return Parts.valid(members.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue());
  }

  private static String firstString(Struct members, List<String> names) {
    return names.stream().map(name -> string(members, name)).filter(text -> !text.isEmpty()).findFirst().orElse("");
  }

  private static Integer integer(Struct members, String name) {
    Value value = members.getFieldsOrDefault(name, Value.getDefaultInstance());
    double number = value.getNumberValue();
    return value.hasNumberValue() && number == (int) number ? (int) number : null;
  }

  private String header(String name) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if (name.equalsIgnoreCase(header.getKey()) && header.getValue() != null && !header.getValue().isEmpty()) {
        return header.getValue().get(0);
      }
    }
    return "";
  }

  /** Returns the members of a body that is a JSON object in UTF-8, or null. */
  private Struct parse() {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      Value.Builder value = Value.newBuilder();
      JsonFormat.parser().merge(text, value);
      return value.hasStructValue() ? value.getStructValue() : null;
    } catch (CharacterCodingException | InvalidProtocolBufferException | RuntimeException e) {
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

  private static Duration duration(String text) {
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String fraction = matcher.group(2) == null ? "" : matcher.group(2);
    String nanos = (fraction + "000000000").substring(0, 9);
    return Duration.ofSeconds(Long.parseLong(matcher.group(1)), Long.parseLong(nanos));
  }

  /** Returns the delay of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3), or null. */
  private static Duration delay(String retryAfter, String date) {
    if (retryAfter.matches("[0-9]{1,12}")) {
      return Duration.ofSeconds(Long.parseLong(retryAfter));
    }
    Instant until = time(retryAfter);
    if (until == null) {
      return null;
    }
    Instant now = time(date);
    Duration delay = Duration.between(now == null ? Instant.now() : now, until);
    return delay.isNegative() ? Duration.ZERO : delay;
  }

  private static Instant time(String date) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
