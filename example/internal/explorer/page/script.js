// The page asks the control plane to make a request and shows what went over the wire. Everything is put in as text.
"use strict";

const announcement = document.getElementById("announcement");
const resultTemplate = document.getElementById("result");
const answerTemplate = document.getElementById("answer");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

for (const button of document.querySelectorAll("button[data-status]")) {
  button.addEventListener("click", () => send(button));
}

// send shows the exchange of one row below it. A second press, while the first is under way, changes nothing.
async function send(button) {
  if (button.getAttribute("aria-disabled") === "true") {
    return;
  }
  button.setAttribute("aria-disabled", "true");
  button.textContent = "Sending";
  try {
    show(button, await exchange(button.dataset.status));
  } catch (error) {
    fail(button, error);
  } finally {
    button.removeAttribute("aria-disabled");
    button.textContent = "Send";
  }
}

async function exchange(status) {
  const response = await fetch(`/explorer/exchanges/${status}`, { method: "POST" });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.message);
  }
  return body;
}

function show(button, { why, bridge, stock, shell }) {
  const result = place(button);
  result.querySelector(".why").textContent = `${why[0].toUpperCase()}${why.slice(1)}.`;
  result.querySelector(".answers").replaceChildren(
    answer("With statusbridge", bridge),
    answer("grpc-gateway alone", stock),
  );
  result.querySelector(".shell").textContent = shell;
  announcement.textContent = `With statusbridge: ${line(bridge)}, ${verdict(bridge)}. ` +
    `grpc-gateway alone: ${line(stock)}, ${verdict(stock)}.`;
  result.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
}

function fail(button, error) {
  const result = place(button);
  const failure = document.createElement("p");
  failure.className = "failure";
  failure.textContent = `The request for ${button.dataset.status} was not made: ${error.message}`;
  result.querySelector(".why").remove();
  result.querySelector("details").remove();
  result.querySelector(".answers").replaceChildren(failure);
  announcement.textContent = failure.textContent;
}

// place puts an empty result below the row of a button, instead of the one that is there.
function place(button) {
  const row = button.closest("tr");
  if (row.nextElementSibling?.classList.contains("result")) {
    row.nextElementSibling.remove();
  }
  const result = resultTemplate.content.firstElementChild.cloneNode(true);
  const name = `${button.dataset.status} ${button.dataset.reason}`;
  const close = result.querySelector(".close");
  close.setAttribute("aria-label", `Close the answers to ${name}`);
  close.addEventListener("click", () => {
    result.remove();
    button.focus();
  });
  row.after(result);
  return result;
}

function answer(name, exchange) {
  const section = answerTemplate.content.firstElementChild.cloneNode(true);
  const good = exchange.findings.length === 0;
  section.className = good ? "good" : "bad";
  section.querySelector("h2").textContent = name;
  section.querySelector(".line").textContent = line(exchange);
  section.querySelector(".findings").replaceChildren(...(good ? ["as documented"] : exchange.findings).map(item));
  section.querySelector(".sent").textContent = lines(exchange.request).trimEnd();
  section.querySelector(".status-line").textContent = exchange.statusLine;
  section.querySelector(".header").textContent = lines(exchange.header);
  section.querySelector(".body").textContent = exchange.body;
  return section;
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

// line is a status line without its version.
function line({ statusLine }) {
  return statusLine.slice(statusLine.indexOf(" ") + 1);
}

function verdict({ findings }) {
  return findings.length === 0 ? "as documented" : findings.join(", ");
}

function lines(text) {
  return text.replaceAll("\r\n", "\n");
}
