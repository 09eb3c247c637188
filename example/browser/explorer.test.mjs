// The explorer as somebody meets it who has a keyboard, a phone, or a screen reader.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { answered, launch, url } from "./browser.mjs";

// The page of statuses, kept apart from the library's own table, and what grpc-gateway alone answers, as curl shows it.
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
const documented = [
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
].map(([ours, stock]) => ({ status: Number(ours.slice(0, 3)), ours, stock }));

const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 900 };
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

// open returns the page, and what it did that it should not have done: the console, failures, and requests elsewhere.
async function open(t, options = {}) {
  const context = await browser.newContext({ viewport: desk, reducedMotion: "reduce", ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(`console.${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== url) {
      complaints.push(`elsewhere: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() !== 200) {
      complaints.push(`${response.status()}: ${response.url()}`);
    }
  });
  await page.goto(url);
  return { page, complaints };
}

async function check(result, { status, ours, stock }) {
  const panels = result.locator("section");
  assert.deepEqual(await panels.locator("h2").allTextContents(), ["With statusbridge", "grpc-gateway alone"]);
  assert.deepEqual(await panels.locator(".line").allTextContents(), [ours, stock]);
  assert.deepEqual(await panels.locator(".status-line").allTextContents(), [`HTTP/1.1 ${ours}`, `HTTP/1.1 ${stock}`]);
  assert.deepEqual(await panels.first().locator(".findings li").allTextContents(), ["as documented"]);

  // The same request line, but for where the stock gateway lies.
  const sent = (await panels.locator(".sent").allTextContents()).map((text) => text.split("\n")[0]);
  assert.match(sent[0], /^[A-Z]+ \/api\/v1\/\S+ HTTP\/1\.1$/);
  const ids = /\/projects\/\d+|\/workspaces\/[0-9a-f-]{36}/;
  assert.equal(sent[1].replace("/stock", "").replace(ids, "/…"), sent[0].replace(ids, "/…"));

  const body = await panels.first().locator(".body").textContent();
  if (status === 204) {
    assert.equal(body, "");
  } else if (status >= 400) {
    const { code, message, ...rest } = JSON.parse(body);
    assert.equal(code, status);
    assert.equal(typeof message, "string");
    assert.ok(Object.keys(rest).every((name) => name === "details"), body);
    // grpc-gateway's own body has the gRPC code.
    assert.ok(JSON.parse(await panels.last().locator(".body").textContent()).code <= 16);
  } else {
    JSON.parse(body);
  }
}

// tabTo moves the focus on with the Tab key, to the button of a status.
async function tabTo(page, status) {
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return { status: document.activeElement.dataset.status, outline: `${outlineStyle} ${outlineWidth}` };
    });
    assert.equal(focused.outline, "solid 3px", "the focus cannot be seen");
    if (focused.status === String(status)) {
      return;
    }
  }
  assert.fail(`the Tab key does not lead to the button of ${status}`);
}

test("every button works by keyboard", async (t) => {
  const { page, complaints } = await open(t);
  for (const [index, row] of documented.entries()) {
    await tabTo(page, row.status);
    await page.keyboard.press(index % 2 === 0 ? "Enter" : "Space");
    await check(await answered(page, row.status), row);
    const said = await page.locator('[role="status"]').textContent();
    assert.ok(said.startsWith(`With statusbridge: ${row.ours}, as documented. grpc-gateway alone: ${row.stock}, `), said);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.status), String(row.status), "the focus moved");
  }
  assert.deepEqual(complaints, []);
});

test("every button works by pointer, again, backwards, and while others are under way", async (t) => {
  const { page, complaints } = await open(t);
  for (const { status } of documented.toReversed()) {
    await page.click(`button[data-status="${status}"]`, { clickCount: 2 });
  }
  for (const row of documented) {
    await check(await answered(page, row.status), row);
  }
  await page.click('button[data-status="202"]');
  await page.locator('button[data-status="202"][aria-disabled]').waitFor({ state: "detached" });
  assert.equal(await page.locator("#status-202 + .result + .result").count(), 0, "a second result");
  await check(await answered(page, 202), documented[1]);
  assert.deepEqual(complaints, []);
});

test("closing an answer gives the focus back", async (t) => {
  const { page } = await open(t);
  await page.click('button[data-status="401"]');
  const result = await answered(page, 401);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await result.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.status), "401");
});

test("the commands for a shell are there", async (t) => {
  const { page } = await open(t);
  await page.click('button[data-status="405"]');
  const result = await answered(page, 405);
  await result.locator("summary").click();
  const shell = await result.locator(".shell").innerText();
  assert.ok(shell.includes(`URL=${url}\n`) && shell.includes('curl -si -w \'\\n\' -X PATCH "$URL/api/v1/org-unit/projects"'), shell);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of Object.entries({ phone, desk })) {
    test(`all answers on a ${name}, ${colorScheme}`, async (t) => {
      const { page, complaints } = await open(t, { viewport, colorScheme });
      for (const { status } of documented) {
        await page.click(`button[data-status="${status}"]`);
      }
      for (const { status } of documented) {
        await (await answered(page, status)).locator("summary").click();
      }

      const beyond = await page.evaluate(() => [...document.querySelectorAll("body *")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" &&
          !element.closest(".visually-hidden, thead") || element.getBoundingClientRect().right > innerWidth)
        .map((element) => element.outerHTML.slice(0, 120)));
      assert.deepEqual(beyond, []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);

      const [ours, stock] = await Promise.all([0, 1].map((i) => page.locator("#status-405 + .result section").nth(i).boundingBox()));
      if (viewport === desk) {
        assert.ok(ours.y === stock.y && ours.x + ours.width < stock.x, "the answers are not side by side");
      } else {
        assert.ok(ours.x === stock.x && ours.y + ours.height < stock.y, "the answers are not one above the other");
      }

      // The rules of WCAG 2.2 at level AA that a machine can decide, contrast among them.
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
      assert.ok(passes.some(({ id }) => id === "color-contrast"));

      const dark = await page.evaluate(() => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 128);
      assert.equal(dark, colorScheme === "dark");
      assert.deepEqual(complaints, []);
    });
  }
}

test("a request that could not be made is told", async (t) => {
  const { page } = await open(t);
  await page.route("**/explorer/exchanges/503", (route) => route.fulfill({
    status: 500, contentType: "application/json", body: '{"code":500,"message":"the step did not work"}',
  }));
  await page.click('button[data-status="503"]');
  const text = await (await answered(page, 503)).locator(".failure").textContent();
  assert.equal(text, "The request for 503 was not made: the step did not work");
  assert.equal(await page.locator('[role="status"]').textContent(), text);
  await page.click('button[data-status="405"]');
  await check(await answered(page, 405), documented[7]);
});

test("without scripts the table is there, and a word about the buttons", async (t) => {
  const { page, complaints } = await open(t, { javaScriptEnabled: false });
  assert.equal(await page.locator("tr.status").count(), documented.length);
  assert.ok(await page.locator("noscript p", { hasText: "make run" }).isVisible());
  assert.deepEqual(complaints, []);
});
