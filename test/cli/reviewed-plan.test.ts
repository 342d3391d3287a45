/** A plan that was kept and reviewed: run exactly or not at all, and what moved is named (design 5). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { apply as applyVerb } from "../../cli/verbs/apply.ts";
import { plan as planVerb } from "../../cli/verbs/plan.ts";
import { loadedCluster, writeTopics } from "./applied-cluster.ts";
import { verbJson } from "./captured.ts";
import { forgetFolders, run } from "./command.ts";

afterAll(forgetFolders);

function edit(folder: string, before: string, after: string): void {
  const file = join(folder, "schemas", "knowledge.pg");
  const text = readFileSync(file, "utf8");
  if (!text.includes(before)) throw new Error(`the schema lacks ${before}`);
  writeFileSync(file, text.replace(before, after));
}

describe("A reviewed plan", () => {
  let folder = "";
  const kept = () => join(folder, "reviewed.plan");
  const plan = () =>
    verbJson(folder, (context) =>
      planVerb(context, { out: kept(), detailed_exitcode: false, targets: null }),
    );
  const apply = () =>
    verbJson(folder, (context) => applyVerb(context, { plan: kept(), auto_approve: false, targets: null }));
  beforeEach(async () => {
    folder = await loadedCluster();
    edit(folder, "  joined: Date?\n", "  joined: Date?\n  nickname: String?\n");
    expect((await plan()).code).toBe(0);
  }, 120_000);

  it("runs as it is, also after rows were loaded, and only once", async () => {
    const file = writeTopics(folder, 3);
    expect((await run(folder, "load", "--graph", "knowledge", file)).code).toBe(0);
    const done = await apply();
    expect(done).toMatchObject({ code: 0, document: { outcome: "applied", converged: true } });
    const again = await apply();
    expect({ code: again.code, codes: again.codes }).toEqual({ code: 1, codes: ["plan_already_used"] });
  });

  it("can be named by its id, from any machine that reaches the cluster", async () => {
    const { plan_id } = JSON.parse(readFileSync(kept(), "utf8"));
    const unknown = await run(folder, "apply", "--plan", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--json");
    expect(unknown.out).toContain("plan_not_found");
    const done = await run(folder, "apply", "--plan", plan_id, "--json");
    expect({ code: done.code, outcome: JSON.parse(done.out).outcome }).toEqual({
      code: 0,
      outcome: "applied",
    });
  });

  it("does not run when the config has moved, and each address that moved is named", async () => {
    edit(folder, "nickname: String?", "nickname: Date?");
    const { code, document } = await apply();
    const diagnostics = document["diagnostics"] as readonly {
      readonly code: string;
      readonly path: string;
    }[];
    expect({ code, written: document["state_written"] }).toEqual({ code: 1, written: false });
    expect(diagnostics.filter((each) => each.code === "plan_stale").map((each) => each.path)).toEqual(
      expect.arrayContaining(["cluster.yaml", "schema.knowledge"]),
    );
  });

  it("is refused when it is damaged, no plan or not there", async () => {
    writeFileSync(kept(), "{}");
    expect((await apply()).codes).toEqual(["plan_invalid"]);
    writeFileSync(kept(), "");
    expect((await apply()).codes).toEqual(["plan_invalid"]);
    const missing = await run(folder, "apply", "--plan", "none.plan");
    expect(missing.code).toBe(1);
    expect(missing.out).toContain("none.plan cannot be read: it does not exist");
  });
});
