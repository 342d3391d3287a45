/** `graphform serve` as a process: what it says, what it keeps to itself, what it refuses, and how it ends. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lineLog } from "../../cli/serve/line-log.ts";
import { openServe } from "../../cli/serve/open-serve.ts";
import { startServe } from "../../cli/serve/run-serve.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { copyOf, EXAMPLE, forgetFolders, newFolder, run, start, until } from "./command.ts";
import { newDeployment, opened, optionsOf } from "./served.ts";

const TIMEOUT_MS = 60_000;

afterAll(forgetFolders);

function refusedWith(root: string, more: Parameters<typeof optionsOf>[1]): readonly string[] {
  const found = openServe(optionsOf(root, more), "tester", SILENT_LOG);
  return found.tag === "refused" ? found.diagnostics.map(({ code, message }) => `${code}: ${message}`) : [];
}

describe("graphform serve", () => {
  it(
    "makes a token that only its user can read, shows it once, logs no secret, and ends well when it is told to",
    async () => {
      const root = join(newFolder(), "deployment");
      const config = copyOf(EXAMPLE);
      const started = async () => {
        const server = start(config, ["serve", "--root", root, "--port", "0", "--as", "ana"]);
        let out = "";
        server.process.stdout?.on("data", (text: string) => (out += text));
        await until(() => out.includes("Next: "));
        return { server, origin: /http:\S+:\d+/.exec(out)?.[0] ?? "" };
      };
      const { server, origin } = await started();
      const token = readFileSync(join(root, "token"), "utf8").trim();
      expect(statSync(join(root, "token")).mode & 0o077).toBe(0);
      const env = { GRAPHFORM_TOKEN: token, HOME: config };
      const ask = (...args: readonly string[]) => start(config, [...args, "--api", origin], env).ended;
      expect((await ask("import")).code).toBe(0);
      expect((await ask("apply")).code).toBe(0);
      expect((await ask("load", "--graph", "crm", join(config, "data", "crm.jsonl"))).code).toBe(0);
      server.process.kill("SIGTERM");
      const { code, out, err } = await server.ended;
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("Stopping") });
      expect(out.split(token)).toHaveLength(2);
      expect(out).toMatch(/^\S+Z request method=PUT path=\/v1\/local-uploads status=200 /m);
      expect(out).toMatch(/^\S+Z work.handled kind=load cluster=company-brain run_id=\w+ came_to=ended/m);

      const again = await started();
      again.server.process.kill("SIGINT");
      const second = await again.server.ended;
      expect(second.code).toBe(0);
      expect(second.out).not.toContain(token);
      expect(second.out).toContain("made at the first start");
    },
    TIMEOUT_MS,
  );

  it("lets no other machine in unless somebody has said who may ask", () => {
    const root = newDeployment();
    expect(refusedWith(root, { host: "0.0.0.0", tokens: null })).toEqual([
      "serve_host_open: 0.0.0.0 can be reached from other machines.",
    ]);
    expect(refusedWith(root, { host: "0.0.0.0" })).toEqual([]);
    expect(refusedWith(root, { host: "localhost", tokens: null })).toEqual([]);
  });

  it.each([
    ["tokens", "{}", /serve_file_invalid: .*file does not say who may ask: format_version/],
    ["tokens", '{"format_version":1,"tokens":[{"name":"a","actor":"a","token":5}]}', /serve_file_invalid/],
    [
      "settings",
      '{"format_version":1,"bootstrap":"a"}',
      /serve_file_invalid: .*settings.bootstrap: There is no such setting/,
    ],
    ["settings", "no", /serve_file_invalid/],
  ] as const)(
    "refuses %s such as %s, because a guess would let the wrong people in",
    (option, text, says) => {
      const root = newDeployment();
      const file = join(root, "file");
      writeFileSync(file, text);
      const [problem = ""] = refusedWith(root, { [option]: file });
      expect(problem).toMatch(says);
    },
  );

  it("names a file that is not there", () => {
    const root = newDeployment();
    for (const option of ["tokens", "settings"]) {
      expect(refusedWith(root, { [option]: join(root, "gone") })[0]).toMatch(
        /^source_file_unreadable: .*does not exist/,
      );
    }
  });

  it("says that it cannot listen where another process does", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const started = await startServe(opened(newDeployment()), {
      host: "127.0.0.1",
      port,
      schedule_ms: 1_000,
    });
    expect(started).toMatchObject({ tag: "refused", diagnostics: [{ code: "serve_not_listening" }] });
    other.close();
  });

  it("lets the first token begin, and nobody approve their own where there are several people", () => {
    const { settings } = opened(newDeployment()).deployment;
    expect(settings).toMatchObject({ bootstrap_principal: "local:ana", rules: { self_approval: "refused" } });
    const alone = openServe(optionsOf(newDeployment(), { tokens: null }), "tester", SILENT_LOG);
    expect(alone).toMatchObject({
      deployment: { settings: { bootstrap_principal: "local:local", rules: { self_approval: "allowed" } } },
    });
  });

  it("explains itself with examples", async () => {
    const { out } = await run(newFolder(), "serve", "--help");
    expect(out).toContain("$ graphform serve --root deployment");
  });
});

describe("The log of a server", () => {
  it("is one line an event, whatever its fields hold", () => {
    let text = "";
    const log = lineLog({ ...SYSTEM_CLOCK, nowMs: () => 0 }, (line) => (text += line));
    log.info({ event: "request", path: "/v1/health", status: 200, none: null });
    log.warn({ event: "odd", reason: 'two\nlines "quoted" a=b' });
    expect(text).toBe(
      '1970-01-01T00:00:00Z request path=/v1/health status=200\n1970-01-01T00:00:00Z WARN odd reason="two\\nlines \\"quoted\\" a=b"\n',
    );
  });
});
