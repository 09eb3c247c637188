// The table: sends the request of a row, marks both responses, and keeps them.
import { asDocumented, line, sendStep } from "./api.js";
import { announce, element, gateways } from "./dom.js";
import { showScores } from "./board.js";
import { showComparison, showFailure } from "./pane.js";

// comparisons has the last comparison of each status.
export const comparisons = new Map();

export const statuses = [...document.querySelectorAll("tr.status")].map((row) => row.dataset.status);

// openRow shows the comparison of a status. It sends the request unless that was done before.
export async function openRow(status) {
  if (!comparisons.has(status)) {
    await sendRow(status);
    return;
  }
  select(status);
  showComparison(title(status), comparisons.get(status));
}

// sendRow sends the request of a row and shows the result. It does nothing while that row is being sent.
async function sendRow(status) {
  if (find(status).hasAttribute("aria-busy")) {
    return;
  }
  try {
    const comparison = await fill(status);
    select(status);
    showComparison(title(status), comparison);
    announce(Object.entries(gateways).map(([key, name]) => {
      const { checks } = comparison[key];
      const texts = checks.map(({ good, text }) => `${good ? "" : "wrong: "}${text}`).join(", ");
      return `${name}: ${line(comparison[key])}, ${texts}.`;
    }).join(" "));
  } catch (error) {
    select(status);
    showFailure(title(status), error);
  }
}

// fill sends the request of a row and marks the row.
export async function fill(status) {
  const row = find(status);
  row.setAttribute("aria-busy", "true");
  try {
    const comparison = await sendStep(status);
    comparisons.set(status, comparison);
    for (const cell of row.querySelectorAll(".mark")) {
      mark(cell, comparison[cell.dataset.gateway]);
    }
    showScores(comparisons);
    return comparison;
  } finally {
    row.removeAttribute("aria-busy");
  }
}

function mark(cell, exchange) {
  const good = asDocumented(exchange);
  const wrong = exchange.checks.filter((check) => !check.good && check.part !== "status").map(({ short }) => short);
  cell.className = `mark ${good ? "good" : "bad"}`;
  cell.replaceChildren(
    element("span", "visually-hidden", good ? "as documented: " : "not as documented: "),
    element("b", "", line(exchange).slice(0, 3)),
    element("small", "", wrong.length ? `wrong ${wrong.join(", ")}` : ""),
  );
}

// select marks the row whose comparison is shown, and puts its status into the address. A status of "" selects none.
export function select(status) {
  for (const row of document.querySelectorAll("tr[aria-current]")) {
    row.removeAttribute("aria-current");
  }
  if (status) {
    find(status).setAttribute("aria-current", "true");
  }
  history.replaceState(null, "", status ? `#${status}` : location.pathname);
}

export function find(status) {
  return document.getElementById(`status-${status}`);
}

function title(status) {
  return `${status} ${find(status).querySelector(".reason").textContent}`;
}

for (const status of statuses) {
  find(status).querySelector("button").addEventListener("click", () => sendRow(status));
}
