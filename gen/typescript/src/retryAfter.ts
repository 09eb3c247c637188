const longestDelay = 315_576_000_000; // google/protobuf/duration.proto: ten thousand years

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// The three forms of a date in RFC 9110 section 5.6.7.
const forms = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<clock>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]+, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<clock>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** Returns a delay in seconds. A delay that is negative or longer than ten thousand years is no delay. */
export function validDelay(seconds: number | null | undefined): number | undefined {
  return typeof seconds === "number" && seconds >= 0 && seconds <= longestDelay ? seconds : undefined;
}

/**
 * Returns the seconds of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3). A date is compared with the
 * Date of the response, or else with the clock.
 */
export function readDelay(retryAfter: string, date: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) {
    return validDelay(Number(retryAfter));
  }
  const until = time(retryAfter);
  return until === undefined ? undefined : Math.max(0, (until - (time(date) ?? Date.now())) / 1000);
}

/** Returns a date in milliseconds. */
function time(date: string): number | undefined {
  const { day = "", month = "", year = "", clock = "" } = forms.map((form) => form.exec(date)?.groups).find(Boolean) ?? {};
  const number = Number(year) < 100 ? Number(year) + (Number(year) >= 69 ? 1900 : 2000) : Number(year);
  const iso = [String(number).padStart(4, "0"), twoDigits(months.indexOf(month) + 1), twoDigits(Number(day))].join("-");
  const milliseconds = Date.parse(`${iso}T${clock}Z`);
  // Date.parse accepts the 31st of each month.
  return new Date(milliseconds).getUTCDate() === Number(day) ? milliseconds : undefined;
}

const twoDigits = (number: number) => String(number).padStart(2, "0");
