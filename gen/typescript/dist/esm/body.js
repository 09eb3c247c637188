import { GrpcCode, GrpcCodeSchema } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { integer, member, object, objects, parseObject, string } from "./json.js";
import { JsonDetails } from "./jsonDetails.js";
import { validDelay } from "./retryAfter.js";
import { httpStatus, isError, isPhrase } from "./table.js";
import { join, pair, wellFormed } from "./text.js";
const bodyLimit = 64 << 10; // bytes of a body that are read
// The HTTP status that google/rpc/code.proto names for each code. grpc-gateway, Google APIs and Connect send it.
const rpcStatus = [0, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
/** Reads an error body. A status of 0 means that the body alone says which status it is. */
export function readBody(status, contentType, body) {
    const found = new Body(status);
    const mediaType = jsonType(contentType);
    const text = mediaType === undefined ? undefined : decode(body);
    const members = text === undefined ? undefined : parseObject(text);
    found.isComplete = members !== undefined && found.read(members, mediaType);
    return found;
}
/** What an error body says. */
export class Body {
    httpStatus;
    message = "";
    details = "";
    grpcCode;
    retryAfter;
    /** False if logs need the body too. */
    isComplete = true;
    /** httpStatus is that of the response, until the body has a better one. */
    constructor(httpStatus) {
        this.httpStatus = httpStatus;
    }
    /** Recognizes the form of the body by its members. Reports whether all of it is in the result. */
    read(body, mediaType) {
        const inner = object(member(body, "error"));
        if (inner) {
            const plain = (inner["status"] ?? null) === null && (inner["errors"] ?? null) === null;
            return (plain && this.readDocumented(inner)) || this.readStatus(inner);
        }
        if (mediaType === "application/problem+json" && string(body, "title", "detail") !== "") {
            return this.readProblem(body);
        }
        if (body["kind"] === "Status" && typeof body["message"] === "string") {
            return this.readKubernetes(body);
        }
        if (this.readDocumented(body)) {
            return true;
        }
        const isStatus = "code" in body && (string(body, "message", "msg") !== "" || rpcCode(body) !== undefined);
        return isStatus ? this.readStatus(body) : this.readOther(body);
    }
    /** Reads the documented body, if it is one. The published schemas allow more members. */
    readDocumented(body) {
        const code = integer(body, "code");
        const [message, details] = [body["message"], body["details"] ?? ""];
        if (code === undefined || isGrpcCode(code) || typeof message !== "string" || typeof details !== "string") {
            return false;
        }
        const issues = objects(body["complianceIssues"]).map((issue) => pair(string(issue, "field"), string(issue, "details")));
        [this.message, this.details] = [wellFormed(message), join([wellFormed(details), ...issues])];
        this.httpStatus ||= isError(code) ? code : 0;
        return true;
    }
    /** Reads the members of a problem that are for people (RFC 9457 section 3.1). */
    readProblem(body) {
        const [title, detail] = [string(body, "title"), string(body, "detail")];
        return this.tell(title || detail, title && detail);
    }
    /** Reads a Status of Kubernetes. Its details are for programs. */
    readKubernetes(body) {
        if (body["reason"] === "AlreadyExists" && this.httpStatus === 409) {
            this.grpcCode = GrpcCode.ALREADY_EXISTS;
        }
        const details = body["details"] ?? null;
        this.retryAfter = validDelay(integer(object(details), "retryAfterSeconds")) || undefined;
        return this.tell(string(body, "message"), "") && details === null;
    }
    /** Reads a google.rpc.Status: that of grpc-gateway, a Google API, Connect or Twirp. */
    readStatus(body) {
        const [message, number] = [string(body, "message", "msg"), integer(body, "code")];
        let code = rpcCode(body);
        if (code === undefined && message === "") {
            return false;
        }
        if (!this.httpStatus) {
            this.httpStatus = number !== undefined && isError(number) ? number : code ? httpStatus(code) : 0;
        }
        else if (code !== undefined && rpcStatus[code] !== this.httpStatus) {
            code = undefined; // a code that belongs to another status is not believed
        }
        if (code === undefined) {
            return this.readMessage(body, message, texts(body));
        }
        const details = new JsonDetails(body["details"]);
        [this.grpcCode, this.retryAfter] = [code, details.retryAfter];
        this.httpStatus = details.httpStatus ?? this.httpStatus;
        this.tell(message, texts(body));
        this.message = details.message || this.message;
        this.details = join([this.details, details.text(this.httpStatus)]);
        return this.message === message;
    }
    /** Reads an object that has its message under one of the usual names. */
    readOther(body) {
        for (const name of ["message", "Message", "msg", "error_description", "error", "detail", "title"]) {
            const message = string(body, name);
            // Skip the phrase of the status: clients know it already.
            if (message !== "" && !isPhrase(message, this.httpStatus)) {
                return this.readMessage(body, message, name === "title" ? string(body, "detail") : texts(body));
            }
        }
        return false;
    }
    /** Reads a message without a gRPC code, and the details beside it. */
    readMessage(body, message, text) {
        const details = new JsonDetails(body["details"]);
        this.retryAfter = details.retryAfter;
        const told = this.tell(message, text);
        if (this.httpStatus < 500) {
            this.details = join([this.details, details.text(this.httpStatus)]);
        }
        return told && details.isComplete && !object(body["details"]);
    }
    /** Sets the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients. */
    tell(message, details) {
        if (this.httpStatus >= 500) {
            return message === "";
        }
        [this.message, this.details] = [message, details];
        return true;
    }
}
const isGrpcCode = (code) => code >= 1 && code <= 16;
/** Returns the gRPC code of a google.rpc.Status, by its name or its number. */
function rpcCode(body) {
    const name = string(body, "status", "code").toUpperCase();
    const named = GrpcCodeSchema.values.find((value) => value.localName === (name === "CANCELED" ? "CANCELLED" : name));
    const number = integer(body, "code") ?? 0;
    return named?.number || (isGrpcCode(number) ? number : undefined);
}
/** Returns details that are a text or a list of texts. */
function texts(body) {
    const details = body["details"];
    const items = Array.isArray(details) ? details : [details];
    return join(items.filter((item) => typeof item === "string").map(wellFormed));
}
/** Returns the text of a body in UTF-8 that is not too long. */
function decode(body) {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body ?? new Uint8Array());
    try {
        return bytes.length > bodyLimit ? undefined : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    }
    catch {
        return undefined;
    }
}
/** Returns the media type of JSON in UTF-8. A body without a type may be JSON. */
function jsonType(contentType) {
    const [mediaType = "", ...parameters] = contentType.toLowerCase().split(";").map((part) => part.trim());
    const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
    const known = ["", "application/json", "text/json"].includes(mediaType) || /^[^/ ]+\/[^/ ]+\+json$/.test(mediaType);
    return known && ["utf-8", "utf8", "us-ascii"].includes((charset ?? "utf-8").replace(/"/g, "")) ? mediaType : undefined;
}
