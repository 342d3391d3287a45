/** What plan says, command against folder (spec/cluster 7, 14.1). */
import { describe, expect, test } from "vitest";
import { appliedFolder, clusterFolder, LIBRARY, lockText, WIDER_SCHEMA } from "./cluster-folder.ts";

const ALL = ["graph.books", "policy.readers", "query.books.find_book", "schema.books"];

describe("a plan without a ledger", () => {
  test("creates everything, in the order of addresses, and leaves nothing behind", async () => {
    const folder = clusterFolder();

    const plan = await folder.run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.at("changes")).toMatchObject(
      ALL.map((resource) => ({ resource, operation: "create", disposition: "applied" })),
    );
    expect(plan.at("state_observations")).toMatchObject({ state_found: false, state_revision: 0 });
    expect(folder.exists("__cluster")).toBe(false);
    expect(folder.exists("__graphform")).toBe(false);
  });

  test("has the same config digest whatever comments and spacing the config has", async () => {
    const plain = await clusterFolder().run("plan");
    const spaced = LIBRARY["cluster.yaml"]!.replaceAll("\n", "   # a remark\n\n");

    const commented = await clusterFolder({ "cluster.yaml": `# head\n${spaced}` }).run("plan");

    expect(plain.at("desired_revision.config_digest")).toMatch(/^[0-9a-f]{64}$/);
    expect(commented.at("desired_revision")).toEqual(plain.at("desired_revision"));
  });
});

describe("a plan on a ledger", () => {
  test("lists creates, updates and deletes by address, with both digests", async () => {
    const old = { digest: "a".repeat(64) };
    const resources = { "graph.books": old, "policy.gone": old, "query.books.lost": old };
    const folder = clusterFolder({ "__cluster/state.json": ledger({ resources }) });

    const plan = await folder.run("plan");

    const seen = (plan.at("changes") as { resource: string; operation: string }[]).map(
      ({ resource, operation }) => `${operation} ${resource}`,
    );
    expect(plan.ok).toBe(true);
    expect(seen).toEqual([
      "update graph.books",
      "delete policy.gone",
      "create policy.readers",
      "create query.books.find_book",
      "delete query.books.lost",
      "create schema.books",
    ]);
    expect(plan.change("policy.gone")).toMatchObject({ before_digest: old.digest });
    expect(plan.change("policy.gone")).not.toHaveProperty("after_digest");
    expect(plan.change("graph.books")).toHaveProperty("after_digest");
  });

  test("names revision and CAS of the ledger and says how many resources it has", async () => {
    const folder = clusterFolder({ "__cluster/state.json": ledger({ resources: {} }, 7) });

    const plan = await folder.run("plan");

    expect(plan.at("state_observations")).toMatchObject({
      state_found: true,
      state_revision: 7,
      state_cas: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      resource_count: 0,
    });
  });

  test("refuses a ledger that cannot be read and reports no change", async () => {
    const plan = await clusterFolder({ "__cluster/state.json": "{" }).run("plan");

    expect(plan.ok).toBe(false);
    expect(plan.codes).toContain("invalid_state_json");
    expect(plan.at("changes")).toEqual([]);
  });

  test("finds nothing to do after an apply", async () => {
    const folder = await appliedFolder();

    const plan = await folder.run("plan");

    expect(plan.at("changes")).toEqual([]);
  });

  test("shows the migration of a schema change with its steps", async () => {
    const folder = await appliedFolder();
    folder.write("books.pg", WIDER_SCHEMA);

    const plan = await folder.run("plan");

    expect(plan.change("schema.books")).toMatchObject({
      operation: "update",
      disposition: "applied",
      migration: {
        supported: true,
        steps: [{ kind: "add_property", type_kind: "node", type_name: "Book", property_name: "year" }],
      },
    });
    expect(plan.change("graph.books")).toMatchObject({ operation: "update", disposition: "derived" });
  });

  test("warns that a change cannot be previewed where no graph is", async () => {
    const resources = { "graph.books": { digest: "b" }, "schema.books": { digest: "c" } };
    const folder = clusterFolder({ "__cluster/state.json": ledger({ resources }) });

    const plan = await folder.run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.codes).toContain("schema_preview_unavailable");
  });

  test("blocks a migration that is not supported instead of promising it (W17)", async () => {
    const folder = await appliedFolder();
    folder.write("books.pg", "node Book {\n  title: String @key\n  pages: String?\n}\n");

    const plan = await folder.run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.codes).toContain("schema_preview_unavailable");
    expect(plan.change("schema.books")).toMatchObject({
      disposition: "blocked",
      reason: "migration_unsupported",
      migration: { supported: false },
    });
  });

  test("shows a change of bindings alone", async () => {
    const folder = await appliedFolder();
    const elsewhere = LIBRARY["cluster.yaml"]!.replace("applies_to: [books]", "applies_to: [cluster]");
    folder.write("cluster.yaml", elsewhere);

    const plan = await folder.run("plan");

    expect(plan.change("policy.readers")).toMatchObject({
      operation: "update",
      binding_change: true,
      metadata_change: "policy_bindings",
    });
  });
});

describe("a plan that deletes a graph", () => {
  test("has one gate for graph, schema and queries together, and says what else is concerned (W32)", async () => {
    const folder = await appliedFolder();
    folder.write("cluster.yaml", "version: 1\n");

    const plan = await folder.run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.at("approvals_required")).toEqual([
      {
        resource: "graph.books",
        reason: "delete may remove deployed graph or schema definition",
        satisfied: false,
      },
    ]);
    for (const address of ["graph.books", "schema.books", "query.books.find_book"]) {
      expect(plan.change(address)).toMatchObject({ disposition: "blocked", reason: "approval_required" });
    }
    expect(plan.at("blast_radius[0]")).toEqual({
      resource: "graph.books",
      affected: ["policy.readers", "query.books.find_book", "schema.books"],
    });
  });

  test("cleans an orphan schema out of the ledger without a gate (W15)", async () => {
    const orphan = { "schema.attic": { digest: "old" } };
    const folder = clusterFolder({ "__cluster/state.json": ledger({ resources: orphan }) });

    const plan = await folder.run("plan");

    expect(plan.at("approvals_required")).toEqual([]);
    expect(plan.change("schema.attic")).toMatchObject({ operation: "delete", disposition: "applied" });
    expect((await folder.run("apply")).at("converged")).toBe(true);
  });
});

describe("a plan beside other commands", () => {
  test("warns of a held lock and takes none itself (W34)", async () => {
    const folder = clusterFolder({ "__cluster/lock.json": lockText("01LOCK", "refresh") });

    const plan = await folder.run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "state_lock_held",
        severity: "warning",
        message: expect.stringContaining("force-unlock 01LOCK"),
      }),
    );
    expect(plan.at("state_observations")).toMatchObject({
      locked: true,
      lock_id: "01LOCK",
      lock_acquired: false,
      lock_operation: "refresh",
      lock_pid: 77,
    });
  });

  test("warns that the lock is disabled", async () => {
    const yaml = `${LIBRARY["cluster.yaml"]}state: { lock: false }\n`;

    const plan = await clusterFolder({ "cluster.yaml": yaml }).run("plan");

    expect(plan.ok).toBe(true);
    expect(plan.diagnostics).toContainEqual(
      expect.objectContaining({ code: "state_lock_disabled", severity: "warning", path: "state.lock" }),
    );
  });
});

function ledger(applied: { readonly resources: Record<string, unknown> }, state_revision = 1): string {
  return JSON.stringify({ version: 1, state_revision, applied_revision: applied });
}
