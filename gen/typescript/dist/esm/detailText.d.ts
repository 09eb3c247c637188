import type { Detail } from "./statusError.js";
/** Reports whether clients read text of a detail of this type. */
export declare function hasText({ type }: Detail): boolean;
/** Returns the text that clients read of a detail under a 4xx. It is empty for other types and broken details. */
export declare function textOf({ type, value }: Detail): string;
/** Returns the text of a google.rpc.LocalizedMessage, which replaces the message of an error. */
export declare function localizedMessage({ type, value }: Detail): string;
/** Returns the delay of a google.rpc.RetryInfo in seconds. */
export declare function wireDelay({ type, value }: Detail): number | undefined;
