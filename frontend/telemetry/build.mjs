/** Writes both builds of the package to dist/: one to import, one for a script tag. */

import { build } from "esbuild";

const common = { bundle: true, minify: true, target: "es2021", legalComments: "none" };

await build({ ...common, entryPoints: ["src/index.ts"], format: "esm", outfile: "dist/index.js" });
await build({
  ...common,
  entryPoints: ["src/index.ts"],
  format: "iife",
  globalName: "PulseboardTelemetry",
  outfile: "dist/pulseboard-telemetry.js",
});
