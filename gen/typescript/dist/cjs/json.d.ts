/** The members of a JSON object. */
export type Members = Record<string, unknown>;
/** Parses the first JSON value of a text, if it is an object. */
export declare function parseObject(text: string): Members | undefined;
/** Returns a value as an object, if it is one. */
export declare function object(value: unknown): Members | undefined;
/** Returns the objects of a list. Anything else is empty. */
export declare function objects(value: unknown): Members[];
/** Returns the first of the named members that is a text and not empty. */
export declare function string(members: Members | undefined, ...names: readonly string[]): string;
/** Returns a member, and nothing that objects of JavaScript inherit. */
export declare function member(members: Members, name: string): unknown;
/** Returns a member that is an integer. */
export declare function integer(members: Members | undefined, name: string): number | undefined;
