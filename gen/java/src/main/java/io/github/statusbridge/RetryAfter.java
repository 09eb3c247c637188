package io.github.statusbridge;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** Delays before a retry. */
final class RetryAfter {
  private static final Duration LONGEST = Duration.ofSeconds(315_576_000_000L); // ten thousand years: duration.proto

  // The three forms of a date in RFC 9110 section 5.6.7.
  private static final List<DateTimeFormatter> FORMS =
      List.of(
          form("EEE, dd MMM uuuu HH:mm:ss 'GMT'"),
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1969)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.US)
              .withResolverStyle(ResolverStyle.STRICT),
          form("EEE MMM ppd HH:mm:ss uuuu"));

  private RetryAfter() {}

  private static DateTimeFormatter form(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US).withResolverStyle(ResolverStyle.STRICT);
  }

  /** Returns a delay. It is null if it is negative or longer than ten thousand years. */
  static Duration valid(Duration delay) {
    return delay == null || delay.isNegative() || delay.compareTo(LONGEST) > 0 ? null : delay;
  }

  /**
   * Returns the delay of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3), or null. A date is
   * compared with the Date of the response, or else with the clock.
   */
  static Duration read(String retryAfter, String date) {
    if (retryAfter.matches("[0-9]{1,18}")) {
      return valid(Duration.ofSeconds(Long.parseLong(retryAfter)));
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
    for (DateTimeFormatter form : FORMS) {
      try {
        return LocalDateTime.parse(date, form).toInstant(ZoneOffset.UTC);
      } catch (DateTimeException e) {
        continue;
      }
    }
    return null;
  }
}
