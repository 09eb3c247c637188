import { type Error as Own } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { type Detail, type StatusError } from "./statusError.js";
import { percentEncodedSize } from "./text.js";
/**
 * The limit for grpc-message and grpc-status-details-bin together. Clients commonly accept 8 KiB of trailers and lose the
 * whole status of a call with more.
 */
export declare const budget = 4096;
/** A gRPC status. own is missing if the code and the message alone say everything. */
export interface Parts {
    code: number;
    message: string;
    own?: Own;
    foreign: Detail[];
}
/** Counts the bytes of a message in a header. */
export type MessageSize = (message: string) => number;
/** Returns the status that is sent for an error, within the size that clients accept. */
export declare function encode(error: StatusError, messageSize?: typeof percentEncodedSize): Parts;
/**
 * Shrinks a status. It drops foreign details, the largest first, and then cuts the longest texts. Before a detail is
 * dropped, its text for clients is moved into our own detail.
 */
export declare function fit(parts: Parts, messageSize?: MessageSize, limit?: number): Parts;
/** Returns all details in the order in which they are sent. */
export declare function allDetails({ own, foreign }: Parts): Detail[];
/** Writes the google.rpc.Status of grpc-status-details-bin. */
export declare function writeStatus(parts: Parts): Uint8Array;
/** Reads the details of a google.rpc.Status. A status that does not parse has none. */
export declare function readDetails(status: Uint8Array): Detail[];
/** Takes a status apart. The first statusbridge.v1.Error counts. */
export declare function partsOf(code: number, message: string, details: Detail[]): Parts;
