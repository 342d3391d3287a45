/** A policy that shuts out whoever applies it: the plan says so before, because afterwards nobody tells them anything. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders } from "./command.ts";
import { type Asking, asked, askedJson, edit, newDeployment, type Served, serving } from "./served.ts";

const TIMEOUT_MS = 120_000;
const POLICY = "policies/cluster.policy.yaml";

describe("A plan", () => {
  let server: Served;
  let api: Asking;

  beforeAll(async () => {
    server = await serving(newDeployment());
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    await asked(api, "import");
  });
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  /** The warnings of a plan of the config as it is. */
  async function warnings(as: "ana" | "ben" = "ana"): Promise<readonly string[]> {
    const { document } = await askedJson({ ...api, as }, "plan");
    const diagnostics = document["diagnostics"] as readonly { code: string; path: string; message: string }[];
    return diagnostics
      .filter(({ code }) => code === "policy_locks_out")
      .map(({ path, message }) => `${path}: ${message}`);
  }

  it(
    "of the first policy of a cluster says whom of those who begin it shuts out, and of what",
    async () => {
      expect(await warnings()).toEqual([]);
      edit(api.folder, POLICY, "operators: [ana, ben]", "operators: [ben]");
      expect(await warnings()).toEqual([
        expect.stringContaining("ana has no cluster_plan, cluster_apply or cluster_read_status any more"),
      ]);
      const { code, out } = await asked(api, "plan");
      expect(code).toBe(0);
      expect(out).toContain("WARN  policy_locks_out policy.");
      edit(api.folder, POLICY, "approvers: [ben, chloe]", "approvers: [ana, chloe]");
      expect(await warnings()).toEqual([expect.stringContaining("ana has no cluster_apply any more")]);
      edit(api.folder, POLICY, "operators: [ben]", "operators: [ana, ben]");
      edit(api.folder, POLICY, "approvers: [ana, chloe]", "approvers: [ben, chloe]");
      expect(await warnings()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "of a later policy says what its maker loses, and not what they never had",
    async () => {
      expect((await asked(api, "apply", "--auto-approve")).code).toBe(0);
      edit(api.folder, POLICY, "operators: [ana, ben]", "operators: [ana]");
      expect(await warnings("ana")).toEqual([]);
      expect(await warnings("ben")).toEqual([expect.stringContaining("ben has no cluster_apply any more")]);
    },
    TIMEOUT_MS,
  );

  it(
    "that leaves a cluster without such a policy says so to whom it leaves nothing",
    async () => {
      edit(api.folder, "cluster.yaml", / {2}cluster:\n.*\n.*\[cluster\]\n/, "");
      expect(await warnings("ana")).toEqual([]);
      expect(await warnings("ben")).toEqual([expect.stringContaining("only ana, who may begin,")]);
    },
    TIMEOUT_MS,
  );
});
