// Sends the request of the form.
import { line, sendOwn } from "./api.js";
import { announce, gateways } from "./dom.js";
import { form } from "./form.js";
import { showComparison, showFailure } from "./pane.js";
import { select } from "./rows.js";

const button = form.querySelector("[type=submit]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.hasAttribute("aria-disabled")) {
    return;
  }
  button.setAttribute("aria-disabled", "true");
  const request = Object.fromEntries(new FormData(form));
  const title = `${request.method} ${request.path}`;
  try {
    const comparison = await sendOwn(request);
    select("");
    showComparison(title, comparison);
    announce(Object.entries(gateways).map(([key, name]) => `${name}: ${line(comparison[key])}.`).join(" "));
  } catch (error) {
    select("");
    showFailure(title, error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
});
