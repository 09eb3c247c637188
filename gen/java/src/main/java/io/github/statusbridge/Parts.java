package io.github.statusbridge;

import com.google.protobuf.Any;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.github.statusbridge.v1.Error;
import io.grpc.Metadata;
import io.grpc.protobuf.ProtoUtils;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

  /** The bytes of the message that gRPC callers read if the whole text is in the detail only. */
  private static final int SHORT_MESSAGE = 100;

  private final int code;
  private String message;
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
   * Shrinks the status. It drops foreign details, the largest first, and then cuts the longest texts. Before a detail
   * is dropped, its text for clients is moved into our own detail.
   */
  Status fit(int budget) {
    Status status = cutTo(budget);
    if (trailerSize(status, 0) <= budget) {
      return status;
    }
    dropDetails(budget);
    if (trailerSize(cutTo(budget), 0) > budget) {
      sendMessageOnce();
    }
    // The greatest common length that fits: cutting all texts to it cuts the longest first.
    int fits = 0;
    int tooLong = budget + 1;
    while (fits + 1 < tooLong) {
      int middle = (fits + tooLong) / 2;
      if (trailerSize(cutTo(middle), 0) <= budget) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    return cutTo(fits);
  }

  /** Drops foreign details, the largest first, until the status fits or few small ones are left. */
  private void dropDetails(int budget) {
    List<Any> all = foreign;
    Set<Any> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    kept.addAll(all);
    int total = all.stream().mapToInt(Parts::wireSize).sum();
    List<Any> largestFirst = new ArrayList<>(all);
    largestFirst.sort(Comparator.comparingInt(Parts::wireSize).reversed());
    for (Any detail : largestFirst) {
      foreign = List.of();
      if (total <= SMALL_DETAILS || (total <= budget && trailerSize(cutTo(budget), total) <= budget)) {
        break;
      }
      if (!kept.remove(detail)) {
        continue;
      }
      total -= wireSize(detail);
      if (DetailText.exists(detail)) {
        // The texts stay in their order, so all details with a text become text together.
        kept.removeIf(DetailText::exists);
        foreign = all;
        moveTexts();
        total = kept.stream().mapToInt(Parts::wireSize).sum();
      }
    }
    foreign = all.stream().filter(kept::contains).collect(Collectors.toList());
  }

  /** Writes the texts that clients read of foreign details into our own detail. */
  private void moveTexts() {
    Error old = own == null ? Error.getDefaultInstance() : own;
    String localized =
        foreign.stream().map(DetailText::localized).filter(text -> !text.isEmpty()).findFirst().orElse("");
    Error.Builder moved = Error.newBuilder().setCode(httpStatus());
    moved.setMessage(localized.isEmpty() ? old.getMessage() : localized).setDetails(old.getDetails());
    if (httpStatus() < 500) {
      List<String> texts = new ArrayList<>();
      foreign.forEach(detail -> texts.add(DetailText.of(detail)));
      moved.setDetails(Texts.join(List.of(old.getDetails(), Texts.cut(Texts.join(texts), BUDGET))));
    }
    boolean same =
        moved.getMessage().equals(old.getMessage()) && moved.getDetails().equals(old.getDetails());
    own = same ? own : moved.build();
  }

  /** Moves the message into our own detail, where it takes less room. gRPC callers still read its beginning. */
  private void sendMessageOnce() {
    if (own == null) {
      // Base64 makes a text longer by a third. grpc-message triples each '%' and each byte that is not ASCII.
      if (httpStatus() >= 500 || 2 * messageSize(message) < 3 * message.getBytes(StandardCharsets.UTF_8).length) {
        return;
      }
      own = Error.newBuilder().setCode(httpStatus()).build();
    }
    if (own.getMessage().isEmpty() && httpStatus() < 500) {
      own = own.toBuilder().setMessage(message).build();
    }
    if (own.getMessage().equals(message)) {
      message = Texts.cut(message, SHORT_MESSAGE);
    }
  }

  /** Returns the HTTP status that a client reads. */
  private int httpStatus() {
    boolean claimed = own != null && StatusTable.isError(own.getCode());
    return claimed ? own.getCode() : StatusTable.httpStatus(code);
  }

  private Status cutTo(int limit) {
    Status.Builder status = Status.newBuilder().setCode(code).setMessage(Texts.cut(message, limit));
    if (own != null) {
      Error.Builder cut = own.toBuilder();
      cut.setMessage(Texts.cut(own.getMessage(), limit)).setDetails(Texts.cut(own.getDetails(), limit));
      status.addDetails(Any.pack(cut.build()));
    }
    return status.addAllDetails(foreign).build();
  }

  /** Counts grpc-message, percent-encoded, and grpc-status-details-bin, in base64, with more bytes of details. */
  private static int trailerSize(Status status, int more) {
    int size = status.getDetailsCount() > 0 || more > 0 ? ((status.getSerializedSize() + more) * 4 + 2) / 3 : 0;
    return size + messageSize(status.getMessage());
  }

  /** Counts what grpc-message takes. */
  private static int messageSize(String message) {
    int size = 0;
    for (byte c : message.getBytes(StandardCharsets.UTF_8)) {
      size += c < ' ' || c > '~' || c == '%' ? 3 : 1;
    }
    return size;
  }

  /** Counts the tag, the length and the bytes of a detail in a status. */
  private static int wireSize(Any detail) {
    return CodedOutputStream.computeMessageSize(Status.DETAILS_FIELD_NUMBER, detail);
  }
}
