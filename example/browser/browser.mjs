// A headless Chromium that reaches nothing but this machine.
import { chromium } from "playwright-core";

export const url = process.env.CONTROLPLANE_URL;

export function launch() {
  const args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
  // Chromium's sandbox does not work for root, as whom containers run.
  if (process.getuid() === 0) {
    args.push("--no-sandbox");
  }
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

// answered waits for the result below the row of a status.
export async function answered(page, status) {
  const result = page.locator(`#status-${status} + .result`);
  await result.locator("section, .failure").first().waitFor();
  return result;
}
