/** Both builds, made anew: how large they are, and that they work as they are served. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const LIMIT_BYTES = 5000;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "telemetry-"));
  execFileSync(process.execPath, ["build.mjs", directory]);
});

afterAll(() => rmSync(directory, { recursive: true }));

describe.each(["index.js", "pulseboard-telemetry.js"])("%s", (name) => {
  test(`has at most ${LIMIT_BYTES} bytes in gzip, and needs nothing else`, () => {
    const built = readFileSync(join(directory, name));
    expect(gzipSync(built, { level: 9 }).length).toBeLessThanOrEqual(LIMIT_BYTES);
    expect(built.toString()).not.toMatch(/\b(import|require)\b\s*[({"'`]/);
  });
});

test("the script puts its one name into the page", () => {
  const page: Record<string, unknown> = {};
  runInNewContext(readFileSync(join(directory, "pulseboard-telemetry.js"), "utf8"), page);
  expect(Object.keys(page)).toEqual(["PulseboardTelemetry"]);
  expect(page.PulseboardTelemetry).toEqual({ createTelemetry: expect.any(Function) });
});

test("the module exports what the types say", async () => {
  const built = await import(/* @vite-ignore */ join(directory, "index.js"));
  expect(Object.keys(built)).toEqual(["createTelemetry"]);
});
