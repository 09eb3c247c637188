// The pane that shows one comparison.
import { asDocumented, line } from "./api.js";
import { announce, element, gateways } from "./dom.js";
import { editRequest } from "./form.js";
import { responses, shorten } from "./responses.js";
import { way } from "./way.js";

const heading = document.getElementById("pane-title");
const content = document.querySelector("#pane .content");
const template = document.getElementById("comparison");
const wide = matchMedia("(min-width: 76rem)");

// isWide reports whether the pane is beside the table. Otherwise it is below, and the page scrolls to it.
export function isWide() {
  return wide.matches;
}

export function showComparison(title, comparison) {
  const shown = template.content.cloneNode(true);
  shown.querySelector(".verdicts").append(...Object.keys(gateways).map((key) => verdict(key, comparison[key])));
  shown.querySelector(".why").textContent = comparison.meaning && `${comparison.meaning} ${sentence(comparison.why)}`;
  shown.querySelector(".request").textContent = shorten(comparison.with.request).trimEnd();
  shown.querySelector(".edit").addEventListener("click", () => editRequest(comparison.form));
  shown.querySelector(".way").append(...way(comparison.with));
  shown.querySelector(".responses").append(...responses(comparison));
  shown.querySelector(".shell").textContent = comparison.shell;
  show(title, shown);
}

export function showFailure(title, error) {
  const text = `The request was not sent: ${error.message}`;
  show(title, element("p", "failure", text));
  announce(text);
}

function show(title, shown) {
  heading.textContent = title;
  content.replaceChildren(shown);
  if (!isWide()) {
    heading.focus();
    heading.scrollIntoView();
  }
}

function verdict(key, exchange) {
  const checks = exchange.checks.map(({ good, text }) => element("li", good ? "good" : "bad",
    element("span", "visually-hidden", good ? "right: " : "wrong: "), text));
  return element("section", `verdict ${asDocumented(exchange) ? "good" : "bad"}`,
    element("h3", "", gateways[key]),
    element("p", "line", line(exchange)),
    element("p", "from", exchange.trace.grpc ? `from gRPC ${exchange.trace.grpc.code}` : "no gRPC call"),
    element("ul", "checks", ...checks));
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
