// A headless Chromium that reaches only this machine, and helpers for the explorer.
import { chromium } from "playwright-core";

export const url = process.env.CONTROLPLANE_URL;

// The documented statuses, independent of the library's own table, and the statuses of grpc-gateway without the library,
// as curl shows them.
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
export const documented = [
  ["200 OK", "200 OK"],
  ["202 Accepted", "200 OK"],
  ["204 No Content", "200 OK"],
  ["400 Bad Request", "400 Bad Request"],
  ["401 Unauthorized", "401 Unauthorized"],
  ["403 Forbidden", "403 Forbidden"],
  ["404 Not Found", "404 Not Found"],
  ["405 Method Not Allowed", "501 Not Implemented"],
  ["409 Conflict", "409 Conflict"],
  ["500 Internal Server Error", "500 Internal Server Error"],
  ["501 Not Implemented", "501 Not Implemented"],
  ["502 Bad Gateway", "503 Service Unavailable"],
  ["503 Service Unavailable", "503 Service Unavailable"],
  ["504 Gateway Timeout", "504 Gateway Timeout"],
].map(([ours, theirs]) => ({ status: Number(ours.slice(0, 3)), ours, theirs }));

export const phone = { width: 360, height: 740 };
export const tablet = { width: 800, height: 1100 };
export const desk = { width: 1280, height: 900 };

export function launch() {
  const args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
  // Chromium's sandbox does not work for root, and containers run as root.
  if (process.getuid() === 0) {
    args.push("--no-sandbox");
  }
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

// open returns a browser tab and a list of mistakes: console messages, failed requests, and requests to other hosts.
export async function open(t, browser, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: desk, reducedMotion: "reduce", ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const mistakes = [];
  page.on("console", (message) => mistakes.push(`console.${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => mistakes.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => mistakes.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== url) {
      mistakes.push(`elsewhere: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() !== 200) {
      mistakes.push(`${response.status()}: ${response.url()}`);
    }
  });
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries()) {
        if (!hadRecentInput) {
          globalThis.shifts.push({ value, nodes: sources.map(({ node }) => node?.outerHTML?.slice(0, 80)) });
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${url}/${hash}`);
  return { page, mistakes };
}

// shown waits until the pane shows a comparison with a title, and returns the pane.
export async function shown(page, title) {
  const pane = page.locator("#pane");
  await pane.locator("#pane-title", { hasText: title }).waitFor();
  await pane.locator(".verdict, .failure").first().waitFor();
  return pane;
}

// sendAll presses the button and waits for all responses.
export async function sendAll(page) {
  await page.click("#send-all");
  await page.locator('#send-all[aria-disabled="true"]').waitFor({ state: "detached", timeout: 60_000 });
}
