import { type Error as Detail } from "../generated/statusbridge/v1/statusbridge_pb.js";
/** A gRPC status, with a detail only where the table alone would lose something. */
export interface Encoded {
    code: number;
    message: string;
    detail?: Detail;
}
/** The status that reaches the client of the REST API as the HTTP status, message and details. */
export declare function encode(status: number, message: string, details: string): Encoded;
/** google.rpc.Status on the wire: what grpc-status-details-bin carries. */
export declare function rpcStatus({ code, message, detail }: Encoded): Uint8Array<ArrayBuffer>;
