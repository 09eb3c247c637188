import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { hasText, localizedMessage, textOf } from "./detailText.js";
import { ErrorSchema } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { sentStatus } from "./statusError.js";
import { httpStatus, isError, meaning } from "./table.js";
import { cut, join, percentEncodedSize, wellFormed } from "./text.js";
/**
 * The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose the
 * whole status of a call with more.
 */
export const budget = 4096;
/** Foreign details of this size in all are kept, and texts are cut instead. A RetryInfo takes half of it. */
const smallDetails = 128;
/** Returns the status that is sent for an error, within the size that clients accept. */
export function encode(error, messageSize = percentEncodedSize) {
    const sent = sentStatus(error.httpStatus);
    const byTable = httpStatus(error.grpcCode);
    const own = create(ErrorSchema, { code: sent, details: error.details });
    if (Math.max(sent, byTable) >= 500 && error.message !== meaning(sent)) {
        own.message = error.message;
    }
    const parts = { code: error.grpcCode, message: error.message, foreign: foreignDetails(error) };
    // The table says the rest: the detail is sent only if something would be lost without it.
    if (sent !== byTable || own.message !== "" || own.details !== "") {
        parts.own = own;
    }
    const challengeSize = error.challenge === "" ? 0 : "www-authenticate".length + error.challenge.length;
    return fit(parts, messageSize, budget - challengeSize);
}
/** The bytes of the message that gRPC callers read if the whole text is in the detail only. */
const shortMessage = 100;
/**
 * Shrinks a status. It drops foreign details, the largest first, and then cuts the longest texts. Before a detail is
 * dropped, its text for clients is moved into our own detail.
 */
export function fit(parts, messageSize = percentEncodedSize, limit = budget) {
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
        if (total <= smallDetails || (total <= budget && fits(own, total))) {
            break;
        }
        if (dropped.has(detail)) {
            continue;
        }
        // The texts stay in their order, so all details with a text become text together.
        const together = hasText(detail) ? left().filter(hasText) : [detail];
        for (const each of together) {
            dropped.add(each);
            total -= sizeOf(each);
        }
        if (hasText(detail)) {
            own = { ...moveTexts(parts), foreign: [] };
        }
    }
    return { ...own, foreign: left() };
}
/** Writes the texts that clients read of foreign details into our own detail. */
function moveTexts(parts) {
    const { own, foreign } = parts;
    const code = statusOf(parts);
    const message = foreign.map(localizedMessage).find((text) => text !== "") ?? own?.message ?? "";
    const listed = code < 500 ? cut(join(foreign.map(textOf)), budget) : "";
    const details = join([own?.details ?? "", listed]);
    const same = message === (own?.message ?? "") && details === (own?.details ?? "");
    return same ? parts : { ...parts, own: create(ErrorSchema, { code, message, details }) };
}
/**
 * Moves the message into our own detail, where it takes less room. gRPC callers still read its beginning in the status.
 */
function sendMessageOnce(parts) {
    // Base64 makes a text longer by a third. grpc-message triples each '%' and each byte that is not ASCII.
    const shorter = 2 * percentEncodedSize(parts.message) >= 3 * new TextEncoder().encode(parts.message).length;
    if (!parts.own && (statusOf(parts) >= 500 || !shorter)) {
        return parts;
    }
    const { code, message, details } = parts.own ?? create(ErrorSchema, { code: statusOf(parts) });
    const own = create(ErrorSchema, { code, message: message || (statusOf(parts) < 500 ? parts.message : ""), details });
    return { ...parts, own, message: own.message === parts.message ? cut(parts.message, shortMessage) : parts.message };
}
/** The HTTP status that a client reads. */
function statusOf({ code, own }) {
    return own && isError(own.code) ? own.code : httpStatus(code);
}
/** Returns all details in the order in which they are sent. */
export function allDetails({ own, foreign }) {
    return own ? [{ type: ErrorSchema.typeName, value: toBinary(ErrorSchema, own) }, ...foreign] : foreign;
}
/** Writes the google.rpc.Status of grpc-status-details-bin. */
export function writeStatus(parts) {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.Varint).int32(parts.code);
    writer.tag(2, WireType.LengthDelimited).string(parts.message);
    for (const { type, value } of allDetails(parts)) {
        writer.tag(3, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.LengthDelimited).string(`type.googleapis.com/${type}`);
        writer.tag(2, WireType.LengthDelimited).bytes(value);
        writer.join();
    }
    return writer.finish();
}
/** Reads the details of a google.rpc.Status. A status that does not parse has none. */
export function readDetails(status) {
    const details = [];
    try {
        const reader = new BinaryReader(status);
        while (reader.pos < reader.len) {
            const [field, wire] = reader.tag();
            if (field === 3 && wire === WireType.LengthDelimited) {
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
export function partsOf(code, message, details) {
    const parts = { code, message: wellFormed(message), foreign: [] };
    for (const detail of details) {
        const own = parts.own === undefined && detail.type === ErrorSchema.typeName ? readOwn(detail.value) : undefined;
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
        return fromBinary(ErrorSchema, value);
    }
    catch {
        return undefined;
    }
}
function readAny(message) {
    const detail = { type: "", value: new Uint8Array() };
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
        const [field, wire] = reader.tag();
        if (field === 1 && wire === WireType.LengthDelimited) {
            const url = reader.string();
            detail.type = url.slice(url.lastIndexOf("/") + 1);
        }
        else if (field === 2 && wire === WireType.LengthDelimited) {
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
        const writer = new BinaryWriter();
        for (const [field, description] of violations) {
            writer.tag(1, WireType.LengthDelimited).fork();
            writer.tag(1, WireType.LengthDelimited).string(field);
            writer.tag(2, WireType.LengthDelimited).string(description);
            writer.join();
        }
        details.push({ type: "google.rpc.BadRequest", value: writer.finish() });
    }
    if (retryAfter !== undefined) {
        const [seconds, nanos] = [Math.floor(retryAfter), Math.floor((retryAfter % 1) * 1e9)];
        const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).fork();
        if (seconds > 0) {
            writer.tag(1, WireType.Varint).int64(seconds);
        }
        if (nanos > 0) {
            writer.tag(2, WireType.Varint).int32(nanos);
        }
        details.push({ type: "google.rpc.RetryInfo", value: writer.join().finish() });
    }
    return [...details, ...messages];
}
function cutTo(parts, limit) {
    const { own } = parts;
    return {
        ...parts,
        message: cut(parts.message, limit),
        ...(own && {
            own: create(ErrorSchema, { code: own.code, message: cut(own.message, limit), details: cut(own.details, limit) }),
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
