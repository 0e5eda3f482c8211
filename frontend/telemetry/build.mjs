/** Writes both builds of the package: one to import, one for a script tag. */

import { join } from "node:path";
import { build } from "rolldown";

const [directory = "dist"] = process.argv.slice(2);

for (const [input, format, name] of [
  ["src/index.ts", "es", "index.js"],
  ["src/script.ts", "iife", "pulseboard-telemetry.js"],
]) {
  const file = join(directory, name);
  await build({ input, output: { format, file, minify: true, comments: false } });
}
