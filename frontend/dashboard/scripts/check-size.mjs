// First load: what a page fetches before anything shows, all of it compressed.
// Usage: node scripts/check-size.mjs [limit in KB]; exits 1 above the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = Number(process.argv[2] ?? 150);
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));

/** The files of an entry and of all that it imports at once. */
function filesOf(key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const { file, css = [], imports = [] } = manifest[key];
  return [file, ...css, ...imports.flatMap((name) => filesOf(name, seen))];
}

const sizeOf = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const files = new Set(["index.html", ...filesOf(entry)]);
const bytes = [...files].reduce((sum, file) => sum + sizeOf(file), 0);
console.log(`${(bytes / 1024).toFixed(1)} KB gzip  first load`);
if (bytes > LIMIT_KB * 1024) {
  console.error(
    `error: the first load is above ${LIMIT_KB} KB gzip; split code off, or take a smaller library`,
  );
  process.exit(1);
}
