import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ErrorSchema } from "../generated/statusbridge/v1/statusbridge_pb.js";
import { grpcCode, httpStatus, meaning } from "./table.js";
/** What an error may cost in trailers. Peers commonly allow 8 KiB of them; past that the whole status is lost. */
const budget = 4096;
/** The status that reaches the client of the REST API as the HTTP status, message and details. */
export function encode(status, message, details) {
    const leaving = Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500;
    const code = grpcCode(status) || 13; // an error is never OK
    const text = message.toWellFormed() || meaning(leaving);
    const byTable = httpStatus(code);
    const detail = create(ErrorSchema, { code: leaving, details: details.toWellFormed() });
    if ((leaving >= 500 || byTable >= 500) && text !== meaning(leaving)) {
        detail.message = text;
    }
    const needed = leaving !== byTable || detail.message !== "" || detail.details !== "";
    return fit((limit) => ({
        code,
        message: cut(text, limit),
        ...(needed && {
            detail: create(ErrorSchema, {
                code: leaving,
                message: cut(detail.message, limit),
                details: cut(detail.details, limit),
            }),
        }),
    }));
}
/** google.rpc.Status on the wire: what grpc-status-details-bin carries. */
export function rpcStatus({ code, message, detail }) {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.Varint).int32(code);
    writer.tag(2, WireType.LengthDelimited).string(message);
    if (detail) {
        writer.tag(3, WireType.LengthDelimited).bytes(toBinary(AnySchema, anyPack(ErrorSchema, detail)));
    }
    return writer.finish();
}
/** Cuts all texts to the greatest common length that fits, so that the longest is cut first. */
function fit(cutTo) {
    if (trailerSize(cutTo(budget)) <= budget) {
        return cutTo(budget);
    }
    let [fits, tooLong] = [0, budget];
    while (fits + 1 < tooLong) {
        const middle = (fits + tooLong) >> 1;
        [fits, tooLong] = trailerSize(cutTo(middle)) <= budget ? [middle, tooLong] : [fits, middle];
    }
    return cutTo(fits);
}
function cut(text, limit) {
    const encoded = Buffer.from(text);
    if (encoded.length <= limit) {
        return text;
    }
    let end = limit - Buffer.byteLength("…");
    if (end < 0) {
        return "";
    }
    while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) {
        end--; // not in the middle of a character
    }
    return encoded.toString("utf8", 0, end) + "…";
}
/** Counts grpc-message, percent-encoded, and grpc-status-details-bin, in base64. */
function trailerSize(encoded) {
    let size = encoded.detail ? Math.ceil((rpcStatus(encoded).length * 4) / 3) : 0;
    for (const byte of Buffer.from(encoded.message)) {
        size += byte < 0x20 || byte > 0x7e || byte === 0x25 ? 3 : 1;
    }
    return size;
}
