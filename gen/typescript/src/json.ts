import { wellFormed } from "./text.js";

/** The members of a JSON object. */
export type Members = Record<string, unknown>;

/** Parses the first JSON value of a text, if it is an object. */
export function parseObject(text: string): Members | undefined {
  return object(parse(text) ?? parse(firstObject(text)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the text up to the bracket that closes the first one. */
function firstObject(text: string): string {
  let [depth, inString] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (inString) {
      inString = character !== '"';
      i += character === "\\" ? 1 : 0;
    } else if (character === '"') {
      inString = true;
    } else if ("{[".includes(character)) {
      depth++;
    } else if ("}]".includes(character) && --depth <= 0) {
      return text.slice(0, i + 1);
    }
  }
  return "";
}

/** Returns a value as an object, if it is one. */
export function object(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

/** Returns the objects of a list. Anything else is empty. */
export function objects(value: unknown): Members[] {
  return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}

/** Returns the first of the named members that is a text and not empty. */
export function string(members: Members | undefined, ...names: readonly string[]): string {
  for (const name of names) {
    const value = members && member(members, name);
    if (typeof value === "string" && value !== "") {
      return wellFormed(value);
    }
  }
  return "";
}

/** Returns a member, and nothing that objects of JavaScript inherit. */
export function member(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** Returns a member that is an integer. */
export function integer(members: Members | undefined, name: string): number | undefined {
  const value = members && member(members, name);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
