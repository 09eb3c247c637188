// A headless Chromium that reaches nothing but this machine.
import { chromium } from "playwright-core";

export const url = process.env.CONTROLPLANE_URL;

export function launch() {
  const args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
  // Chromium's sandbox does not work for root, and containers run as root.
  if (process.getuid() === 0) {
    args.push("--no-sandbox");
  }
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
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
