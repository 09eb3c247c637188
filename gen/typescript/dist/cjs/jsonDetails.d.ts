/** What a list of details says to clients. */
export declare class JsonDetails {
    private own;
    private localized;
    private readonly texts;
    /** The delay of the last RetryInfo in seconds. */
    retryAfter: number | undefined;
    /** False if an object without a type is for programs. */
    isComplete: boolean;
    constructor(items: unknown);
    /** The exact HTTP status, if a service attached one. */
    get httpStatus(): number | undefined;
    /** The message that a service attached for clients. */
    get message(): string;
    /** Returns the text for a client that receives an HTTP status. Under a 5xx, only our own detail has one. */
    text(status: number): string;
    private read;
    /** Reads the name of a type, and the message in base64. */
    private readConnect;
}
