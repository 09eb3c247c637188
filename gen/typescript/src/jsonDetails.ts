import { fromBinary } from "@bufbuild/protobuf";
import { localizedMessage, textOf, wireDelay } from "./detailText.js";
import { ErrorSchema } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { integer, type Members, member, object, objects, string } from "./json.js";
import { validDelay } from "./retryAfter.js";
import { isError } from "./table.js";
import { cut, join, pair, quoted } from "./text.js";
import { budget } from "./trailers.js";

// The details of a google.rpc.Status in JSON, as protobuf and Connect write them.

// The list of each type that clients read, the member with the name of an item, and the members with its text. The first
// text that is not empty counts.
const lists: Record<string, [list: string, name: string, texts: string[]]> = {
  "google.rpc.BadRequest": ["fieldViolations", "field", ["description", "localizedMessage", "reason"]],
  "google.rpc.PreconditionFailure": ["violations", "subject", ["description"]],
  "google.rpc.QuotaFailure": ["violations", "subject", ["description"]],
  "google.rpc.ResourceInfo": ["", "resourceName", ["description"]],
  "google.rpc.Help": ["links", "description", ["url"]],
  "buf.validate.Violations": ["violations", "field", ["message", "ruleId"]],
};

interface Own {
  code: number;
  message: string;
  details: string;
}

/** What a list of details says to clients. */
export class JsonDetails {
  private own: Own | undefined;
  private localized = "";
  private readonly texts: string[] = [];
  /** The delay of the last RetryInfo in seconds. */
  retryAfter: number | undefined;
  /** False if an object without a type is for programs. */
  isComplete = true;

  constructor(items: unknown) {
    for (const item of objects(items)) {
      this.read(item);
    }
  }

  /** The exact HTTP status, if a service attached one. */
  get httpStatus(): number | undefined {
    return this.own && isError(this.own.code) ? this.own.code : undefined;
  }

  /** The message that a service attached for clients. */
  get message(): string {
    return this.localized || (this.own?.message ?? "");
  }

  /** Returns the text for a client that receives an HTTP status. Under a 5xx, only our own detail has one. */
  text(status: number): string {
    const own = this.own?.details ?? "";
    return status >= 500 ? own : join([own, cut(join(this.texts), budget)]);
  }

  private read(detail: Members): void {
    const name = string(detail, "@type").replace(/^.*\//s, "");
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (name === ErrorSchema.typeName) {
      const code = integer(detail, "code") ?? 0;
      this.own ??= { code, message: string(detail, "message"), details: string(detail, "details") };
    } else if (name === "google.rpc.LocalizedMessage") {
      this.localized ||= string(detail, "message");
    } else if (name === "google.rpc.RetryInfo") {
      this.retryAfter = validDelay(duration(string(detail, "retryDelay", "retry_delay"))) ?? this.retryAfter;
    } else if (list) {
      this.texts.push(...listed(detail, ...list));
    } else if (string(detail, "type") !== "") {
      this.readConnect(string(detail, "type"), string(detail, "value"));
    } else if (name === "") {
      this.isComplete = false;
    }
  }

  /** Reads the name of a type, and the message in base64. */
  private readConnect(type: string, base64: string): void {
    try {
      const value = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      if (type === ErrorSchema.typeName) {
        this.own ??= fromBinary(ErrorSchema, value);
      }
      this.retryAfter = validDelay(wireDelay({ type, value })) ?? this.retryAfter;
      this.localized ||= localizedMessage({ type, value });
      this.texts.push(textOf({ type, value }));
    } catch {
      // A detail that does not parse counts as absent.
    }
  }
}

function listed(detail: Members, list: string, name: string, texts: string[]): string[] {
  const items = list === "" ? [detail] : objects(named(detail, list));
  return items.map((item) => {
    const found = texts.map((each) => text(item, each)).find((each) => each !== "");
    return pair(text(item, name), found ?? "");
  });
}

/** Returns a text, the text of a LocalizedMessage, or a buf.validate.FieldPath. */
function text(item: Members, name: string): string {
  const value = named(item, name);
  const elements = object(value)?.["elements"];
  if (Array.isArray(elements)) {
    return objects(elements).map(pathElement).join(".");
  }
  return string({ value }, "value") || string(object(value), "message");
}

/** Writes an element of a path as protovalidate does: `labels["a"]`. */
function pathElement(element: Members): string {
  const keys = ["index", "boolKey", "intKey", "uintKey"].map((name) => named(element, name));
  const key = keys.find((each) => ["string", "number", "boolean"].includes(typeof each)) as string | number | boolean | undefined;
  const quotable = named(element, "stringKey");
  const subscript = typeof quotable === "string" ? quoted(quotable) : String(key ?? "");
  return string(element, "fieldName", "field_name") + (subscript && `[${subscript}]`);
}

/** Returns a member by its name in JSON, or by its name in the proto. */
function named(members: Members, name: string): unknown {
  return member(members, name) ?? member(members, name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

const duration = (delay: string) => (/^\d{1,12}(\.\d{1,9})?s$/.test(delay) ? Number(delay.slice(0, -1)) : undefined);
