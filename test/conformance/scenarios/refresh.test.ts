/** What refresh records, command against folder (spec/cluster 11.2, 11.3, 14.1). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/digest/digest.ts";
import { appliedFolder, BOOKS_SCHEMA, clusterFolder, LIBRARY, WIDER_SCHEMA } from "./cluster-folder.ts";

const STATE = "__cluster/state.json";
const EMPTY = { version: 1, state_revision: 4, applied_revision: { resources: {} } };
const NO_LOCKING = `${LIBRARY["cluster.yaml"]}state: { lock: false }\n`;

describe("refresh", () => {
  test("needs a ledger", async () => {
    const refused = await clusterFolder().run("refresh");

    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toMatchObject([{ code: "state_missing", severity: "error", path: STATE }]);
    expect(refused.at("resource_digests")).toEqual({});
  });

  test("records live digest and manifest version on the next revision", async () => {
    const folder = clusterFolder({ [STATE]: JSON.stringify(EMPTY) });
    await folder.create("books", BOOKS_SCHEMA);

    const refreshed = await folder.run("refresh");

    expect(refreshed.at("state_observations.state_revision")).toBe(5);
    expect(refreshed.at('observations["graph.books"]')).toMatchObject({
      graph_manifest_version: 1,
      schema_digest: sha256(BOOKS_SCHEMA),
    });
  });

  test("writes nothing when nothing is new (W37)", async () => {
    const folder = await appliedFolder();
    await folder.run("refresh");
    const before = folder.read(STATE);

    const again = await folder.run("refresh");

    expect(again.ok).toBe(true);
    expect(folder.read(STATE)).toBe(before);
  });

  test("marks a vanished graph as drifted; the plan creates it, and apply converges", async () => {
    const folder = await appliedFolder();
    folder.remove("graphs/books.omni");

    const refreshed = await folder.run("refresh");
    const plan = await folder.run("plan");
    const applied = await folder.run("apply");

    expect(refreshed.at('resource_statuses["graph.books"]')).toMatchObject({
      status: "drifted",
      conditions: ["graph_missing"],
    });
    expect(refreshed.at('observations["graph.books"]')).toMatchObject({
      exists: false,
      schema_matches_desired: false,
      error: expect.any(String),
    });
    expect(refreshed.at("resource_digests")).not.toHaveProperty("schema.books");
    expect(plan.change("graph.books")).toMatchObject({ operation: "create", disposition: "applied" });
    expect(applied.at("converged")).toBe(true);
  });

  test("marks another live schema as drifted, and the plan leads back to the config", async () => {
    const folder = clusterFolder({ [STATE]: JSON.stringify(EMPTY) });
    await folder.create("books", WIDER_SCHEMA);

    const refreshed = await folder.run("refresh");
    const plan = await folder.run("plan");

    expect(refreshed.at('resource_statuses["schema.books"]')).toMatchObject({
      status: "drifted",
      conditions: ["schema_mismatch"],
    });
    expect(refreshed.at('observations["graph.books"].schema_matches_desired')).toBe(false);
    expect(plan.change("schema.books")).toMatchObject({ operation: "update", disposition: "applied" });
  });

  test("says which graph it could not open, keeps what the ledger knew, and still writes", async () => {
    const folder = await appliedFolder();
    const before = folder.json(STATE) as { state_revision: number };
    folder.remove("graphs/books.omni");
    folder.write("graphs/books.omni/_schema.pg", "junk");

    const refreshed = await folder.run("refresh");

    expect(refreshed.ok).toBe(false);
    expect(refreshed.codes).toContain("graph_observation_error");
    expect(refreshed.at('resource_digests["schema.books"]')).toBe(sha256(BOOKS_SCHEMA));
    expect(refreshed.at('resource_statuses["graph.books"]')).toMatchObject({
      status: "error",
      conditions: ["graph_observation_error"],
    });
    expect(refreshed.at('observations["graph.books"]')).toMatchObject({
      exists: true,
      graph_manifest_version: null,
      schema_digest: null,
      schema_matches_desired: null,
    });
    expect(refreshed.at("state_observations.state_revision")).toBe(before.state_revision + 1);
  });

  test("drops the digest of a missing and of a corrupt payload, and apply writes both again (W2)", async () => {
    const folder = await appliedFolder();
    const policy = `__cluster/resources/policy/readers/${sha256("version: 1\nrules: []\n")}.yaml`;
    folder.remove("__cluster/resources/query");
    folder.write(policy, "tampered");

    const refreshed = await folder.run("refresh");
    const applied = await folder.run("apply");

    expect(refreshed.at("resource_statuses")).toMatchObject({
      "policy.readers": { status: "drifted", conditions: ["payload_mismatch"] },
      "query.books.find_book": { status: "drifted", conditions: ["payload_missing"] },
    });
    expect(Object.keys(refreshed.at("resource_digests") as object)).toEqual(["graph.books", "schema.books"]);
    expect(applied.at("converged")).toBe(true);
    expect(folder.read(policy)).toBe("version: 1\nrules: []\n");
    expect((await folder.run("status")).diagnostics).toEqual([]);
  });

  test("runs without the lock where the lock is disabled, with a warning", async () => {
    const folder = clusterFolder({ "cluster.yaml": NO_LOCKING, [STATE]: JSON.stringify(EMPTY) });

    const refreshed = await folder.run("refresh");

    expect(refreshed.ok).toBe(true);
    expect(refreshed.codes).toContain("state_lock_disabled");
  });

  test("keeps bindings of policies", async () => {
    const folder = await appliedFolder();

    await folder.run("refresh");

    expect(folder.json(STATE)).toMatchObject({
      applied_revision: { resources: { "policy.readers": { applies_to: ["graph.books"] } } },
    });
  });
});
