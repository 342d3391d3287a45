/** Loading: the native module is loaded by the first call, silently, and a platform without it gets an answer. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lanceScript, REPOSITORY } from "./lance-script.ts";

const LOADED = `Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("@lancedb"))`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "graphform-lazy-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it("loads nothing native until the first call, and then says nothing on stdout or stderr", async () => {
  const body = `
    const seen = [${LOADED}];
    const tables = createLanceTables({ root, storage: createGraphFolder(root) });
    seen.push(${LOADED});
    const made = await tables.create("graphs/g.omni/i/1-1.lance", [{ name: "id", type: { kind: "utf8" } }]);
    seen.push(${LOADED});
    console.log(JSON.stringify([made.tag, ...seen]));
  `;
  const { stdout, stderr } = await run(body, {});
  expect(JSON.parse(stdout)).toEqual(["ok", false, false, true]);
  expect(stderr).toBe("");
});

it("answers unavailable with a reason where the native module cannot be loaded", async () => {
  const body = `
    const tables = createLanceTables({ root, storage: createGraphFolder(root) });
    console.log(JSON.stringify(await tables.datasets("graphs")));
  `;
  const { stdout } = await run(body, { NAPI_RS_NATIVE_LIBRARY_PATH: join(root, "none.node") });
  expect(JSON.parse(stdout)).toEqual({
    tag: "unavailable",
    reason: expect.stringContaining("Lance cannot be loaded on this platform"),
  });
});

async function run(body: string, env: Readonly<Record<string, string>>) {
  const { RUST_LOG: _rust, LANCEDB_LOG: _lance, ...inherited } = process.env;
  const options = { cwd: REPOSITORY, env: { ...inherited, ...env } };
  return promisify(execFile)(process.execPath, await lanceScript(root, root, body), options);
}
