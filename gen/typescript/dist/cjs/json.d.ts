/** The members of a JSON object. */
export type Members = Record<string, unknown>;
/** Parses JSON. Anything else is undefined. */
export declare function parse(text: string): unknown;
/** Returns a value as an object, if it is one. */
export declare function object(value: unknown): Members | undefined;
/** Returns the objects of a list. Anything else is empty. */
export declare function objects(value: unknown): Members[];
/** Returns the text of a member. Anything else is empty. */
export declare function string(members: Members | undefined, name: string): string;
/** Returns the first text of the named members that is not empty. */
export declare function firstString(members: Members, names: readonly string[]): string;
/** Returns an integer. Anything else is undefined. */
export declare function integer(value: unknown): number | undefined;
