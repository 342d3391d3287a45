/** Protecting a graph, checking a whole cluster and mending it from the command line, on a folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandContext } from "../../cli/command-context.ts";
import { apply } from "../../cli/verbs/apply.ts";
import { fsck } from "../../cli/verbs/fsck.ts";
import { protect } from "../../cli/verbs/protect.ts";
import { status } from "../../cli/verbs/status.ts";
import { loadedCluster } from "./applied-cluster.ts";
import { captured, verbJson } from "./captured.ts";
import { copyOf, forgetFolders, run, shell } from "./command.ts";

const GRAPH = "graph.knowledge";
const CHECKS = { repair: true };

let template = "";
beforeAll(async () => {
  template = await loadedCluster();
});
afterAll(forgetFolders);

const protecting = (verb: "protect" | "unprotect") => (context: CommandContext) =>
  protect(context, { verb, graph: GRAPH, reason: "the only copy" });
const checking = (context: CommandContext) => fsck(context, CHECKS);

/** What a person reads. */
async function text(folder: string, verb: (context: CommandContext) => Promise<unknown>): Promise<string> {
  const { context, text: written } = captured(folder);
  await verb({ ...context, json: false });
  return written();
}

function payloadOf(folder: string): string {
  const queries = join(folder, "__cluster", "resources", "query", "knowledge", "find_person");
  return join(queries, readdirSync(queries)[0] ?? "");
}

describe("A graph that is protected on a folder", () => {
  it("is shown by status and plan, stays whatever the config says, and can be unprotected", async () => {
    const folder = copyOf(template);
    const done = await run(folder, "protect", GRAPH, "--reason", "the only copy", "--as", "ana");
    expect(done).toMatchObject({ code: 0 });
    expect(done.out).toMatch(
      /cluster protect: revision 4\n {2}graph.knowledge is protected by ana, .*: the only copy/,
    );
    expect(await text(folder, status)).toContain("graph.knowledge is protected by ana");
    expect(await text(folder, protecting("protect"))).toContain("cluster protect: it was so already");

    writeFileSync(join(folder, "cluster.yaml"), "version: 1\nmetadata:\n  name: demo\n");
    const planned = await run(folder, "plan");
    expect(planned.out).toContain("graph_protected");
    expect(planned.out).toContain("mass_delete_refused");
    const refused = await run(folder, "apply");
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/ERROR mass_delete_refused/);
    const blocked = await run(folder, "apply", "--allow-mass-delete");
    expect(blocked.out).toContain("graphform unprotect");

    expect(await text(folder, protecting("unprotect"))).toContain("no graph is protected");
  });

  it("cannot be named wrongly", async () => {
    const folder = copyOf(template);
    const wrong = await verbJson(folder, (context) =>
      protect(context, { verb: "protect", graph: "graph.nobody", reason: null }),
    );
    expect(wrong).toMatchObject({ code: 1, codes: ["protection_target_unknown"] });
  });
});

describe("The check of a cluster on a folder", () => {
  it("proves a whole one and answers with one document", async () => {
    const folder = copyOf(template);
    const checked = await verbJson(folder, checking);
    expect(checked.code).toBe(0);
    expect(checked.keys).toEqual([
      "ok",
      "format_version",
      "config_dir",
      "state_observations",
      "counts",
      "facts",
      "repair",
    ]);
    expect(checked.document).toMatchObject({ ok: true, counts: { unknown: 0, contradicted: 0 }, repair: [] });
    expect(await text(folder, checking)).toContain("Nothing has to be mended.");
  });

  it("names a corrupt payload, and the commands that it prints heal it (W2)", async () => {
    const folder = copyOf(template);
    const whole = readFileSync(payloadOf(folder));
    writeFileSync(payloadOf(folder), "other text");

    const checked = await run(folder, "fsck", "--repair");
    const commands = [...checked.out.matchAll(/^ {2}\d+\. (graphform .*)$/gm)].map((match) => match[1] ?? "");
    for (const command of commands) expect((await shell(folder, command)).code, command).toBe(0);
    const healed = await run(folder, "fsck");

    expect(checked.code).toBe(1);
    expect(checked.out).toContain("contradicted query.knowledge.find_person");
    expect(commands).toEqual(["graphform refresh", "graphform apply"]);
    expect({ code: healed.code, unhealed: healed.out.includes("contradicted query") }).toEqual({
      code: 0,
      unhealed: false,
    });
    expect(readFileSync(payloadOf(folder))).toEqual(whole);
  });

  it("goes on after everything below __graphform is gone, and says so", async () => {
    const folder = copyOf(template);
    await verbJson(folder, protecting("protect"));
    rmSync(join(folder, "__graphform"), { recursive: true });

    const before = await verbJson(folder, checking);
    const applied = await verbJson(folder, (context) =>
      apply(context, { plan: undefined, auto_approve: true, targets: null }),
    );
    const refreshed = await run(folder, "refresh");
    const after = await verbJson(folder, checking);

    expect({ code: before.code, ok: before.document["ok"] }).toEqual({ code: 0, ok: true });
    expect(applied).toMatchObject({ code: 0, document: { converged: true } });
    expect(applied.codes).toContain("deployment_lost");
    expect(refreshed.code).toBe(0);
    expect(after.document).toMatchObject({ ok: true, counts: { contradicted: 0 } });
    expect(await text(folder, status)).toContain("graph.knowledge is protected");
  });
});

describe("The rules of a deployment on a folder", () => {
  it("that cannot be understood stop every command, with the place", async () => {
    const folder = copyOf(template);
    mkdirSync(join(folder, "__graphform"), { recursive: true });
    writeFileSync(join(folder, "__graphform", "rules.json"), '{ "format_version": 1, "deletes_max": "all" }');
    const before = existsSync(join(folder, "__cluster", "lock.json"));
    for (const verb of [status, checking, protecting("protect")]) {
      const ran = await verbJson(folder, verb);
      expect(ran).toMatchObject({ code: 1, codes: ["deployment_rules_invalid"] });
    }
    expect(await text(folder, status)).toContain("deletes_max");
    expect(existsSync(join(folder, "__cluster", "lock.json"))).toBe(before);
  });
});
