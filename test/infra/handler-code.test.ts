/** What is deployed, made as it is for a deployment but for the native module, without the network. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFacts } from "../../bench/bundle-facts.ts";
import { API_START_BYTES_MAX } from "../../functions/limits.ts";
import { FEATURE_FLAGS } from "../../infra/feature-flags.ts";
import { bundleHandler, type HandlerCode, makeHandlerCode } from "../../infra/handler-code.ts";
import { HANDLER_NAMES, type HandlerName } from "../../infra/handler-name.ts";
import { settingsOf } from "../../infra/settings.ts";
import { GraphformStack } from "../../infra/stack.ts";
import { inputs } from "./stack.ts";

const SYNTH_MS_MAX = 60_000;

let folder: string;
let code: HandlerCode;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "graphform-code-"));
  const settings = settingsOf(inputs());
  code = await makeHandlerCode({ folder, settings, architecture: "arm64", lance: "stand-in" });
}, SYNTH_MS_MAX);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(name: HandlerName) {
  return bundleFacts(await bundleHandler(name, join(folder, "again", name)));
}

describe("the code of the functions", () => {
  it(
    "makes a whole stack without the network",
    () => {
      const app = new App({ context: FEATURE_FLAGS, outdir: join(folder, "cdk.out") });
      new GraphformStack(app, inputs(), code);

      const assembly = app.synth();

      expect(assembly.stacks.map((each) => each.stackName)).toEqual(["graphform"]);
      for (const name of HANDLER_NAMES) {
        expect(existsSync(join(code.handlers[name], "index.mjs")), name).toBe(true);
      }
    },
    SYNTH_MS_MAX,
  );

  it("finds Cedar's module with its wasm beside it, and the settings, where Lambda puts layers", () => {
    const cedar = join(code.layers.cedar, "nodejs", "node_modules", "@cedar-policy", "cedar-wasm");

    expect(existsSync(join(cedar, "nodejs", "cedar_wasm_bg.wasm"))).toBe(true);
    expect(existsSync(join(cedar, "package.json"))).toBe(true);
    const settings = readFileSync(join(code.layers.settings, "graphform", "settings.json"), "utf8");
    expect(JSON.parse(settings)).toEqual(settingsOf(inputs()));
  });

  it("of a function loads Cedar from its layer, as Lambda lets it", () => {
    const script = `
      const { createRequire } = require("node:module");
      const cedar = createRequire(process.argv[1])("@cedar-policy/cedar-wasm/nodejs");
      process.stdout.write(cedar.getCedarVersion());`;
    const env = { NODE_PATH: join(code.layers.cedar, "nodejs", "node_modules") };
    const args = ["--liftoff-only", "--eval", script, join(code.handlers.api, "index.mjs")];

    expect(execFileSync(process.execPath, args, { env, cwd: folder, encoding: "utf8" })).toMatch(/^4\./);
  });

  it(
    "of the API starts without parsers, and holds neither Lance nor the compiler of migrations",
    async () => {
      const { start_packages, start_sources } = await start("api");

      expect(
        ["yaml", "chevrotain", "re2js", "apache-arrow"].filter((each) => start_packages.has(each)),
      ).toEqual([]);
      const rows = [...start_sources].filter((each) =>
        /^lib\/engine\/(lance|load|rows)\/|migrate/.test(each),
      );
      expect(rows).toEqual([]);
    },
    SYNTH_MS_MAX,
  );

  it(
    "of the API is small to start, because queues, notices and rare routes are read when they are needed",
    async () => {
      const { start_bytes, start_packages } = await start("api");

      expect(start_bytes).toBeLessThan(API_START_BYTES_MAX);
      const messages = ["@aws-sdk/client-sqs", "@aws-sdk/client-sns"];
      expect(messages.filter((each) => start_packages.has(each))).toEqual([]);
    },
    SYNTH_MS_MAX,
  );

  it(
    "that works on graphs does not load Lance before a graph needs it",
    async () => {
      for (const name of ["apply", "plan", "operate"] as const) {
        const { start_sources } = await start(name);
        expect(start_sources.has("lib/engine/lance/lance-tables.ts"), name).toBe(true);
        expect(start_sources.has("lib/engine/lance/native.ts"), name).toBe(false);
      }
    },
    SYNTH_MS_MAX,
  );
});
