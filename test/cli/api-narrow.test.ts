/** People whom the policy of a deployment lets do one thing and see nothing: that thing works, and says that it has. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders } from "./command.ts";
import { type Asking, asked, askedJson, edit, newDeployment, type Served, serving } from "./served.ts";

const TIMEOUT_MS = 120_000;

describe("Somebody who may do one thing", () => {
  let server: Served;
  let api: Asking;
  beforeAll(async () => {
    server = await serving(newDeployment());
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    // Chloe approves and mallory writes rows; neither may read the status.
    edit(
      api.folder,
      "policies/cluster.policy.yaml",
      "[cluster_plan, cluster_approve, cluster_read_status, cluster_read_history]",
      "[cluster_approve]",
    );
    edit(api.folder, "policies/members.policy.yaml", "editors: [ana, ben]", "editors: [ana, ben, mallory]");
    await asked(api, "import");
    await asked(api, "apply", "--auto-approve");
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it(
    "loads rows and learns how many, with an exit code of 0",
    async () => {
      const mallory: Asking = { ...api, as: "mallory" };
      expect((await askedJson(mallory, "runs", "list")).codes).toEqual(["api_not_found"]);
      const file = join(api.folder, "data", "knowledge.jsonl");
      const rows = readFileSync(file, "utf8").trim().split("\n").length;
      const loaded = await askedJson(mallory, "load", "--graph", "knowledge", file);
      expect({ code: loaded.code, codes: loaded.codes }).toEqual({ code: 0, codes: [] });
      const counts = loaded.document["counts"] as readonly { readonly rows: number }[];
      expect(counts.reduce((sum, each) => sum + each.rows, 0)).toBe(rows);
    },
    TIMEOUT_MS,
  );

  it("is told which line of a file is wrong", async () => {
    const file = join(api.folder, "wrong.jsonl");
    writeFileSync(file, '{"type":"Nothing","data":{}}\n');
    const { code, out } = await asked({ ...api, as: "mallory" }, "load", "--graph", "knowledge", file);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(`${file}:1`) });
    expect(out).not.toContain("run_hidden");
  });

  it(
    "approves a change and is told the approval, with an exit code of 0",
    async () => {
      edit(api.folder, "cluster.yaml", / {2}crm:\n {4}schema: .*\n {4}queries: .*\n/, "");
      edit(api.folder, "cluster.yaml", "[knowledge, crm]", "[knowledge]");
      const planned = await askedJson({ ...api, as: "ben" }, "plan");
      const id = String(planned.document["plan_id"]);
      const chloe: Asking = { ...api, as: "chloe" };
      expect((await askedJson(chloe, "approvals", "list")).codes).toEqual(["api_denied"]);
      const given = await asked(chloe, "approve", "graph.crm", "--plan", id);
      expect(given).toMatchObject({ code: 0, err: "" });
      expect(given.out.split("\n")).toEqual([
        expect.stringMatching(
          /^cluster approve: delete graph.crm approved by chloe \(approval [0-9A-Z]{26}\)$/,
        ),
        "  until when it counts is shown to who may read the status of the cluster",
        "",
        `Next: graphform apply --api ${api.origin} --plan ${id}`,
        "",
      ]);
      const again = await askedJson(chloe, "approve", "graph.crm", "--plan", id);
      expect(again).toMatchObject({
        code: 0,
        document: { ok: true, approval_id: expect.stringMatching(/^[0-9A-Z]{26}$/) },
      });
    },
    TIMEOUT_MS,
  );
});
