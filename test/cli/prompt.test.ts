/** The question before an apply on a terminal: only `yes` is yes (issue 2). */
import { spawn, spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { ask } from "../../cli/verbs/ask.ts";
import { importedCluster } from "./applied-cluster.ts";
import { COMMAND, forgetFolders, isLocked, runJson } from "./command.ts";

afterAll(forgetFolders);

const CONTROL_C = "\u0003";

async function answer(text: string | null): Promise<{ readonly yes: boolean; readonly shown: string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked = ask("Apply? ", { input, output });
  if (text === null) input.end();
  else input.write(text);
  const yes = await asked;
  return { yes, shown: String(output.read() ?? "") };
}

describe("The question of an apply", () => {
  it("takes yes, and shows what it asks", async () => {
    expect(await answer("yes\n")).toEqual({ yes: true, shown: "Apply? " });
    expect((await answer("  yes  \n")).yes).toBe(true);
  });

  it.each(["no", "y", "YES", "", "yes please"])("takes %j for no", async (text) => {
    expect((await answer(`${text}\n`)).yes).toBe(false);
  });

  it("takes the end of input for no", async () => {
    expect((await answer(null)).yes).toBe(false);
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

/** What a person sees on a terminal who types `text` once the question is there. */
function onTerminal(folder: string, text: string): Promise<string> {
  const line = `'${process.execPath}' '${COMMAND}' apply; echo "code=$?"`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
  });
  let seen = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    seen += piece;
    if (typed || !seen.includes("Only yes is accepted")) return;
    typed = true;
    child.stdin.write(text);
  });
  return new Promise((resolve) => child.once("close", () => resolve(seen)));
}

// A pseudo-terminal needs the `script` command of util-linux, which some systems lack.
describe.each(hasScript ? ["pseudo-terminal"] : [])("An apply on a %s", () => {
  it("shows the plan and changes nothing until yes is typed; no and Ctrl-C give the lock back", async () => {
    const folder = await importedCluster();
    for (const text of ["no\r", CONTROL_C]) {
      const seen = await onTerminal(folder, text);
      expect(seen).toContain("6 to create");
      expect(seen).toContain("cluster apply cancelled; nothing was changed");
      expect(seen).toContain("code=1");
      expect(isLocked(folder)).toBe(false);
    }
    expect((await runJson(folder, "status")).document["resource_digests"]).toEqual({});
    const accepted = await onTerminal(folder, "yes\r");
    expect(accepted).toContain("6 applied, 0 deferred or blocked");
    expect(accepted).toContain("code=0");
  });
});
