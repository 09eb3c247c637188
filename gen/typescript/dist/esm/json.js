/** Parses JSON. Anything else is undefined. */
export function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** Returns a value as an object, if it is one. */
export function object(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}
/** Returns the objects of a list. Anything else is empty. */
export function objects(value) {
    return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}
/** Returns the text of a member. Anything else is empty. */
export function string(members, name) {
    const value = members && Object.hasOwn(members, name) ? members[name] : undefined;
    return typeof value === "string" ? value : "";
}
/** Returns the first text of the named members that is not empty. */
export function firstString(members, names) {
    return names.map((name) => string(members, name)).find((text) => text !== "") ?? "";
}
/** Returns an integer. Anything else is undefined. */
export function integer(value) {
    return Number.isSafeInteger(value) ? value : undefined;
}
