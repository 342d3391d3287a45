/** An apply on a terminal is shown and asked for before anything runs there, and what runs is what was shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApplyRequest } from "../../cli/cluster/cluster.ts";
import { openClusterOf } from "../../cli/cluster/open.ts";
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
