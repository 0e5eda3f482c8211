/** Writes both builds of the package to dist/: one to import, one for a script tag. */

import { build } from "rolldown";

for (const [input, format, file] of [
  ["src/index.ts", "es", "dist/index.js"],
  ["src/script.ts", "iife", "dist/pulseboard-telemetry.js"],
]) {
  await build({ input, output: { format, file, minify: true, comments: false } });
}
