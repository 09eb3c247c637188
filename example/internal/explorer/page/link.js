// Links to a status: #409 opens its row.
import { find, openRow, statuses } from "./rows.js";

function follow() {
  const status = location.hash.slice(1);
  if (statuses.includes(status)) {
    openRow(status);
  }
}

addEventListener("hashchange", follow);
follow();

// A link to the status that is already in the address changes nothing, so clicks are handled here.
document.querySelector("table").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) {
    event.preventDefault();
    openRow(link.closest("tr").dataset.status);
  }
});

// The link below a comparison leads back to its row.
document.getElementById("pane").addEventListener("click", (event) => {
  if (event.target.closest(".back a")) {
    event.preventDefault();
    const row = document.querySelector("tr[aria-current]") ?? find(statuses[0]);
    row.querySelector("a").focus();
  }
});
