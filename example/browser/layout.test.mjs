// Checks the layout and the accessibility of the explorer, and takes pictures.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { desk, documented, launch, open, phone, sendAll, shown, tablet } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
before(async () => {
  browser = await launch();
  await mkdir("pictures", { recursive: true });
});
after(() => browser.close());

for (const [name, viewport] of Object.entries({ phone, tablet, desk })) {
  for (const colorScheme of viewport === tablet ? ["light"] : ["light", "dark"]) {
    test(`layout and accessibility on a ${name}, ${colorScheme}`, async (t) => {
      const { page, mistakes } = await open(t, browser, { viewport, colorScheme });
      await page.screenshot({ path: `pictures/${name}-${colorScheme}-start.png` });
      await sendAll(page);
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `pictures/${name}-${colorScheme}-all.png` });
      const shifts = await page.evaluate(() => globalThis.shifts);
      assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) < 0.01, JSON.stringify(shifts));

      for (const { status, ours } of colorScheme === "light" ? documented : []) {
        await page.click(`#status-${status} a`);
        const pane = await shown(page, ours);
        await pane.locator("summary").click();
        const beyond = await page.evaluate(() => [...document.querySelectorAll("body *")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" &&
            !element.closest(".visually-hidden, textarea, input") || element.getBoundingClientRect().right > innerWidth)
          .map((element) => element.outerHTML.slice(0, 120)));
        assert.deepEqual(beyond, [], ours);
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
      await page.click("#status-405 a");
      await shown(page, "405 Method Not Allowed");
      await page.screenshot({ path: `pictures/${name}-${colorScheme}-405.png` });
      if (viewport === phone) {
        for (const control of await page.locator("button:visible, summary, .modes label, select").all()) {
          const { height } = await control.boundingBox();
          assert.ok(height >= 43, `${await control.textContent()} has a height of ${height}`);
        }
      }

      // The rules of WCAG 2.2 at level AA that a program can check, contrast included.
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
      assert.ok(passes.some(({ id }) => id === "color-contrast"));

      const dark = await page.evaluate(() => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 128);
      assert.equal(dark, colorScheme === "dark");
      assert.deepEqual(mistakes, []);
    });
  }
}
