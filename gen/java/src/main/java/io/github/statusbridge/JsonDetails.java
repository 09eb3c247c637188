package io.github.statusbridge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.github.statusbridge.v1.Error;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The details of a google.rpc.Status in JSON, as protobuf and Connect write them. */
final class JsonDetails {
  /** The list of a type, the member with the name of an item, and the members with its text. */
  private static final class Listing {
    final String items;
    final String name;
    final List<String> texts;

    Listing(String items, String name, String... texts) {
      this.items = items;
      this.name = name;
      this.texts = List.of(texts);
    }
  }

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(?:\\.([0-9]{1,9}))?s");
  private static final Pattern UPPER_CASE = Pattern.compile("[A-Z]");
  private static final String RETRY_INFO = "google.rpc.RetryInfo";

  // The types that clients read. The first text of an item that is not empty counts.
  private static final Map<String, Listing> LISTINGS =
      Map.of(
          "google.rpc.BadRequest",
          new Listing("fieldViolations", "field", "description", "localizedMessage", "reason"),
          "google.rpc.PreconditionFailure", new Listing("violations", "subject", "description"),
          "google.rpc.QuotaFailure", new Listing("violations", "subject", "description"),
          "google.rpc.ResourceInfo", new Listing("", "resourceName", "description"),
          "google.rpc.Help", new Listing("links", "description", "url"),
          "buf.validate.Violations", new Listing("violations", "field", "message", "ruleId"));

  private Error own;
  private String localized = "";
  private Duration retryAfter;
  private final List<String> texts = new ArrayList<>();
  private boolean isComplete = true;

  JsonDetails(JsonElement items) {
    Json.objects(items).forEach(this::read);
  }

  /** Returns the exact HTTP status that a service attached, or 0. */
  int httpStatus() {
    return own != null && StatusTable.isError(own.getCode()) ? own.getCode() : 0;
  }

  /** Returns the message that a service attached for clients. */
  String message() {
    return localized.isEmpty() && own != null ? own.getMessage() : localized;
  }

  /** Returns the text for a client that receives an HTTP status. Under a 5xx, only our own detail has one. */
  String text(int httpStatus) {
    String details = own == null ? "" : own.getDetails();
    return httpStatus >= 500
        ? details
        : Texts.join(List.of(details, Texts.cut(Texts.join(texts), Parts.BUDGET)));
  }

  /** Returns the delay of the last RetryInfo, or null. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Reports whether all objects have a type. An object without a type is for programs. */
  boolean isComplete() {
    return isComplete;
  }

  private void read(JsonObject detail) {
    String url = Json.string(detail, "@type");
    String name = url.substring(url.lastIndexOf('/') + 1);
    if (name.equals(Error.getDescriptor().getFullName())) {
      readOwn(
          Error.newBuilder()
              .setCode(code(detail))
              .setMessage(Json.string(detail, "message"))
              .setDetails(Json.string(detail, "details"))
              .build());
    } else if (name.equals(DetailText.LOCALIZED_MESSAGE)) {
      readLocalized(Json.string(detail, "message"));
    } else if (name.equals(RETRY_INFO)) {
      readDelay(duration(Json.string(detail, "retryDelay", "retry_delay")));
    } else if (LISTINGS.containsKey(name)) {
      readListing(detail, LISTINGS.get(name));
    } else if (!Json.string(detail, "type").isEmpty()) {
      readConnect(Json.string(detail, "type"), Json.string(detail, "value"));
    } else if (name.isEmpty()) {
      isComplete = false;
    }
  }

  /** Reads the name of a type, and the message in base64. */
  private void readConnect(String type, String base64) {
    try {
      byte[] value = Base64.getDecoder().decode(base64);
      if (type.equals(Error.getDescriptor().getFullName())) {
        readOwn(Error.parseFrom(value));
      } else if (type.equals(RETRY_INFO)) {
        var delay = RetryInfo.parseFrom(value).getRetryDelay();
        readDelay(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
      }
      Any detail =
          Any.newBuilder().setTypeUrl("type.googleapis.com/" + type).setValue(ByteString.copyFrom(value)).build();
      readLocalized(DetailText.localized(detail));
      texts.add(DetailText.of(detail));
    } catch (IllegalArgumentException | InvalidProtocolBufferException | ArithmeticException | DateTimeException e) {
      // A detail that does not parse counts as absent.
    }
  }

  private void readOwn(Error detail) {
    own = own == null ? detail : own;
  }

  private void readLocalized(String message) {
    localized = localized.isEmpty() ? message : localized;
  }

  private void readDelay(Duration delay) {
    Duration valid = RetryAfter.valid(delay);
    retryAfter = valid == null ? retryAfter : valid;
  }

  private void readListing(JsonObject detail, Listing listing) {
    List<JsonObject> items =
        listing.items.isEmpty() ? List.of(detail) : Json.objects(named(detail, listing.items));
    for (JsonObject item : items) {
      String text =
          listing.texts.stream()
              .map(name -> columnOf(item, name))
              .filter(each -> !each.isEmpty())
              .findFirst()
              .orElse("");
      texts.add(Texts.pair(columnOf(item, listing.name), text));
    }
  }

  private static int code(JsonObject detail) {
    Long code = Json.integer(detail, "code");
    return code != null && StatusTable.isError(code) ? code.intValue() : 0;
  }

  /** Returns a text, the text of a LocalizedMessage, or a buf.validate.FieldPath. */
  private static String columnOf(JsonObject item, String name) {
    JsonElement value = named(item, name);
    if (Json.isString(value)) {
      return Texts.valid(value.getAsString());
    }
    JsonObject object = Json.object(value);
    if (Json.member(object, "elements").isJsonArray()) {
      return Json.objects(Json.member(object, "elements")).stream()
          .map(JsonDetails::pathElement)
          .collect(Collectors.joining("."));
    }
    return Json.string(object, "message");
  }

  /** Writes an element of a path as protovalidate does: {@code labels["a"]}. */
  private static String pathElement(JsonObject element) {
    String key = "";
    for (String name : List.of("index", "boolKey", "intKey", "uintKey")) {
      key = named(element, name).isJsonPrimitive() ? named(element, name).getAsString() : key;
    }
    JsonElement text = named(element, "stringKey");
    key = Json.isString(text) ? Texts.quoted(Texts.valid(text.getAsString())) : key;
    return Json.string(element, "fieldName", "field_name") + (key.isEmpty() ? "" : "[" + key + "]");
  }

  /** Returns a member by its name in JSON, or by its name in the proto. */
  private static JsonElement named(JsonObject members, String name) {
    String snake = UPPER_CASE.matcher(name).replaceAll(letter -> "_" + Character.toLowerCase(letter.group().charAt(0)));
    return members.has(name) ? Json.member(members, name) : Json.member(members, snake);
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String fraction = matcher.group(2) == null ? "" : matcher.group(2);
    String nanos = (fraction + "000000000").substring(0, 9);
    return Duration.ofSeconds(Long.parseLong(matcher.group(1)), Long.parseLong(nanos));
  }
}
