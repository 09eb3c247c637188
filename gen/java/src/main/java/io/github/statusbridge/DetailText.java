package io.github.statusbridge;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The texts for clients in the details of a status. They are read by field number, so no type has to be linked. */
final class DetailText {
  /** Which fields of a detail become {@code name: text}; items is 0 if the detail itself is the only item. */
  private static final class Listing {
    final int items;
    final Column name;
    final List<Column> texts;

    Listing(int items, Column name, Column... texts) {
      this.items = items;
      this.name = name;
      this.texts = List.of(texts);
    }
  }

  /** Reads a field of an item as text. */
  private interface Column {
    String of(ByteString item) throws InvalidProtocolBufferException;
  }

  static final String LOCALIZED_MESSAGE = "google.rpc.LocalizedMessage";

  // The types that clients read under a 4xx, with the numbers of google/rpc/error_details.proto and
  // buf/validate/validate.proto. The first text of an item that is not empty counts.
  private static final Map<String, Listing> LISTINGS =
      Map.of(
          "google.rpc.BadRequest",
          new Listing(1, column(1), column(2), item -> localizedText(last(item, 4)), column(3)),
          "google.rpc.PreconditionFailure", new Listing(1, column(2), column(3)),
          "google.rpc.QuotaFailure", new Listing(1, column(1), column(2)),
          "google.rpc.ResourceInfo", new Listing(0, column(2), column(4)),
          "google.rpc.Help", new Listing(1, column(1), column(2)),
          "buf.validate.Violations", new Listing(1, item -> path(last(item, 5)), column(3), column(2)));

  private DetailText() {}

  /** Reports whether clients read text of a detail of this type. */
  static boolean exists(Any detail) {
    return LISTINGS.containsKey(typeOf(detail)) || typeOf(detail).equals(LOCALIZED_MESSAGE);
  }

  /** Returns the text that clients read under a 4xx. It is empty for other types and broken details. */
  static String of(Any detail) {
    Listing listing = LISTINGS.get(typeOf(detail));
    if (listing == null) {
      return "";
    }
    try {
      List<ByteString> items =
          listing.items == 0 ? List.of(detail.getValue()) : all(detail.getValue(), listing.items);
      List<String> texts = new ArrayList<>();
      for (ByteString item : items) {
        texts.add(itemText(item, listing));
      }
      return Texts.join(texts);
    } catch (InvalidProtocolBufferException e) {
      return "";
    }
  }

  /** Returns the text of a google.rpc.LocalizedMessage, which replaces the message of an error. */
  static String localized(Any detail) {
    try {
      return typeOf(detail).equals(LOCALIZED_MESSAGE) ? localizedText(detail.getValue()) : "";
    } catch (InvalidProtocolBufferException e) {
      return "";
    }
  }

  private static String typeOf(Any detail) {
    return detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('/') + 1);
  }

  private static String itemText(ByteString item, Listing listing) throws InvalidProtocolBufferException {
    String name = listing.name.of(item);
    for (Column column : listing.texts) {
      String text = column.of(item);
      if (!text.isEmpty()) {
        return Texts.pair(name, text);
      }
    }
    return name;
  }

  private static Column column(int number) {
    return item -> text(item, number);
  }

  private static String localizedText(ByteString message) throws InvalidProtocolBufferException {
    return text(message, 2);
  }

  /** Reads a buf.validate.FieldPath as protovalidate writes it: {@code spec.tags[0].labels["a"]}. */
  private static String path(ByteString path) throws InvalidProtocolBufferException {
    List<String> elements = new ArrayList<>();
    for (ByteString bytes : all(path, 1)) {
      UnknownFieldSet element = UnknownFieldSet.parseFrom(bytes);
      StringBuilder text = new StringBuilder(text(bytes, 2));
      for (int number : new int[] {6, 7, 8, 9}) {
        for (long key : element.getField(number).getVarintList()) {
          String subscript = number == 7 ? Boolean.toString(key != 0) : Long.toString(key);
          text.append('[').append(number == 9 ? Long.toUnsignedString(key) : subscript).append(']');
        }
      }
      if (!element.getField(10).getLengthDelimitedList().isEmpty()) {
        text.append('[').append(Texts.quoted(text(bytes, 10))).append(']');
      }
      elements.add(text.toString());
    }
    return String.join(".", elements);
  }

  private static String text(ByteString message, int number) throws InvalidProtocolBufferException {
    ByteString bytes = last(message, number);
    if (!bytes.isValidUtf8()) {
      throw new InvalidProtocolBufferException("a text is not UTF-8");
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static ByteString last(ByteString message, int number)
      throws InvalidProtocolBufferException {
    List<ByteString> found = all(message, number);
    return found.isEmpty() ? ByteString.EMPTY : found.get(found.size() - 1);
  }

  private static List<ByteString> all(ByteString message, int number)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(message).getField(number).getLengthDelimitedList();
  }
}
