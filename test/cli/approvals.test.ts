/** Approvals as people give, see and take them back on a folder (design 8, spec/cluster 11.5). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { durationArgument, wholeNumberOrZero } from "../../cli/arguments.ts";
import { apply } from "../../cli/verbs/apply.ts";
import { list, revoke, show } from "../../cli/verbs/approvals.ts";
import { approve } from "../../cli/verbs/approve.ts";
import { plan } from "../../cli/verbs/plan.ts";
import { importedCluster } from "./applied-cluster.ts";
import { captured, verbJson } from "./captured.ts";
import { copyOf, forgetFolders, run, runJson, shell } from "./command.ts";

afterAll(forgetFolders);

const PLAN = { out: undefined, detailed_exitcode: false, targets: null };

/** The text that a verb prints. */
async function text(folder: string, verb: (context: ReturnType<typeof captured>["context"]) => unknown) {
  const { context, text: written } = captured(folder);
  await verb({ ...context, json: false });
  return written();
}

/** Takes the only graph out of the config, and everything that needs it. */
function deleteGraph(folder: string): void {
  const file = join(folder, "cluster.yaml");
  const [head] = readFileSync(file, "utf8").split(/^graphs:/m);
  writeFileSync(file, `${head}graphs: {}\n`);
}

describe("On a folder, a graph delete", () => {
  let template = "";
  let folder = "";
  let planId = "";
  beforeAll(async () => {
    template = await importedCluster();
    await verbJson(template, (context) =>
      apply(context, { plan: undefined, auto_approve: true, allow_mass_delete: false, targets: null }),
    );
    deleteGraph(template);
    folder = copyOf(template);
    const planned = await verbJson(folder, (context) => plan(context, PLAN));
    planId = String(planned.document["plan_id"]);
  }, 120_000);

  it("is planned with the command that approves it, which works as printed", async () => {
    const fresh = copyOf(template);
    const printed = (await run(fresh, "plan")).out;
    const command = /^ {2}(graphform approve graph\.knowledge --plan [0-9A-Z]{26})$/m.exec(printed)?.[1];
    expect(printed).toContain("Needs an approval:");
    expect(printed).toMatch(/Next, once it is approved: graphform apply --plan [0-9A-Z]{26}/);

    const given = await shell(fresh, `${command} --as dana --expires 24h --tolerance 3 --reason 'we moved'`);

    expect(given.code).toBe(0);
    expect(given.out).toMatch(
      /^cluster approve: delete graph\.knowledge approved by dana \(approval [0-9A-Z]{26}\)$/m,
    );
    expect(given.out).toContain("tolerates 3 rows written since the plan, counts until ");
  });

  it("is approved, listed, shown and taken back by its id", async () => {
    const given = await verbJson(folder, (context) => approve(context, options(planId)));
    expect({ code: given.code, keys: given.keys }).toEqual({
      code: 0,
      keys: [
        ...["ok", "format_version", "config_dir", "approval_id", "resource", "operation"],
        ...["approved_by", "diagnostics"],
      ],
    });
    const id = String(given.document["approval_id"]);
    const listed = await text(folder, (context) => list(context, false));
    expect(listed).toContain(`  ${id}  open  delete graph.knowledge, by tester, until `);
    const shown = await text(folder, (context) => show(context, id));
    expect(shown).toContain(`  plan ${planId}, made by tester`);
    expect(shown).toMatch(/bound to graph\.knowledge as it was in version \d+, incarnation [0-9A-Z]{26}/);

    const taken = await text(folder, (context) => revoke(context, id, "wrong graph"));
    expect(taken).toBe(`cluster approvals revoke: ${id} of graph.knowledge was taken back by tester\n`);
    expect(await text(folder, (context) => list(context, false))).toContain("none listed, 1 used or revoked");
    const all = await verbJson(folder, (context) => list(context, true));
    expect(all.document["approvals"]).toMatchObject([
      { approval_id: id, standing: { state: "revoked", by: "tester", reason: "wrong graph" } },
    ]);
    expect(await text(folder, (context) => list(context, true))).toContain("taken back by tester at ");
  });

  it("cannot be approved by the plan's own maker where the rules of the folder refuse it", async () => {
    const strict = copyOf(template);
    writeFileSync(
      join(strict, "__graphform", "rules.json"),
      JSON.stringify({ format_version: 1, self_approval: "refused" }),
    );
    const planned = await verbJson(strict, (context) => plan(context, PLAN));
    const ids = options(String(planned.document["plan_id"]));

    const own = await verbJson(strict, (context) => approve(context, ids));
    expect({ code: own.code, codes: own.codes }).toEqual({ code: 1, codes: ["approval_self_given"] });
    const other = await verbJson(strict, (context) => approve({ ...context, actor: "dana" }, ids));
    expect({ code: other.code, codes: other.codes }).toEqual({ code: 0, codes: [] });
  });

  it("is refused in text and as JSON with what to do", async () => {
    const unknown = await text(folder, (context) => approve(context, options("01ARZ3NDEKTSV4RRFFQ69G5FAV")));
    expect(unknown).toContain("cluster approve failed");
    expect(unknown).toContain("plan_not_found");
    const missing = await verbJson(folder, (context) => show(context, "01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    expect({ code: missing.code, codes: missing.codes }).toEqual({ code: 1, codes: ["approval_not_found"] });
  });
});

function options(plan_id: string) {
  const facts = { lifetime_ms: undefined, tolerance: 0, data_loss: false, reason: null };
  return { resource: "graph.knowledge", plan_id, ...facts };
}

describe("The verbs of approvals", () => {
  it("explain themselves with examples, and take durations and row counts or say what they take", async () => {
    const folder = copyOf(await importedCluster());
    const help = await run(folder, "approve", "--help");
    expect(help.out).toContain("$ graphform approve graph.knowledge --plan ");
    const bad = await run(folder, "approve", "graph.knowledge", "--plan", "x", "--expires", "soon");
    expect({ code: bad.code, err: bad.err }).toEqual({
      code: 1,
      err: expect.stringContaining("30m, 24h or 7d"),
    });
    const empty = await runJson(folder, "approvals");
    expect(empty.document).toMatchObject({ ok: true, approvals: [], over_count: 0 });
  }, 60_000);

  it("read 30m, 24h and 7d, and refuse what is no duration or too long", () => {
    expect(["30m", "24h", "7d"].map(durationArgument)).toEqual([1_800_000, 86_400_000, 604_800_000]);
    for (const text of ["", "0d", "-1d", "7", "7w", "1.5h", "366d", " 7d"]) {
      expect(() => durationArgument(text)).toThrow(/It takes/);
    }
    expect(wholeNumberOrZero("0")).toBe(0);
    expect(() => wholeNumberOrZero("-1")).toThrow(/whole number/);
  });
});
