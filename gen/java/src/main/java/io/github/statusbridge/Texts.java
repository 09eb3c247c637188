package io.github.statusbridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Texts in UTF-8. */
final class Texts {
  private static final String ELLIPSIS = "…";

  private Texts() {}

  /** Replaces surrogates without their other half, which UTF-8 cannot encode. Null is the empty text. */
  static String valid(String text) {
    return text == null ? "" : text.replaceAll("\\p{Cs}", "\ufffd");
  }

  /** Cuts a text to at most limit bytes of UTF-8, the ellipsis included, between two characters. */
  static String cut(String text, int limit) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length <= limit) {
      return text;
    }
    int end = limit - ELLIPSIS.getBytes(StandardCharsets.UTF_8).length;
    if (end < 0) {
      return "";
    }
    while (end > 0 && (encoded[end] & 0xC0) == 0x80) {
      end--; // not in the middle of a character
    }
    return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(encoded, 0, end)) + ELLIPSIS;
  }

  /** Writes {@code name: text}, or the one of them that is not empty. */
  static String pair(String name, String text) {
    return name.isEmpty() || text.isEmpty() ? name + text : name + ": " + text;
  }

  /** Writes a key of a map in quotes. */
  static String quoted(String key) {
    return '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Joins the texts that are not empty. */
  static String join(List<String> texts) {
    return texts.stream().filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
  }
}
