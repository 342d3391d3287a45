/** What the API loads before it is asked anything: no YAML, no compiler, no archives, no rows (design 12). */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LATER = ["yaml", "chevrotain", "re2js", "yauzl", "yazl", "@lancedb/lancedb", "apache-arrow"];

test("The API starts without what only some requests need", async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    stdin: {
      resolveDir: ROOT,
      contents: `
        export { createApi } from "./lib/api/create-api.ts";
        export { handleHttpEvent } from "./lib/api/handle-http-event.ts";
        export { createAccess } from "./lib/access/cedar-access.ts";
        export { identifyGateway } from "./lib/access/identity.ts";
      `,
    },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outdir: "start-up",
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const waiting = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint !== undefined);
  const started = waiting.filter((path) => outputs[path]?.entryPoint === "<stdin>");
  const seen = new Set<string>();
  const packages = new Set<string>();
  for (let path = started.pop(); path !== undefined; path = started.pop()) {
    seen.add(path);
    for (const each of outputs[path]?.imports ?? []) {
      if (each.kind !== "import-statement") continue;
      if (each.external === true) packages.add(each.path);
      else if (!seen.has(each.path)) started.push(each.path);
    }
  }
  expect([...packages]).toContain("zod");
  expect(
    [...packages].filter((name) => LATER.some((late) => name === late || name.startsWith(`${late}/`))),
  ).toEqual([]);
  // It can load them: they are in the parts that a request loads.
  const later = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(LATER.slice(0, 4).filter((name) => !later.includes(name))).toEqual([]);
});
