"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.JsonDetails = void 0;
const protobuf_1 = require("@bufbuild/protobuf");
const detailText_js_1 = require("./detailText.js");
const statusbridge_pb_js_1 = require("./generated/statusbridge/v1/statusbridge_pb.js");
const json_js_1 = require("./json.js");
const retryAfter_js_1 = require("./retryAfter.js");
const table_js_1 = require("./table.js");
const text_js_1 = require("./text.js");
const trailers_js_1 = require("./trailers.js");
// The details of a google.rpc.Status in JSON, as protobuf and Connect write them.
// The list of each type that clients read, the member with the name of an item, and the members with its text. The first
// text that is not empty counts.
const lists = {
    "google.rpc.BadRequest": ["fieldViolations", "field", ["description", "localizedMessage", "reason"]],
    "google.rpc.PreconditionFailure": ["violations", "subject", ["description"]],
    "google.rpc.QuotaFailure": ["violations", "subject", ["description"]],
    "google.rpc.ResourceInfo": ["", "resourceName", ["description"]],
    "google.rpc.Help": ["links", "description", ["url"]],
    "buf.validate.Violations": ["violations", "field", ["message", "ruleId"]],
};
/** What a list of details says to clients. */
class JsonDetails {
    own;
    localized = "";
    texts = [];
    /** The delay of the last RetryInfo in seconds. */
    retryAfter;
    /** False if an object without a type is for programs. */
    isComplete = true;
    constructor(items) {
        for (const item of (0, json_js_1.objects)(items)) {
            this.read(item);
        }
    }
    /** The exact HTTP status, if a service attached one. */
    get httpStatus() {
        return this.own && (0, table_js_1.isError)(this.own.code) ? this.own.code : undefined;
    }
    /** The message that a service attached for clients. */
    get message() {
        return this.localized || (this.own?.message ?? "");
    }
    /** Returns the text for a client that receives an HTTP status. Under a 5xx, only our own detail has one. */
    text(status) {
        const own = this.own?.details ?? "";
        return status >= 500 ? own : (0, text_js_1.join)([own, (0, text_js_1.cut)((0, text_js_1.join)(this.texts), trailers_js_1.budget)]);
    }
    read(detail) {
        const name = (0, json_js_1.string)(detail, "@type").replace(/^.*\//s, "");
        const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
        if (name === statusbridge_pb_js_1.ErrorSchema.typeName) {
            const code = (0, json_js_1.integer)(detail, "code") ?? 0;
            this.own ??= { code, message: (0, json_js_1.string)(detail, "message"), details: (0, json_js_1.string)(detail, "details") };
        }
        else if (name === "google.rpc.LocalizedMessage") {
            this.localized ||= (0, json_js_1.string)(detail, "message");
        }
        else if (name === "google.rpc.RetryInfo") {
            this.retryAfter = (0, retryAfter_js_1.validDelay)(duration((0, json_js_1.string)(detail, "retryDelay", "retry_delay"))) ?? this.retryAfter;
        }
        else if (list) {
            this.texts.push(...listed(detail, ...list));
        }
        else if ((0, json_js_1.string)(detail, "type") !== "") {
            this.readConnect((0, json_js_1.string)(detail, "type"), (0, json_js_1.string)(detail, "value"));
        }
        else if (name === "") {
            this.isComplete = false;
        }
    }
    /** Reads the name of a type, and the message in base64. */
    readConnect(type, base64) {
        try {
            const value = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
            if (type === statusbridge_pb_js_1.ErrorSchema.typeName) {
                this.own ??= (0, protobuf_1.fromBinary)(statusbridge_pb_js_1.ErrorSchema, value);
            }
            this.retryAfter = (0, retryAfter_js_1.validDelay)((0, detailText_js_1.wireDelay)({ type, value })) ?? this.retryAfter;
            this.localized ||= (0, detailText_js_1.localizedMessage)({ type, value });
            this.texts.push((0, detailText_js_1.textOf)({ type, value }));
        }
        catch {
            // A detail that does not parse counts as absent.
        }
    }
}
exports.JsonDetails = JsonDetails;
function listed(detail, list, name, texts) {
    const items = list === "" ? [detail] : (0, json_js_1.objects)(named(detail, list));
    return items.map((item) => {
        const found = texts.map((each) => text(item, each)).find((each) => each !== "");
        return (0, text_js_1.pair)(text(item, name), found ?? "");
    });
}
/** Returns a text, the text of a LocalizedMessage, or a buf.validate.FieldPath. */
function text(item, name) {
    const value = named(item, name);
    const elements = (0, json_js_1.object)(value)?.["elements"];
    if (Array.isArray(elements)) {
        return (0, json_js_1.objects)(elements).map(pathElement).join(".");
    }
    return (0, json_js_1.string)({ value }, "value") || (0, json_js_1.string)((0, json_js_1.object)(value), "message");
}
/** Writes an element of a path as protovalidate does: `labels["a"]`. */
function pathElement(element) {
    const keys = ["index", "boolKey", "intKey", "uintKey"].map((name) => named(element, name));
    const key = keys.find((each) => ["string", "number", "boolean"].includes(typeof each));
    const quotable = named(element, "stringKey");
    const subscript = typeof quotable === "string" ? (0, text_js_1.quoted)(quotable) : String(key ?? "");
    return (0, json_js_1.string)(element, "fieldName", "field_name") + (subscript && `[${subscript}]`);
}
/** Returns a member by its name in JSON, or by its name in the proto. */
function named(members, name) {
    return (0, json_js_1.member)(members, name) ?? (0, json_js_1.member)(members, name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}
const duration = (delay) => (/^\d{1,12}(\.\d{1,9})?s$/.test(delay) ? Number(delay.slice(0, -1)) : undefined);
