/** The members of a JSON object. */
export type Members = Record<string, unknown>;

/** Parses JSON. Anything else is undefined. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns a value as an object, if it is one. */
export function object(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

/** Returns the objects of a list. Anything else is empty. */
export function objects(value: unknown): Members[] {
  return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}

/** Returns the text of a member. Anything else is empty. */
export function string(members: Members | undefined, name: string): string {
  const value = members && Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === "string" ? value : "";
}

/** Returns the first text of the named members that is not empty. */
export function firstString(members: Members, names: readonly string[]): string {
  return names.map((name) => string(members, name)).find((text) => text !== "") ?? "";
}

/** Returns an integer. Anything else is undefined. */
export function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
