import { fromBinary } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Detail } from "./statusError.js";
import { join, pair, quoted } from "./text.js";

// The texts for clients in the details of a status. They are read from the wire, so that no type has to be linked.

/** Reads the value of a field as text. */
type Read = (bytes: Uint8Array) => string;

/** Which fields of a detail become `name: text`: the field of the items (0 for the detail itself), and their columns. */
interface Listing {
  items: number;
  name: [number: number, read: Read];
  texts: [number: number, read: Read][];
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const text: Read = (bytes) => decoder.decode(bytes);
const localized: Read = (bytes) => text(last(bytes, 2) ?? new Uint8Array());

// The types that clients read under a 4xx, with the numbers of google/rpc/error_details.proto and
// buf/validate/validate.proto. The first text of an item that is not empty counts.
const listings: Record<string, Listing> = {
  "google.rpc.BadRequest": { items: 1, name: [1, text], texts: [[2, text], [4, localized], [3, text]] },
  "google.rpc.PreconditionFailure": { items: 1, name: [2, text], texts: [[3, text]] },
  "google.rpc.QuotaFailure": { items: 1, name: [1, text], texts: [[2, text]] },
  "google.rpc.ResourceInfo": { items: 0, name: [2, text], texts: [[4, text]] },
  "google.rpc.Help": { items: 1, name: [1, text], texts: [[2, text]] },
  "buf.validate.Violations": { items: 1, name: [5, fieldPath], texts: [[3, text], [2, text]] },
};

/** Reports whether clients read text of a detail of this type. */
export function hasText({ type }: Detail): boolean {
  return Object.hasOwn(listings, type) || type === "google.rpc.LocalizedMessage";
}

/** Returns the text that clients read of a detail under a 4xx. It is empty for other types and broken details. */
export function textOf({ type, value }: Detail): string {
  const listing = Object.hasOwn(listings, type) ? listings[type] : undefined;
  if (listing === undefined) {
    return "";
  }
  try {
    const items = listing.items === 0 ? [value] : all(value, listing.items);
    return join(items.map((item) => pair(column(item, listing.name), firstText(item, listing.texts))));
  } catch {
    return "";
  }
}

/** Returns the text of a google.rpc.LocalizedMessage, which replaces the message of an error. */
export function localizedMessage({ type, value }: Detail): string {
  try {
    return type === "google.rpc.LocalizedMessage" ? localized(value) : "";
  } catch {
    return "";
  }
}

/** Returns the delay of a google.rpc.RetryInfo in seconds. */
export function wireDelay({ type, value }: Detail): number | undefined {
  const duration = type === "google.rpc.RetryInfo" ? last(value, 1) : undefined;
  if (!duration) {
    return undefined;
  }
  const { seconds, nanos } = fromBinary(DurationSchema, duration);
  return Number(seconds) + nanos / 1e9;
}

const firstText = (item: Uint8Array, columns: Listing["texts"]) =>
  columns.map((each) => column(item, each)).find((found) => found !== "") ?? "";

function column(item: Uint8Array, [number, read]: [number, Read]): string {
  const bytes = last(item, number);
  return bytes === undefined ? "" : read(bytes);
}

const last = (message: Uint8Array, number: number) => all(message, number).at(-1);

/** Returns the length-delimited fields with a number. */
function all(message: Uint8Array, number: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === number && wire === WireType.LengthDelimited) {
      found.push(reader.bytes());
    } else {
      reader.skip(wire, field);
    }
  }
  return found;
}

/** Reads a buf.validate.FieldPath as protovalidate writes it: `spec.tags[0].labels["a"]`. */
function fieldPath(path: Uint8Array): string {
  return all(path, 1).map(pathElement).join(".");
}

function pathElement(element: Uint8Array): string {
  let [name, subscript] = ["", ""];
  const reader = new BinaryReader(element);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 2 && wire === WireType.LengthDelimited) {
      name = text(reader.bytes());
    } else if (field === 10 && wire === WireType.LengthDelimited) {
      subscript = `[${quoted(text(reader.bytes()))}]`;
    } else if ((field === 6 || field === 9) && wire === WireType.Varint) {
      subscript = `[${reader.uint64()}]`;
    } else if (field === 7 && wire === WireType.Varint) {
      subscript = `[${reader.bool()}]`;
    } else if (field === 8 && wire === WireType.Varint) {
      subscript = `[${reader.int64()}]`;
    } else {
      reader.skip(wire, field);
    }
  }
  return name + subscript;
}
