package io.github.statusbridge;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Members of JSON objects, which may have any type. */
final class Json {
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

  private Json() {}

  /** Parses the first JSON value of a text. Returns null if it is no object. */
  static JsonObject parse(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    try {
      return object(JsonParser.parseReader(reader));
    } catch (JsonParseException | IllegalStateException e) {
      return null;
    }
  }

  /** Returns a member, and a null of JSON if it is missing. */
  static JsonElement member(JsonObject members, String name) {
    JsonElement member = members == null ? null : members.get(name);
    return member == null ? JsonNull.INSTANCE : member;
  }

  /** Returns an object, or null if the value is something else. */
  static JsonObject object(JsonElement value) {
    return value.isJsonObject() ? value.getAsJsonObject() : null;
  }

  /** Returns the objects of a list. Anything else is empty. */
  static List<JsonObject> objects(JsonElement value) {
    List<JsonObject> objects = new ArrayList<>();
    if (value.isJsonArray()) {
      for (JsonElement item : value.getAsJsonArray()) {
        if (item.isJsonObject()) {
          objects.add(item.getAsJsonObject());
        }
      }
    }
    return objects;
  }

  static boolean isString(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }

  /** Returns the first of the named members that is a text and not empty. */
  static String string(JsonObject members, String... names) {
    for (String name : names) {
      JsonElement value = member(members, name);
      if (isString(value) && !value.getAsString().isEmpty()) {
        return Texts.valid(value.getAsString());
      }
    }
    return "";
  }

  /** Returns a member that is an integer, and otherwise null. */
  static Long integer(JsonObject members, String name) {
    JsonElement value = member(members, name);
    boolean isNumber = value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    return isNumber && INTEGER.matcher(value.getAsString()).matches() ? Long.valueOf(value.getAsString()) : null;
  }
}
