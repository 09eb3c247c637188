import { type Members } from "./json.js";
/** Reads an error body. A status of 0 means that the body alone says which status it is. */
export declare function readBody(status: number, contentType: string, body: string | Uint8Array | null): Body;
/** What an error body says. */
export declare class Body {
    httpStatus: number;
    message: string;
    details: string;
    grpcCode: number | undefined;
    retryAfter: number | undefined;
    /** False if logs need the body too. */
    isComplete: boolean;
    /** httpStatus is that of the response, until the body has a better one. */
    constructor(httpStatus: number);
    /** Recognizes the form of the body by its members. Reports whether all of it is in the result. */
    read(body: Members, mediaType: string | undefined): boolean;
    /** Reads the documented body, if it is one. The published schemas allow more members. */
    private readDocumented;
    /** Reads the members of a problem that are for people (RFC 9457 section 3.1). */
    private readProblem;
    /** Reads a Status of Kubernetes. Its details are for programs. */
    private readKubernetes;
    /** Reads a google.rpc.Status: that of grpc-gateway, a Google API, Connect or Twirp. */
    private readStatus;
    /** Reads an object that has its message under one of the usual names. */
    private readOther;
    /** Reads a message without a gRPC code, and the details beside it. */
    private readMessage;
    /** Sets the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients. */
    private tell;
}
