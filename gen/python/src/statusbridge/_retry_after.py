"""Delays before a retry."""

import re
from datetime import UTC, datetime, timedelta

_LONGEST = 315_576_000_000  # google/protobuf/duration.proto: ten thousand years

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# The three forms of a date in RFC 9110 section 5.6.7.
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)"
_FORMS = [
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<year>\d{{4}}) {_CLOCK} GMT"),
    re.compile(rf"[A-Z][a-z]+, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{{2}})-(?P<year>\d\d) {_CLOCK} GMT"),
    re.compile(rf"[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})"),
]


def seconds_of(delay: float | timedelta | None) -> float | None:
    """Return a delay in seconds. A delay that is negative or longer than ten thousand years is no delay."""
    seconds = delay.total_seconds() if isinstance(delay, timedelta) else delay
    return float(seconds) if seconds is not None and 0 <= seconds <= _LONGEST else None


def read_delay(retry_after: str, date: str) -> float | None:
    """Return the seconds of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3).

    A date is compared with the Date of the response, or else with the clock.
    """
    if re.fullmatch("[0-9]{1,19}", retry_after):
        return seconds_of(int(retry_after))
    until = _time(retry_after)
    if until is None:
        return None
    return max(0.0, (until - (_time(date) or datetime.now(UTC))).total_seconds())


def _time(date: str) -> datetime | None:
    match = next((match for form in _FORMS if (match := form.fullmatch(date))), None)
    if match is None:
        return None
    part = match.groupdict()
    year = int(part["year"])
    if year < 100:
        year += 1900 if year >= 69 else 2000
    try:
        month = _MONTHS.index(part["month"]) + 1
        return datetime.fromisoformat(f"{year:04}-{month:02}-{int(part['day']):02}T{part['clock']}+00:00")
    except ValueError:
        return None
