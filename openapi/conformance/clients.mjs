// Generates TypeScript for each document NAME.ours.json with openapi-typescript and compiles it. A failure counts only if
// the generator succeeds with each NAME.*.stock.json.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const [documents, out] = process.argv.slice(2);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const generate = async (name) => astToString(await openapiTS(pathToFileURL(join(documents, name))));

const names = readdirSync(documents);
let failed = false;
for (const ours of names.filter((name) => name.endsWith(".ours.json"))) {
  const api = ours.slice(0, -".ours.json".length);
  try {
    writeFileSync(join(out, `${api}.ts`), await generate(ours));
  } catch (error) {
    const stock = names.filter((name) => name.startsWith(`${api}.`) && name.endsWith(".stock.json"));
    const results = await Promise.allSettled(stock.map(generate));
    const known = results.some((result) => result.status === "rejected");
    failed ||= !known;
    console.log(`openapi-typescript: ${api}: ${error}${known ? " (in the stock document, too)" : ""}`);
  }
}
const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));
const files = readdirSync(out).map((name) => join(out, name));
execFileSync(process.execPath, [tsc, "--noEmit", "--strict", "--skipLibCheck", ...files], { stdio: "inherit" });
console.log(`openapi-typescript: ${files.length} documents`);
process.exit(failed ? 1 : 0);
