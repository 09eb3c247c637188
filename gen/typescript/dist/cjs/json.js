"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.parseObject = parseObject;
exports.object = object;
exports.objects = objects;
exports.string = string;
exports.member = member;
exports.integer = integer;
const text_js_1 = require("./text.js");
/** Parses the first JSON value of a text, if it is an object. */
function parseObject(text) {
    return object(parse(text) ?? parse(firstObject(text)));
}
function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** Returns the text up to the bracket that closes the first one. */
function firstObject(text) {
    let [depth, inString] = [0, false];
    for (let i = 0; i < text.length; i++) {
        const character = text.charAt(i);
        if (inString) {
            inString = character !== '"';
            i += character === "\\" ? 1 : 0;
        }
        else if (character === '"') {
            inString = true;
        }
        else if ("{[".includes(character)) {
            depth++;
        }
        else if ("}]".includes(character) && --depth <= 0) {
            return text.slice(0, i + 1);
        }
    }
    return "";
}
/** Returns a value as an object, if it is one. */
function object(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}
/** Returns the objects of a list. Anything else is empty. */
function objects(value) {
    return Array.isArray(value) ? value.map(object).filter((item) => item !== undefined) : [];
}
/** Returns the first of the named members that is a text and not empty. */
function string(members, ...names) {
    for (const name of names) {
        const value = members && member(members, name);
        if (typeof value === "string" && value !== "") {
            return (0, text_js_1.wellFormed)(value);
        }
    }
    return "";
}
/** Returns a member, and nothing that objects of JavaScript inherit. */
function member(members, name) {
    return Object.hasOwn(members, name) ? members[name] : undefined;
}
/** Returns a member that is an integer. */
function integer(members, name) {
    const value = members && member(members, name);
    return Number.isSafeInteger(value) ? value : undefined;
}
