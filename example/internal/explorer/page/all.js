// The button that sends every request, one after the other.
import { asDocumented } from "./api.js";
import { announce, gateways } from "./dom.js";
import { isWide, showFailure } from "./pane.js";
import { comparisons, fill, openRow, select, statuses } from "./rows.js";

const button = document.getElementById("send-all");

button.addEventListener("click", async () => {
  if (button.hasAttribute("aria-disabled")) {
    return;
  }
  button.setAttribute("aria-disabled", "true");
  try {
    for (const [index, status] of statuses.entries()) {
      button.textContent = `Sending ${index + 1} of ${statuses.length}`;
      await fill(status);
    }
    announce(Object.entries(gateways).map(([key, name]) => {
      const good = [...comparisons.values()].filter((comparison) => asDocumented(comparison[key]));
      return `${name}: ${good.length} of ${statuses.length} as documented.`;
    }).join(" "));
    if (isWide() && !document.querySelector("tr[aria-current]")) {
      openRow(mostDifferent());
    }
  } catch (error) {
    select("");
    showFailure("Send all", error);
  } finally {
    button.removeAttribute("aria-disabled");
    button.textContent = "Send all";
  }
});

// mostDifferent returns the status with the most failed checks.
function mostDifferent() {
  const failed = (status) => comparisons.get(status).without.checks.filter(({ good }) => !good).length;
  return statuses.reduce((most, status) => failed(status) > failed(most) ? status : most);
}
