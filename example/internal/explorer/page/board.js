// The scoreboard: counts the responses that are as documented, for each gateway.
import { asDocumented } from "./api.js";

export function showScores(comparisons) {
  for (const score of document.querySelectorAll(".score")) {
    const exchanges = [...comparisons].map(([status, comparison]) => [status, comparison[score.dataset.gateway]]);
    const good = exchanges.filter(([, exchange]) => asDocumented(exchange));
    score.querySelector("b").textContent = good.length;
    for (const part of score.querySelectorAll("[data-part]")) {
      part.querySelector(".count").textContent = count(exchanges, part.dataset.part);
    }
    for (const [status, exchange] of exchanges) {
      score.querySelector(`[data-status="${status}"]`).className = asDocumented(exchange) ? "good" : "bad";
    }
  }
}

// count returns how many checks of a part are good.
function count(exchanges, part) {
  return exchanges.flatMap(([, { checks }]) => checks).filter((check) => check.part === part && check.good).length;
}
