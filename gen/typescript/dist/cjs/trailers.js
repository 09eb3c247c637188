"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.budget = void 0;
exports.encode = encode;
exports.fit = fit;
exports.allDetails = allDetails;
exports.writeStatus = writeStatus;
exports.readDetails = readDetails;
exports.partsOf = partsOf;
const protobuf_1 = require("@bufbuild/protobuf");
const wire_1 = require("@bufbuild/protobuf/wire");
const detailText_js_1 = require("./detailText.js");
const statusbridge_pb_js_1 = require("./generated/statusbridge/v1/statusbridge_pb.js");
const statusError_js_1 = require("./statusError.js");
const table_js_1 = require("./table.js");
const text_js_1 = require("./text.js");
/**
 * The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose the
 * whole status of a call with more.
 */
exports.budget = 4096;
/** Foreign details of this size in all are kept, and texts are cut instead. A RetryInfo takes half of it. */
const smallDetails = 128;
/** Returns the status that is sent for an error, within the size that clients accept. */
function encode(error, messageSize = text_js_1.percentEncodedSize) {
    const sent = (0, statusError_js_1.sentStatus)(error.httpStatus);
    const byTable = (0, table_js_1.httpStatus)(error.grpcCode);
    const own = (0, protobuf_1.create)(statusbridge_pb_js_1.ErrorSchema, { code: sent, details: error.details });
    if (Math.max(sent, byTable) >= 500 && error.message !== (0, table_js_1.meaning)(sent)) {
        own.message = error.message;
    }
    const parts = { code: error.grpcCode, message: error.message, foreign: foreignDetails(error) };
    // The table says the rest: the detail is sent only if something would be lost without it.
    if (sent !== byTable || own.message !== "" || own.details !== "") {
        parts.own = own;
    }
    const challengeSize = error.challenge === "" ? 0 : "www-authenticate".length + error.challenge.length;
    return fit(parts, messageSize, exports.budget - challengeSize);
}
/** The bytes of the message that gRPC callers read if the whole text is in the detail only. */
const shortMessage = 100;
/**
 * Shrinks a status. It drops foreign details, the largest first, and then cuts the longest texts. Before a detail is
 * dropped, its text for clients is moved into our own detail.
 */
function fit(parts, messageSize = text_js_1.percentEncodedSize, limit = exports.budget) {
    const size = (cut, more = 0) => messageSize(cut.message) + detailsSize(cut, more);
    if (size(parts) <= limit) {
        return parts;
    }
    let shrunk = dropDetails(parts, (cut, more) => size(cutTo(cut, limit), more) <= limit);
    if (size(cutTo(shrunk, limit)) > limit) {
        shrunk = sendMessageOnce(shrunk);
    }
    // The greatest common length that fits: cutting all texts to it cuts the longest first.
    let [fits, tooLong] = [0, limit + 1];
    while (fits + 1 < tooLong) {
        const middle = (fits + tooLong) >> 1;
        [fits, tooLong] = size(cutTo(shrunk, middle)) <= limit ? [middle, tooLong] : [fits, middle];
    }
    return cutTo(shrunk, fits);
}
/** Drops foreign details, the largest first, until the status fits or few small ones are left. */
function dropDetails(parts, fits) {
    const sizes = new Map(parts.foreign.map((detail) => [detail, wireSize(detail)]));
    const sizeOf = (detail) => sizes.get(detail) ?? 0;
    const dropped = new Set();
    const left = () => parts.foreign.filter((detail) => !dropped.has(detail));
    let total = parts.foreign.reduce((sum, detail) => sum + sizeOf(detail), 0);
    let own = { ...parts, foreign: [] };
    for (const detail of parts.foreign.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
        if (total <= smallDetails || (total <= exports.budget && fits(own, total))) {
            break;
        }
        if (dropped.has(detail)) {
            continue;
        }
        // The texts stay in their order, so all details with a text become text together.
        const together = (0, detailText_js_1.hasText)(detail) ? left().filter(detailText_js_1.hasText) : [detail];
        for (const each of together) {
            dropped.add(each);
            total -= sizeOf(each);
        }
        if ((0, detailText_js_1.hasText)(detail)) {
            own = { ...moveTexts(parts), foreign: [] };
        }
    }
    return { ...own, foreign: left() };
}
/** Writes the texts that clients read of foreign details into our own detail. */
function moveTexts(parts) {
    const { own, foreign } = parts;
    const code = statusOf(parts);
    const message = foreign.map(detailText_js_1.localizedMessage).find((text) => text !== "") ?? own?.message ?? "";
    const listed = code < 500 ? (0, text_js_1.cut)((0, text_js_1.join)(foreign.map(detailText_js_1.textOf)), exports.budget) : "";
    const details = (0, text_js_1.join)([own?.details ?? "", listed]);
    const same = message === (own?.message ?? "") && details === (own?.details ?? "");
    return same ? parts : { ...parts, own: (0, protobuf_1.create)(statusbridge_pb_js_1.ErrorSchema, { code, message, details }) };
}
/**
 * Moves the message into our own detail, where it takes less room. gRPC callers still read its beginning in the status.
 */
function sendMessageOnce(parts) {
    // Base64 makes a text longer by a third. grpc-message triples each '%' and each byte that is not ASCII.
    const shorter = 2 * (0, text_js_1.percentEncodedSize)(parts.message) >= 3 * new TextEncoder().encode(parts.message).length;
    if (!parts.own && (statusOf(parts) >= 500 || !shorter)) {
        return parts;
    }
    const { code, message, details } = parts.own ?? (0, protobuf_1.create)(statusbridge_pb_js_1.ErrorSchema, { code: statusOf(parts) });
    const own = (0, protobuf_1.create)(statusbridge_pb_js_1.ErrorSchema, { code, message: message || (statusOf(parts) < 500 ? parts.message : ""), details });
    return { ...parts, own, message: own.message === parts.message ? (0, text_js_1.cut)(parts.message, shortMessage) : parts.message };
}
/** The HTTP status that a client reads. */
function statusOf({ code, own }) {
    return own && (0, table_js_1.isError)(own.code) ? own.code : (0, table_js_1.httpStatus)(code);
}
/** Returns all details in the order in which they are sent. */
function allDetails({ own, foreign }) {
    return own ? [{ type: statusbridge_pb_js_1.ErrorSchema.typeName, value: (0, protobuf_1.toBinary)(statusbridge_pb_js_1.ErrorSchema, own) }, ...foreign] : foreign;
}
/** Writes the google.rpc.Status of grpc-status-details-bin. */
function writeStatus(parts) {
    const writer = new wire_1.BinaryWriter();
    writer.tag(1, wire_1.WireType.Varint).int32(parts.code);
    writer.tag(2, wire_1.WireType.LengthDelimited).string(parts.message);
    for (const { type, value } of allDetails(parts)) {
        writer.tag(3, wire_1.WireType.LengthDelimited).fork();
        writer.tag(1, wire_1.WireType.LengthDelimited).string(`type.googleapis.com/${type}`);
        writer.tag(2, wire_1.WireType.LengthDelimited).bytes(value);
        writer.join();
    }
    return writer.finish();
}
/** Reads the details of a google.rpc.Status. A status that does not parse has none. */
function readDetails(status) {
    const details = [];
    try {
        const reader = new wire_1.BinaryReader(status);
        while (reader.pos < reader.len) {
            const [field, wire] = reader.tag();
            if (field === 3 && wire === wire_1.WireType.LengthDelimited) {
                details.push(readAny(reader.bytes()));
            }
            else {
                reader.skip(wire, field);
            }
        }
    }
    catch {
        return [];
    }
    return details;
}
/** Takes a status apart. The first statusbridge.v1.Error counts. */
function partsOf(code, message, details) {
    const parts = { code, message: (0, text_js_1.wellFormed)(message), foreign: [] };
    for (const detail of details) {
        const own = parts.own === undefined && detail.type === statusbridge_pb_js_1.ErrorSchema.typeName ? readOwn(detail.value) : undefined;
        if (own) {
            parts.own = own;
        }
        else {
            parts.foreign.push(detail);
        }
    }
    return parts;
}
function readOwn(value) {
    try {
        return (0, protobuf_1.fromBinary)(statusbridge_pb_js_1.ErrorSchema, value);
    }
    catch {
        return undefined;
    }
}
function readAny(message) {
    const detail = { type: "", value: new Uint8Array() };
    const reader = new wire_1.BinaryReader(message);
    while (reader.pos < reader.len) {
        const [field, wire] = reader.tag();
        if (field === 1 && wire === wire_1.WireType.LengthDelimited) {
            const url = reader.string();
            detail.type = url.slice(url.lastIndexOf("/") + 1);
        }
        else if (field === 2 && wire === wire_1.WireType.LengthDelimited) {
            detail.value = reader.bytes();
        }
        else {
            reader.skip(wire, field);
        }
    }
    return detail;
}
function foreignDetails({ violations, retryAfter, messages }) {
    const details = [];
    if (violations.length > 0) {
        const writer = new wire_1.BinaryWriter();
        for (const [field, description] of violations) {
            writer.tag(1, wire_1.WireType.LengthDelimited).fork();
            writer.tag(1, wire_1.WireType.LengthDelimited).string(field);
            writer.tag(2, wire_1.WireType.LengthDelimited).string(description);
            writer.join();
        }
        details.push({ type: "google.rpc.BadRequest", value: writer.finish() });
    }
    if (retryAfter !== undefined) {
        const [seconds, nanos] = [Math.floor(retryAfter), Math.floor((retryAfter % 1) * 1e9)];
        const writer = new wire_1.BinaryWriter().tag(1, wire_1.WireType.LengthDelimited).fork();
        if (seconds > 0) {
            writer.tag(1, wire_1.WireType.Varint).int64(seconds);
        }
        if (nanos > 0) {
            writer.tag(2, wire_1.WireType.Varint).int32(nanos);
        }
        details.push({ type: "google.rpc.RetryInfo", value: writer.join().finish() });
    }
    return [...details, ...messages];
}
function cutTo(parts, limit) {
    const { own } = parts;
    return {
        ...parts,
        message: (0, text_js_1.cut)(parts.message, limit),
        ...(own && {
            own: (0, protobuf_1.create)(statusbridge_pb_js_1.ErrorSchema, { code: own.code, message: (0, text_js_1.cut)(own.message, limit), details: (0, text_js_1.cut)(own.details, limit) }),
        }),
    };
}
/** Counts grpc-status-details-bin, in base64, with more bytes of details. */
function detailsSize(parts, more) {
    const present = parts.own !== undefined || parts.foreign.length > 0 || more > 0;
    return present ? Math.ceil(((writeStatus(parts).length + more) * 4) / 3) : 0;
}
/** Counts the tag, the length and the bytes of a detail in a status. */
function wireSize(detail) {
    return writeStatus({ code: 0, message: "", foreign: [detail] }).length - emptySize;
}
const emptySize = writeStatus({ code: 0, message: "", foreign: [] }).length;
