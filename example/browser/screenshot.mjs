// Takes the pictures of README.md: the explorer after Send all, in both colour schemes.
import { writeFile } from "node:fs/promises";
import { PNG } from "pngjs";

import { launch, sendAll, shown, url } from "./browser.mjs";

const viewport = { width: 1300, height: 1400 };
const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
  await page.goto(url);
  await sendAll(page);
  const pane = await shown(page, "405 Method Not Allowed");
  await page.mouse.move(0, 0);
  const { y, height } = await pane.locator(".responses").boundingBox();
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width: viewport.width, height: Math.ceil(y + height + 16) } });
  const image = PNG.sync.read(picture);
  // Fewer shades at the edges of letters make the file a fifth smaller.
  image.data.forEach((value, i) => {
    image.data[i] = Math.min(255, Math.round(value / 4) * 4);
  });
  // Text compresses best without a filter and with zlib's default strategy, which is 0.
  const compression = { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 };
  await writeFile(`${process.argv[2]}/explorer-${colorScheme}.png`, PNG.sync.write(image, compression));
}
await browser.close();
