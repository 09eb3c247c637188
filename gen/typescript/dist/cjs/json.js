"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.parse = parse;
exports.object = object;
exports.objects = objects;
exports.string = string;
exports.firstString = firstString;
exports.integer = integer;
/** Parses JSON. Anything else is undefined. */
function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** Returns a value as an object, if it is one. */
function object(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}
/** Returns the objects of a list. Anything else is empty. */
function objects(value) {
    return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}
/** Returns the text of a member. Anything else is empty. */
function string(members, name) {
    const value = members && Object.hasOwn(members, name) ? members[name] : undefined;
    return typeof value === "string" ? value : "";
}
/** Returns the first text of the named members that is not empty. */
function firstString(members, names) {
    return names.map((name) => string(members, name)).find((text) => text !== "") ?? "";
}
/** Returns an integer. Anything else is undefined. */
function integer(value) {
    return Number.isSafeInteger(value) ? value : undefined;
}
