package io.github.statusbridge;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.github.statusbridge.v1.Error;
import io.grpc.Metadata;
import io.grpc.protobuf.ProtoUtils;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A status before it is shrunk to the size that clients accept in trailers. */
final class Parts {
  static final Metadata.Key<Status> DETAILS_KEY =
      Metadata.Key.of(
          "grpc-status-details-bin", ProtoUtils.metadataMarshaller(Status.getDefaultInstance()));

  /**
   * The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and
   * lose the whole status of a call with more.
   */
  static final int BUDGET = 4096;

  /** Foreign details of this size in all are kept, and texts are cut instead. A RetryInfo takes half of it. */
  private static final int SMALL_DETAILS = 128;

  private static final String ELLIPSIS = "…";

  private final int code;
  private final String message;
  private Error own; // null if the code and the message alone say everything
  private List<Any> foreign;

  Parts(int code, String message, Error own, List<Any> foreign) {
    this.code = code;
    this.message = message;
    this.own = own;
    this.foreign = new ArrayList<>(foreign);
  }

  /** Takes a status apart. The first statusbridge.v1.Error counts. */
  static Parts of(int code, String message, List<Any> details) {
    Error own = null;
    List<Any> foreign = new ArrayList<>();
    for (Any detail : details) {
      try {
        if (own == null && detail.is(Error.class)) {
          own = detail.unpack(Error.class);
          continue;
        }
      } catch (InvalidProtocolBufferException e) {
        // A detail that does not parse is a foreign one.
      }
      foreign.add(detail);
    }
    return new Parts(code, message, own, foreign);
  }

  /**
   * Shrinks the status. The text for clients is made from foreign details first. Then the largest foreign details are
   * dropped. Then the texts are cut, the longest first.
   */
  Status fit(int budget) {
    Status status = cutTo(budget);
    if (trailerSize(status) <= budget) {
      return status;
    }
    makeText();
    dropLargeDetails(budget);
    // The greatest common length that fits: cutting all texts to it cuts the longest first.
    int fits = 0;
    int tooLong = budget + 1;
    while (fits + 1 < tooLong) {
      int middle = (fits + tooLong) / 2;
      if (trailerSize(cutTo(middle)) <= budget) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    return cutTo(fits);
  }

  /** Replaces foreign details by the text that clients read of them. */
  private void makeText() {
    Error.Builder text = own == null ? Error.newBuilder().setCode(StatusTable.httpStatus(code)) : own.toBuilder();
    if (text.getCode() < 500) {
      List<String> texts = new ArrayList<>(List.of(text.getDetails()));
      foreign.forEach(detail -> texts.add(DetailText.of(detail)));
      text.setDetails(DetailText.join(texts));
      foreign.removeIf(detail -> !DetailText.of(detail).isEmpty());
    }
    for (Any detail : foreign) {
      if (!DetailText.localized(detail).isEmpty()) {
        text.setMessage(DetailText.localized(detail));
        foreign.remove(detail);
        break;
      }
    }
    if (own != null || !text.getMessage().isEmpty() || !text.getDetails().isEmpty()) {
      own = text.build();
    }
  }

  private void dropLargeDetails(int budget) {
    foreign.sort(Comparator.comparingInt(Any::getSerializedSize));
    int size = foreign.stream().mapToInt(Any::getSerializedSize).sum();
    while (size > SMALL_DETAILS && trailerSize(cutTo(budget)) > budget) {
      size -= foreign.remove(foreign.size() - 1).getSerializedSize();
    }
  }

  private Status cutTo(int limit) {
    Status.Builder status = Status.newBuilder().setCode(code).setMessage(cut(message, limit));
    if (own != null) {
      Error.Builder cut = own.toBuilder();
      cut.setMessage(cut(own.getMessage(), limit)).setDetails(cut(own.getDetails(), limit));
      status.addDetails(Any.pack(cut.build()));
    }
    return status.addAllDetails(foreign).build();
  }

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

  /** Counts grpc-message, percent-encoded, and grpc-status-details-bin, in base64. */
  private static int trailerSize(Status status) {
    int size = status.getDetailsCount() > 0 ? (status.getSerializedSize() * 4 + 2) / 3 : 0;
    for (byte c : status.getMessageBytes()) {
      size += c < ' ' || c > '~' || c == '%' ? 3 : 1;
    }
    return size;
  }
}
