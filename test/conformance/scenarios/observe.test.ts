/** Status and import, command against folder (spec/cluster 11, 14.1). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/digest/digest.ts";
import { appliedFolder, BOOKS_SCHEMA, clusterFolder, LIBRARY } from "./cluster-folder.ts";

const STATE = "__cluster/state.json";
const EMPTY = { version: 1, state_revision: 4, applied_revision: { resources: {} } };
/** A root that is there and cannot be opened. */
const BROKEN_ROOT = { "graphs/books.omni/_schema.pg": "junk" };

describe("status", () => {
  test("warns of a missing ledger and stays fine", async () => {
    const status = await clusterFolder().run("status");

    expect(status.ok).toBe(true);
    expect(status.diagnostics).toMatchObject([{ code: "state_missing", severity: "warning", path: STATE }]);
    expect(status.at("state_observations")).toMatchObject({ state_found: false, state_revision: 0 });
  });

  test.each([
    ["no JSON", "{", "invalid_state_json"],
    ["an unknown key", JSON.stringify({ ...EMPTY, extra: 1 }), "invalid_state_json"],
    ["a newer version", JSON.stringify({ ...EMPTY, version: 2 }), "unsupported_state_version"],
  ])("fails on a ledger with %s", async (_what, text, code) => {
    const status = await clusterFolder({ [STATE]: text }).run("status");

    expect(status.ok).toBe(false);
    expect(status.codes).toContain(code);
    expect(status.at("state_observations.state_found")).toBe(true);
  });

  test("shows digests, statuses and observations of the ledger", async () => {
    const state = {
      ...EMPTY,
      applied_revision: { config_digest: "c", resources: { "schema.books": { digest: "s" } } },
      resource_statuses: {
        "schema.books": { status: "drifted", conditions: ["schema_mismatch"], message: "m" },
      },
      approval_records: { a: { consumed_at: "t" } },
      recovery_records: {},
      observations: { "graph.books": { kind: "graph", manifest_version: 9 } },
    };

    const status = await clusterFolder({ [STATE]: JSON.stringify(state) }).run("status");

    expect(status.ok).toBe(true);
    expect(status.at("state_observations")).toMatchObject({ applied_config_digest: "c", resource_count: 1 });
    expect(status.at("resource_digests")).toEqual({ "schema.books": "s" });
    expect(status.at('resource_statuses["schema.books"].status')).toBe("drifted");
    expect(status.at('observations["graph.books"]')).toEqual({ kind: "graph", graph_manifest_version: 9 });
  });

  test("refuses an observation whose two version keys disagree", async () => {
    const observations = { "graph.books": { manifest_version: 1, graph_manifest_version: 2 } };

    const status = await clusterFolder({ [STATE]: JSON.stringify({ ...EMPTY, observations }) }).run("status");

    expect(status.ok).toBe(false);
    expect(status.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "conflicting_graph_manifest_observation",
        path: "state.observations.graph.books",
      }),
    );
  });

  test("does not look at the files that the config names", async () => {
    const folder = await appliedFolder();
    folder.remove("books.pg");

    expect((await folder.run("status")).ok).toBe(true);
  });

  test("reports a missing and a corrupt payload and changes nothing", async () => {
    const folder = await appliedFolder();
    const before = folder.read(STATE);
    folder.remove("__cluster/resources/query");
    folder.write(`__cluster/resources/policy/readers/${sha256("version: 1\nrules: []\n")}.yaml`, "tampered");

    const status = await folder.run("status");

    expect(status.ok).toBe(true);
    expect(status.diagnostics).toMatchObject([
      { code: "catalog_payload_mismatch", severity: "warning", path: "policy.readers" },
      { code: "catalog_payload_missing", severity: "warning", path: "query.books.find_book" },
    ]);
    expect(folder.read(STATE)).toBe(before);
  });

  test.each([
    ["the config folder", LIBRARY["cluster.yaml"]!, ""],
    ["another storage root", `${LIBRARY["cluster.yaml"]}storage: STORE\n`, "store/"],
  ])("and plan warn of an open intent in %s", async (_where, yaml, prefix) => {
    const folder = clusterFolder();
    folder.write("cluster.yaml", yaml.replace("STORE", `${folder.path}/store`));
    const key = `${prefix}__cluster/recoveries/01OPEN.json`;
    folder.write(key, sidecar(folder.path, "graph_create"));

    for (const command of ["status", "plan"]) {
      const output = await folder.run(command);
      expect(output.ok).toBe(true);
      expect(output.diagnostics).toContainEqual(
        expect.objectContaining({
          code: "cluster_recovery_pending",
          severity: "warning",
          path: `${folder.path}/${key}`,
        }),
      );
    }
  });
});

describe("an intent that cannot be read", () => {
  test("is pending all the same, and status and plan say what is wrong with it", async () => {
    const folder = clusterFolder({ "__cluster/recoveries/01OPEN.json": "{}" });

    for (const command of ["status", "plan"]) {
      const output = await folder.run(command);
      expect(output.ok).toBe(true);
      expect(output.codes).toEqual(
        expect.arrayContaining(["cluster_recovery_pending", "invalid_recovery_sidecar"]),
      );
    }
  });
});

describe("import", () => {
  test("records what lives, and no config digest because nothing was applied (W26)", async () => {
    const folder = clusterFolder();
    await folder.create("books", BOOKS_SCHEMA);

    const imported = await folder.run("import");

    expect(imported.ok).toBe(true);
    expect(imported.at("operation")).toBe("import");
    expect(imported.at("state_observations")).toMatchObject({ state_found: true, state_revision: 1 });
    expect(imported.at('resource_digests["schema.books"]')).toBe(sha256(BOOKS_SCHEMA));
    expect(imported.at('observations["graph.books"]')).toMatchObject({
      kind: "graph",
      address: "graph.books",
      graph_uri: `${folder.path}/graphs/books.omni`,
      exists: true,
      graph_manifest_version: 1,
      schema_digest: sha256(BOOKS_SCHEMA),
      desired_schema_digest: sha256(BOOKS_SCHEMA),
      schema_matches_desired: true,
      error: null,
    });
    expect(imported.at('resource_statuses["graph.books"].status')).toBe("applied");
    expect(folder.json(STATE)).toMatchObject({ applied_revision: { config_digest: null } });
  });

  test("refuses a cluster that has a ledger", async () => {
    const folder = clusterFolder({ [STATE]: JSON.stringify(EMPTY) });

    const refused = await folder.run("import");

    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toContainEqual(
      expect.objectContaining({ code: "state_already_exists", path: STATE }),
    );
    expect(folder.json(STATE)).toEqual(EMPTY);
  });

  test("writes nothing if a graph cannot be opened", async () => {
    const folder = clusterFolder(BROKEN_ROOT);

    const refused = await folder.run("import");

    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toContainEqual(
      expect.objectContaining({ code: "graph_observation_error", path: "graphs" }),
    );
    expect(folder.exists(STATE)).toBe(false);
  });
});

function sidecar(folder: string, kind: string): string {
  return JSON.stringify({
    schema_version: 1,
    operation_id: "01OPEN",
    started_at: "2026-02-03T04:05:06Z",
    kind,
    graph_id: "books",
    graph_uri: `${folder}/graphs/books.omni`,
    desired_schema_digest: sha256(BOOKS_SCHEMA),
  });
}
