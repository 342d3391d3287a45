/** A ledger that is corrupt, cut off, foreign, newer or gone: said so, and nothing is written over it (issue 2). */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandContext } from "../../cli/command-context.ts";
import { apply as applyVerb } from "../../cli/verbs/apply.ts";
import { plan as planVerb } from "../../cli/verbs/plan.ts";
import { refresh as refreshVerb } from "../../cli/verbs/refresh.ts";
import { status } from "../../cli/verbs/status.ts";
import { loadedCluster } from "./applied-cluster.ts";
import { verbJson } from "./captured.ts";
import { forgetFolders, newFolder, run } from "./command.ts";

const NEWLINE = "\n";

afterAll(forgetFolders);

const plan = (context: CommandContext) =>
  planVerb(context, { out: undefined, detailed_exitcode: true, targets: null });
const apply = (context: CommandContext) =>
  applyVerb(context, { plan: undefined, auto_approve: true, targets: null });
const refresh = (context: CommandContext) => refreshVerb(context, "refresh");
const importVerb = (context: CommandContext) => refreshVerb(context, "import");

function stateFile(folder: string): string {
  return join(folder, "__cluster", "state.json");
}

type Ledger = { version: number; state_revision: number; observations: Record<string, unknown> };

function rewrite(folder: string, change: (ledger: Ledger) => void): void {
  const ledger = JSON.parse(readFileSync(stateFile(folder), "utf8")) as Ledger;
  change(ledger);
  writeFileSync(stateFile(folder), `${JSON.stringify(ledger, null, 2)}\n`);
}

const DAMAGES: readonly (readonly [name: string, damage: (folder: string) => void, code: string])[] = [
  ["corrupt", (folder) => writeFileSync(stateFile(folder), "{ not json"), "invalid_state_json"],
  ["cut off", (folder) => truncateSync(stateFile(folder), 500), "invalid_state_json"],
  ["empty", (folder) => truncateSync(stateFile(folder), 0), "invalid_state_json"],
  [
    "with a key nobody knows",
    (folder) => rewrite(folder, (ledger) => Object.assign(ledger, { more: 1 })),
    "invalid_state_json",
  ],
  [
    "of a newer format",
    (folder) => rewrite(folder, (ledger) => Object.assign(ledger, { version: 2 })),
    "unsupported_state_version",
  ],
  [
    "edited under its revision",
    (folder) => rewrite(folder, (ledger) => Object.assign(ledger.observations, { mine: {} })),
    "state_forked",
  ],
];

describe("A ledger that is damaged", () => {
  let template = "";
  const damaged = (): string => {
    const folder = join(newFolder(), "config");
    cpSync(template, folder, { recursive: true });
    return folder;
  };
  beforeAll(async () => {
    template = await loadedCluster();
  }, 120_000);

  it.each(DAMAGES)("(%s) is reported by every verb, and left as it is", async (_name, damage, code) => {
    const folder = damaged();
    damage(folder);
    const before = readFileSync(stateFile(folder));
    for (const verb of [status, plan, apply, refresh, importVerb]) {
      const ran = await verbJson(folder, verb);
      expect(ran.code, verb.name).toBe(1);
      expect(ran.codes, verb.name).toContain(code);
    }
    expect(readFileSync(stateFile(folder))).toEqual(before);
  });

  it("comes back from the last commit when the damaged file is moved away, as the message says", async () => {
    const folder = damaged();
    const good = readFileSync(stateFile(folder));
    writeFileSync(stateFile(folder), "{ not json");
    const { out } = await run(folder, "status");
    expect(out).toContain("Move __cluster/state.json away and run `graphform status`");
    rmSync(stateFile(folder));
    expect((await verbJson(folder, status)).code).toBe(0);
    expect(readFileSync(stateFile(folder))).toEqual(good);
  });

  it("is no longer whole without its history either: a lost ledger is not a new one", async () => {
    const folder = damaged();
    rmSync(stateFile(folder));
    rmSync(join(folder, "__graphform", "commits"), { recursive: true });
    const lost = await verbJson(folder, apply);
    expect({ code: lost.code, codes: lost.codes }).toEqual({ code: 1, codes: ["state_lost"] });
    expect((await verbJson(folder, importVerb)).code).toBe(0);
    expect(await verbJson(folder, apply)).toMatchObject({ code: 0, document: { converged: true } });
    expect(await verbJson(folder, apply)).toMatchObject({ code: 0, document: { outcome: "noop" } });
    const { out } = await run(folder, "export", "--graph", "knowledge");
    const seed = readFileSync(join(folder, "data", "seed.jsonl"), "utf8");
    expect(out.trim().split(NEWLINE)).toHaveLength(seed.trim().split(NEWLINE).length);
  });

  it("is read on when another tool has written the next revision", async () => {
    const folder = damaged();
    rewrite(folder, (ledger) => {
      ledger.state_revision += 1;
      delete ledger.observations["graphform"];
    });
    expect(await verbJson(folder, plan)).toMatchObject({ code: 0, document: { changes: [] } });
    const seen = await verbJson(folder, status);
    expect(seen.document["last_commit"]).toMatchObject({ kind: "foreign", actor: null });
    expect((await verbJson(folder, refresh)).code).toBe(0);
  });
});
