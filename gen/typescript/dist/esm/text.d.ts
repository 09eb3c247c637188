/** Replaces lone surrogates, which UTF-8 cannot encode. A text that is missing is empty. */
export declare function wellFormed(text: string | null | undefined): string;
/** Cuts a text to at most limit bytes of UTF-8, the ellipsis included, between two characters. */
export declare function cut(text: string, limit: number): string;
/** Counts the bytes of a text in a header, percent-encoded. */
export declare function percentEncodedSize(text: string): number;
/** Writes a name and what is said about it. */
export declare function pair(name: string, what: string): string;
/** Writes a key of a map in quotes. */
export declare function quoted(key: string): string;
/** Joins the texts that are not empty. */
export declare function join(texts: string[]): string;
