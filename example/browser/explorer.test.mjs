// Drives the explorer with a keyboard, a pointer and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { documented, launch, open, phone, sendAll, shown, url } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

// checkPane compares the pane with the responses to a status.
async function checkPane(page, { status, ours, theirs }) {
  const pane = await shown(page, ours);
  assert.deepEqual(await pane.locator(".verdict h3").allTextContents(), ["With statusbridge", "grpc-gateway without it"]);
  assert.deepEqual(await pane.locator(".verdict .line").allTextContents(), [ours, theirs]);
  assert.deepEqual(await pane.locator(".responses .status-line").allTextContents(), [`HTTP/1.1 ${ours}`, `HTTP/1.1 ${theirs}`]);
  assert.equal(await pane.locator(".verdict").first().locator(".bad").count(), 0);
  assert.equal(await pane.locator(".verdict").last().locator(".checks .bad").count() === 0, status === 200);

  const request = await pane.locator(".request").allTextContents();
  assert.equal(request.length, 1, "the request is shown once");
  assert.match(request[0], /^[A-Z]+ \/api\/v1\/\S+ HTTP\/1\.1\n/);
  for (const line of request[0].split("\n").filter((line) => line.startsWith("Authorization: "))) {
    assert.match(line, /^Authorization: Bearer \S{6}…\S{4}$/);
  }
  assert.deepEqual(await pane.locator(".way b").allTextContents(), ["Handler", "mux", "connection", "service", "observer"]);
  if (ours !== theirs) {
    assert.deepEqual(await pane.locator("mark.status-line").allTextContents(), [`HTTP/1.1 ${ours}`, `HTTP/1.1 ${theirs}`]);
  }

  const [body, otherBody] = await pane.locator(".responses .body").allTextContents();
  if (status === 204) {
    assert.equal(body, "");
  } else if (status >= 400) {
    const { code, message, ...rest } = JSON.parse(body);
    assert.equal(code, status);
    assert.equal(typeof message, "string");
    assert.ok(Object.keys(rest).every((name) => name === "details"), body);
    assert.ok(JSON.parse(otherBody).code <= 16, "grpc-gateway sends the gRPC code");
    assert.equal(await pane.locator("mark.body").count(), 2);
  } else {
    JSON.parse(body);
  }
}

// tabTo moves the focus with the Tab key to an element, and checks that the focus is visible on the way.
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const { found, outline } = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      const visible = focused.matches("[type=radio]") ? focused.closest("label") : focused;
      const { outlineStyle, outlineWidth } = getComputedStyle(visible);
      return { found: focused.matches(wanted), outline: `${outlineStyle} ${outlineWidth}` };
    }, selector);
    assert.equal(outline, "solid 3px", "the focus is not visible");
    if (found) {
      return;
    }
  }
  assert.fail(`the Tab key does not reach ${selector}`);
}

test("Send all fills the scoreboard and the table", async (t) => {
  const { page, mistakes } = await open(t, browser);
  await sendAll(page);
  assert.deepEqual(await page.locator(".score .points").allTextContents(), ["14 of 14 as documented", "1 of 14 as documented"]);
  const parts = (await page.locator(".score .parts").allTextContents()).map((text) => text.trim());
  assert.deepEqual(parts, ["statuses 14/14 error bodies 11/11 headers 2/2", "statuses 10/14 error bodies 0/11 headers 0/2"]);
  assert.equal(await page.locator('[data-gateway="with"] .marks .good').count(), 14);
  assert.equal(await page.locator('[data-gateway="without"] .marks .good').count(), 1);
  assert.equal(await page.locator('[data-gateway="without"] .marks .bad').count(), 13);
  for (const { status, ours, theirs } of documented) {
    assert.deepEqual(await page.locator(`#status-${status} .mark b`).allTextContents(), [ours.slice(0, 3), theirs.slice(0, 3)]);
    const marks = await page.locator(`#status-${status} .mark`).evaluateAll((cells) => cells.map((cell) => cell.className));
    assert.deepEqual(marks, ["mark good", status === 200 ? "mark good" : "mark bad"]);
  }
  assert.equal(await page.locator('[role="status"]').textContent(),
    "With statusbridge: 14 of 14 as documented. grpc-gateway without it: 1 of 14 as documented.");
  await checkPane(page, documented[7]); // the status with the most differences
  assert.deepEqual(mistakes, []);
});

test("each row works with the keyboard", async (t) => {
  const { page, mistakes } = await open(t, browser);
  for (const [index, row] of documented.entries()) {
    await tabTo(page, `#status-${row.status} button`);
    await page.keyboard.press(index % 2 === 0 ? "Enter" : "Space");
    await checkPane(page, row);
    const said = await page.locator('[role="status"]').textContent();
    assert.ok(said.startsWith(`With statusbridge: ${row.ours}, documented status`), said);
    assert.ok(said.includes(`grpc-gateway without it: ${row.theirs}, `), said);
    assert.ok(await page.evaluate((id) => document.activeElement.closest("tr").id === id, `status-${row.status}`));
    assert.equal(new URL(page.url()).hash, `#${row.status}`);
  }
  assert.deepEqual(mistakes, []);
});

test("rows can be sent twice, backwards and at once", async (t) => {
  const { page, mistakes } = await open(t, browser);
  const rows = documented.slice(3, 9).toReversed();
  for (const { status } of rows) {
    await page.click(`#status-${status} button`, { clickCount: 2 });
  }
  await page.locator("tr[aria-busy]").first().waitFor({ state: "detached", timeout: 60_000 });
  for (const row of rows) {
    await page.locator(`#status-${row.status} .mark.good`).first().waitFor();
    await page.click(`#status-${row.status} a`);
    await checkPane(page, row);
  }
  assert.deepEqual(mistakes, []);
});

test("a link opens a row", async (t) => {
  const { page, mistakes } = await open(t, browser, { hash: "#409" });
  await checkPane(page, documented[8]);
  await page.evaluate(() => {
    location.hash = "#502";
  });
  await checkPane(page, documented[11]);
  await page.click("#status-204 a");
  await checkPane(page, documented[2]);
  assert.equal(new URL(page.url()).hash, "#204");
  assert.equal(await page.locator("tr[aria-current]").getAttribute("id"), "status-204");
  assert.deepEqual(mistakes, []);
});

test("the way of a request shows the gRPC status, the service's error and the observation", async (t) => {
  const { page } = await open(t, browser, { hash: "#502" });
  const pane = await shown(page, "502 Bad Gateway");
  const stops = await pane.locator(".way span").allTextContents();
  assert.match(stops[1], /^\/api\/v1\/workloads\/workspaces\/\{workload_id\}\/suspend → WorkspacesService\.SuspendWorkspace$/);
  assert.match(stops[2], /^gRPC Unavailable: the scheduler sent an invalid response with statusbridge\.v1\.Error \{"code":502,/);
  assert.match(stops[3], /invalid character '<'/);
  assert.match(stops[4], /^502, origin backend, code Unavailable, cause: /);
  assert.deepEqual(await pane.locator(".from").allTextContents(), ["from gRPC Unavailable", "from gRPC Unavailable"]);

  await page.click("#status-405 button");
  await shown(page, "405 Method Not Allowed");
  assert.deepEqual(await page.locator(".way .skipped b").allTextContents(), ["connection", "service"]);
});

test("an own request works while the backend runs and fails", async (t) => {
  const { page, mistakes } = await open(t, browser);
  for (const [backend, ours, theirs, origin] of [
    ["running", "200 OK", "200 OK"],
    ["down", "503 Service Unavailable", "503 Service Unavailable", "upstream"],
    ["hang", "504 Gateway Timeout", "504 Gateway Timeout", "upstream"],
    ["rubbish", "502 Bad Gateway", "503 Service Unavailable", "upstream"],
  ]) {
    await page.check(`input[value="${backend}"]`);
    await page.click("#own [type=submit]");
    await page.locator(".verdict .line", { hasText: ours }).first().waitFor();
    const pane = await shown(page, "GET /api/v1/workloads");
    assert.deepEqual(await pane.locator(".verdict .line").allTextContents(), [ours, theirs]);
    assert.equal(await pane.locator(".verdict").first().locator(".bad").count(), 0);
    if (origin) {
      assert.ok((await pane.locator(".way .observer").textContent()).includes(`origin ${origin}`));
    }
  }
  assert.deepEqual(mistakes, []);
});

test("the request of a row can be edited and sent with the keyboard", async (t) => {
  const { page, mistakes } = await open(t, browser, { hash: "#409" });
  await shown(page, "409 Conflict");
  await page.locator(".edit").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.name), "path");
  assert.deepEqual(await page.evaluate(() => Object.fromEntries(new FormData(document.getElementById("own")))), {
    backend: "running", method: "DELETE", path: "/api/v1/org-unit/projects/$PROJECT", token: "$TOKEN", body: "",
  });
  await page.selectOption("[name=token]", "$VIEWER");
  await page.locator("[name=path]").press("Enter");
  const pane = await shown(page, "DELETE /api/v1/org-unit/projects/$PROJECT");
  assert.deepEqual(await pane.locator(".verdict .line").allTextContents(), ["403 Forbidden", "403 Forbidden"]);
  assert.equal(new URL(page.url()).hash, "");
  assert.deepEqual(mistakes, []);
});

test("the commands for a shell are shown", async (t) => {
  const { page } = await open(t, browser, { hash: "#405" });
  const pane = await shown(page, "405 Method Not Allowed");
  await pane.locator("summary").click();
  const shell = await pane.locator(".shell").innerText();
  assert.ok(shell.includes(`export URL=${url}\n`), shell);
  assert.ok(shell.includes('curl -si -w \'\\n\' -X PATCH "$URL/api/v1/org-unit/projects"'), shell);
});

test("on a phone, a row leads to its responses and back", async (t) => {
  const { page, mistakes } = await open(t, browser, { viewport: phone, hasTouch: true, isMobile: true });
  await page.tap("#status-405 button");
  const pane = await shown(page, "405 Method Not Allowed");
  const [ours, theirs] = await Promise.all([0, 1].map((i) => pane.locator(".verdict .line").nth(i).boundingBox()));
  assert.ok(ours.x + ours.width < theirs.x, "the status lines are not side by side");
  assert.ok(ours.y >= 0 && theirs.y + theirs.height < phone.height / 2, "the status lines are not at the top of the screen");
  assert.equal(await page.evaluate(() => document.activeElement.id), "pane-title");
  await pane.locator(".back a").tap();
  assert.ok(await page.evaluate(() => document.activeElement.closest("tr").id === "status-405"));
  assert.ok(await page.locator("#status-405").evaluate((row) => row.getBoundingClientRect().top >= 0));
  assert.deepEqual(mistakes, []);
});

test("a failure is shown and announced", async (t) => {
  const { page } = await open(t, browser);
  const failure = { status: 500, contentType: "application/json", body: '{"code":500,"message":"the scheduler is gone"}' };
  await page.route("**/explorer/steps/503", (route) => route.fulfill(failure));
  await page.route("**/explorer/own", (route) => route.abort());
  for (const [selector, title, text] of [
    ["#status-503 button", "503 Service Unavailable", "The request was not sent: the scheduler is gone"],
    ["#own [type=submit]", "GET /api/v1/workloads", "The request was not sent: Failed to fetch"],
    ["#send-all", "Send all", "The request was not sent: the scheduler is gone"],
  ]) {
    await page.click(selector);
    const pane = await shown(page, title);
    assert.equal(await pane.locator(".failure").textContent(), text);
    assert.equal(await page.locator('[role="status"]').textContent(), text);
  }
  await page.click("#status-405 button");
  await checkPane(page, documented[7]);
});

test("without scripts the table and a hint are shown", async (t) => {
  const { page, mistakes } = await open(t, browser, { javaScriptEnabled: false });
  assert.equal(await page.locator("tr.status").count(), documented.length);
  assert.ok(await page.locator("noscript p", { hasText: "make run" }).isVisible());
  assert.deepEqual(mistakes, []);
});
