// The bytes of both responses. Lines that differ are marked.
import { element, gateways } from "./dom.js";

// Header fields that differ between any two responses.
const incidental = new Set(["date", "content-length"]);

export function responses({ with: ours, without: theirs }) {
  return [response("with", ours, theirs), response("without", theirs, ours)];
}

function response(key, exchange, other) {
  const others = new Set(fields(other));
  const names = new Set(fields(other).map(name));
  const lines = fields(exchange).map((field) => {
    const same = others.has(field) || incidental.has(name(field)) && names.has(name(field));
    return part("field", field, same);
  });
  return element("pre", key,
    element("span", "visually-hidden", `${gateways[key]}: `),
    part("status-line", exchange.statusLine, exchange.statusLine === other.statusLine),
    ...lines,
    part("body", exchange.body, exchange.body === other.body));
}

function part(className, text, same) {
  return element(same ? "span" : "mark", className, text);
}

function fields({ header }) {
  return header.split("\r\n").filter((field) => field !== "");
}

function name(field) {
  return field.slice(0, field.indexOf(":")).toLowerCase();
}

// shorten returns a request with a short bearer token and plain line ends.
export function shorten(request) {
  return request.replaceAll("\r\n", "\n").replace(/(Bearer \S{6})\S{12,}(\S{4})/, "$1…$2");
}
