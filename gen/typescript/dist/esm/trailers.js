import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { localizedMessage, textOf } from "./detailText.js";
import { ErrorSchema } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { sentStatus } from "./statusError.js";
import { httpStatus, meaning } from "./table.js";
import { cut, join, percentEncodedSize, wellFormed } from "./text.js";
/**
 * The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose the
 * whole status of a call with more.
 */
const budget = 4096;
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
/**
 * Shrinks a status. The text for clients is made from foreign details first. Then the largest foreign details are dropped.
 * Then the texts are cut, the longest first.
 */
export function fit(parts, messageSize = percentEncodedSize, limit = budget) {
    const trailerSize = (cut) => messageSize(cut.message) + detailsSize(cut);
    if (trailerSize(parts) <= limit) {
        return parts;
    }
    let shrunk = withText(parts);
    shrunk.foreign.sort((a, b) => wireSize(a) - wireSize(b));
    let size = shrunk.foreign.reduce((sum, detail) => sum + wireSize(detail), 0);
    while (size > smallDetails && trailerSize(cutTo(shrunk, limit)) > limit) {
        size -= shrunk.foreign.slice(-1).reduce((sum, detail) => sum + wireSize(detail), 0);
        shrunk = { ...shrunk, foreign: shrunk.foreign.slice(0, -1) };
    }
    // The greatest common length that fits: cutting all texts to it cuts the longest first.
    let [fits, tooLong] = [0, limit + 1];
    while (fits + 1 < tooLong) {
        const middle = (fits + tooLong) >> 1;
        [fits, tooLong] = trailerSize(cutTo(shrunk, middle)) <= limit ? [middle, tooLong] : [fits, middle];
    }
    return cutTo(shrunk, fits);
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
        writer.tag(1, WireType.Varint).int64(seconds);
        writer.tag(2, WireType.Varint).int32(nanos);
        details.push({ type: "google.rpc.RetryInfo", value: writer.join().finish() });
    }
    return [...details, ...messages];
}
/** Replaces foreign details by the text that clients read of them. */
function withText(parts) {
    const own = create(ErrorSchema, parts.own ?? { code: httpStatus(parts.code) });
    let foreign = [...parts.foreign];
    if (own.code < 500) {
        own.details = join([own.details, ...foreign.map(textOf)]);
        foreign = foreign.filter((detail) => textOf(detail) === "");
    }
    const localized = foreign.find((detail) => localizedMessage(detail) !== "");
    if (localized) {
        own.message = localizedMessage(localized);
        foreign = foreign.filter((detail) => detail !== localized);
    }
    return { ...parts, foreign, ...((own.message !== "" || own.details !== "" || parts.own) && { own }) };
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
/** Counts grpc-status-details-bin, in base64. */
function detailsSize(parts) {
    return parts.own || parts.foreign.length > 0 ? Math.ceil((writeStatus(parts).length * 4) / 3) : 0;
}
function wireSize({ type, value }) {
    return "type.googleapis.com/".length + type.length + value.length + 8;
}
