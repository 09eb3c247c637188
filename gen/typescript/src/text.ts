const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const ellipsis = "…";

/** Replaces lone surrogates, which UTF-8 cannot encode. A text that is missing is empty. */
export function wellFormed(text: string | null | undefined): string {
  return decoder.decode(encoder.encode(text ?? ""));
}

/** Cuts a text to at most limit bytes of UTF-8, the ellipsis included, between two characters. */
export function cut(text: string, limit: number): string {
  const encoded = encoder.encode(text);
  if (encoded.length <= limit) {
    return text;
  }
  let end = limit - encoder.encode(ellipsis).length;
  if (end < 0) {
    return "";
  }
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) {
    end--; // not in the middle of a character
  }
  return decoder.decode(encoded.subarray(0, end)) + ellipsis;
}

/** Counts the bytes of a text in a header, percent-encoded. */
export function percentEncodedSize(text: string): number {
  let size = 0;
  for (const byte of encoder.encode(text)) {
    size += byte < 0x20 || byte > 0x7e || byte === 0x25 ? 3 : 1;
  }
  return size;
}

/** Writes a name and what is said about it. */
export function pair(name: string, what: string): string {
  return name && what ? `${name}: ${what}` : name || what;
}

/** Writes a key of a map in quotes. */
export function quoted(key: string): string {
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}

/** Joins the texts that are not empty. */
export function join(texts: string[]): string {
  return texts.filter((text) => text !== "").join("; ");
}
