/** An apply on a terminal is shown and asked for before anything runs there, and what runs is what was shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApplyRequest } from "../../cli/cluster/cluster.ts";
import { openClusterOf } from "../../cli/cluster/open.ts";
import type { PlanId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { captured } from "./captured.ts";
import { copyOf, EXAMPLE, forgetFolders } from "./command.ts";
import { newDeployment, type Served, serving, TOKENS } from "./served.ts";

const VARIABLE = "GRAPHFORM_TEST_TOKEN";

describe("An apply on a deployment that somebody is asked about", () => {
  let server: Served;
  let folder = "";
  beforeAll(async () => {
    server = await serving(newDeployment());
    folder = copyOf(EXAMPLE);
    process.env[VARIABLE] = TOKENS.ana;
    await (await cluster()).observe("import");
  });
  afterAll(async () => {
    delete process.env[VARIABLE];
    await server.stop();
    forgetFolders();
  });

  function cluster() {
    const auth = { tag: "token", env: VARIABLE } as const;
    const api = { url: server.origin, cluster: null, auth, words: [] };
    return openClusterOf({ ...captured(folder).context, api });
  }

  async function applied(answer: boolean) {
    const shown: PlanDocument[] = [];
    const request: ApplyRequest = {
      ...{ reviewed: null, targets: null, allow_mass_delete: false, stop_after_ms: null, git: null },
      consent: (plan) => {
        shown.push(plan);
        return Promise.resolve(answer);
      },
    };
    const output = await (await cluster()).apply(request);
    return { output: output.tag === "answered" ? output.output : null, shown };
  }

  it("of a plan that a file holds runs that plan, and no other that goes by its id", async () => {
    const made = await (await cluster()).plan({ targets: null, purge: null, git: null, keep: true });
    const plan = made.tag === "answered" ? made.output.plan : null;
    if (plan === null) throw new Error("there is no plan");
    const run = async (document: PlanDocument) => {
      const nothing = { targets: null, allow_mass_delete: false, stop_after_ms: null, git: null } as const;
      const reviewed = { tag: "document", plan: document } as const;
      return (await cluster()).apply({ ...nothing, reviewed, consent: null });
    };
    const runs = async () => {
      const listed = await (await cluster()).runs(false);
      return listed.tag === "answered" ? listed.output.runs.length : null;
    };
    const before = await runs();
    const [first, ...rest] = plan.changes;
    const altered = [
      { ...plan, changes: rest },
      { ...plan, changes: [{ ...first!, operation: "delete" as const }, ...rest] },
      { ...plan, blast_radius: [], approvals_required: [], actor: "somebody else" },
    ];
    for (const document of altered) {
      const refused = await run(document);
      expect(refused).toMatchObject({ tag: "failed", diagnostics: [{ code: "plan_altered" }] });
    }
    expect(await runs()).toBe(before);
    expect(await (await cluster()).status()).toMatchObject({
      output: { state_observations: { state_revision: 1 } },
    });
    const elsewhere = await run({ ...plan, plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" as PlanId });
    expect(elsewhere).toMatchObject({ tag: "failed", diagnostics: [{ code: "plan_not_found" }] });
  });

  it("changes nothing after a no, and says so as a folder does", async () => {
    const { output, shown } = await applied(false);
    expect(shown).toHaveLength(1);
    expect(output).toMatchObject({ ok: false, outcome: "refused", config_dir: folder });
    expect(output?.diagnostics.map(({ code }) => code)).toEqual(["apply_declined"]);
    const status = await (await cluster()).status();
    expect(status).toMatchObject({ output: { state_observations: { state_revision: 1 } } });
  });

  it("runs exactly the plan that was shown after a yes, and asks nothing when nothing is to do", async () => {
    const { output, shown } = await applied(true);
    expect(output).toMatchObject({ outcome: "applied", converged: true, plan_id: shown[0]?.plan_id });
    const again = await applied(true);
    expect(again.shown).toEqual([]);
    expect(again.output).toMatchObject({ outcome: "noop" });
  });
});
