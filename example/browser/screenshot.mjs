// Takes the README's picture: the page down to the answers to the 405.
import { writeFile } from "node:fs/promises";
import { PNG } from "pngjs";

import { answered, launch, url } from "./browser.mjs";

const width = 1240;
const browser = await launch();
const page = await browser.newPage({ viewport: { width, height: 1500 }, colorScheme: "light", reducedMotion: "reduce" });
await page.goto(url);
await page.click('button[data-status="405"]');
const answers = (await answered(page, 405)).locator(".answers");
await page.mouse.move(0, 0);
const { y, height } = await answers.boundingBox();
const picture = await page.screenshot({ clip: { x: 0, y: 0, width, height: Math.ceil(y + height) } });
await browser.close();
// Text compresses best without a filter and with zlib's own strategy, for which 0 stands.
const compression = { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 };
await writeFile(process.argv[2], PNG.sync.write(PNG.sync.read(picture), compression));
