/** Options for the errors of a service. */
export interface ErrorsOptions {
    /**
     * Called with the method and each error. By default, errors without a status are logged with console.error. An
     * exception of the observer changes nothing.
     */
    observer?: (method: string, error: unknown) => void;
    /** Hides the text of unexpected errors from gRPC callers too. REST clients never read it. */
    hideUnexpected?: boolean;
}
/** Returns the code and the message that are sent for an error without a status. */
export declare function unexpected(error: unknown, { hideUnexpected }: ErrorsOptions): {
    code: number;
    message: string;
};
/** Calls the observer. */
export declare function observe({ observer }: ErrorsOptions, method: string, error: unknown, isExpected: boolean): void;
