/** What apply and refresh make of another tool's open intents (spec/cluster 9.3, 14.1, deviation 4). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/digest/digest.ts";
import { BOOKS_SCHEMA, type ClusterFolder, clusterFolder, WIDER_SCHEMA } from "./cluster-folder.ts";

const STATE = "__cluster/state.json";
const INTENT = "01OPEN.json";
const NOT_THERE = "f".repeat(64);

interface Story {
  readonly kind: "graph_create" | "schema_apply" | "graph_delete";
  /** Digest that the operation wanted. */
  readonly desired: string;
  /** What lives at the root. */
  readonly live?: string;
  /** Schema that the ledger has recorded. */
  readonly recorded?: string;
}

/** A folder in which OmniGraph left an intent. */
async function interrupted({ kind, desired, live, recorded }: Story): Promise<ClusterFolder> {
  const folder = clusterFolder();
  if (live !== undefined) await folder.create("books", live);
  if (recorded !== undefined) record(folder, recorded);
  else folder.write(STATE, state({}));
  folder.write(`__cluster/recoveries/${INTENT}`, sidecar(folder.path, kind, desired));
  return folder;
}

/** Only the schema entry, as OmniGraph's own tests have it: a graph entry would need its composite. */
function record(folder: ClusterFolder, digest: string): void {
  folder.write(STATE, state({ "schema.books": { digest } }));
}

function state(resources: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ version: 1, state_revision: 1, applied_revision: { resources } });
}

function sidecar(folder: string, kind: string, desired_schema_digest: string): string {
  return JSON.stringify({
    schema_version: 1,
    operation_id: INTENT.replace(".json", ""),
    started_at: "2026-02-03T04:05:06Z",
    kind,
    graph_id: "books",
    graph_uri: `${folder}/graphs/books.omni`,
    desired_schema_digest,
  });
}

describe("an interrupted create", () => {
  test("of which nothing is there is given up, and the same apply creates the graph (C1)", async () => {
    const folder = await interrupted({ kind: "graph_create", desired: sha256(BOOKS_SCHEMA) });

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.at("converged")).toBe(true);
    expect(applied.codes).not.toContain("cluster_recovery_pending");
    expect(folder.intents()).toEqual([]);
  });

  test("that is recorded already is given up silently (C2)", async () => {
    const digest = sha256(BOOKS_SCHEMA);
    const folder = await interrupted({
      kind: "graph_create",
      desired: digest,
      live: BOOKS_SCHEMA,
      recorded: digest,
    });

    const refreshed = await folder.run("refresh");

    expect(refreshed.ok).toBe(true);
    expect(refreshed.codes).not.toContain("cluster_recovery_rolled_forward");
    expect(folder.intents()).toEqual([]);
  });

  test("that landed is rolled forward, and the same apply does the rest (C3)", async () => {
    const folder = await interrupted({
      kind: "graph_create",
      desired: sha256(BOOKS_SCHEMA),
      live: BOOKS_SCHEMA,
    });

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.diagnostics).toContainEqual(
      expect.objectContaining({ code: "cluster_recovery_rolled_forward", path: "graph.books" }),
    );
    expect(applied.at("converged")).toBe(true);
    expect(folder.intents()).toEqual([]);
    expect(folder.json(STATE)).toMatchObject({
      recovery_records: {
        "01OPEN": { kind: "graph_create", graph_id: "books", outcome: "rolled_forward", actor: null },
      },
    });
    expect((await folder.run("plan")).at("changes")).toEqual([]);
  });

  test("whose graph is another one is kept, and its graph is left alone (C4)", async () => {
    const folder = await interrupted({ kind: "graph_create", desired: NOT_THERE, live: WIDER_SCHEMA });

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "cluster_recovery_pending",
        severity: "warning",
        path: "graph.books",
      }),
    );
    for (const address of ["graph.books", "query.books.find_book", "schema.books"]) {
      expect(applied.change(address)).toMatchObject({
        disposition: "blocked",
        reason: "cluster_recovery_pending",
      });
    }
    expect(applied.at('resource_statuses["graph.books"]')).toMatchObject({
      status: "drifted",
      conditions: ["actual_applied_state_pending"],
    });
    expect(folder.intents()).toEqual([INTENT]);
  });

  test("that left something that does not open is an error and is kept (C5)", async () => {
    const folder = await interrupted({ kind: "graph_create", desired: sha256(BOOKS_SCHEMA) });
    folder.write("graphs/books.omni/_schema.pg", "junk");

    const failed = await folder.run("apply");

    expect(failed.ok).toBe(false);
    expect(failed.diagnostics).toContainEqual(
      expect.objectContaining({ code: "graph_create_incomplete", severity: "error", path: "graph.books" }),
    );
    expect(failed.at('resource_statuses["graph.books"]')).toMatchObject({
      status: "error",
      conditions: ["graph_create_incomplete"],
    });
    expect(folder.intents()).toEqual([INTENT]);
    folder.remove("graphs/books.omni");
    expect((await folder.run("apply")).at("converged")).toBe(true);
  });
});

describe("an interrupted schema change", () => {
  test("whose graph does not open is kept (S1)", async () => {
    const folder = await interrupted({
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      recorded: NOT_THERE,
    });
    folder.write("graphs/books.omni/_schema.pg", "junk");

    const applied = await folder.run("apply");

    expect(applied.codes).toContain("cluster_recovery_pending");
    expect(folder.intents()).toEqual([INTENT]);
  });

  test("whose graph is gone is given up, because nothing can land on it (W6)", async () => {
    const folder = await interrupted({ kind: "schema_apply", desired: sha256(WIDER_SCHEMA) });

    expect((await folder.run("apply")).at("converged")).toBe(true);
    expect(folder.intents()).toEqual([]);
  });

  test("that did not move the graph is given up (S2)", async () => {
    const folder = await interrupted({
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      live: BOOKS_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    });

    const refreshed = await folder.run("refresh");

    expect(refreshed.codes).not.toContain("cluster_recovery_pending");
    expect(folder.intents()).toEqual([]);
  });

  test("that landed is rolled forward (S3)", async () => {
    const folder = await interrupted({
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      live: WIDER_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    });
    folder.write("books.pg", WIDER_SCHEMA);

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.codes).toContain("cluster_recovery_rolled_forward");
    expect(applied.at("converged")).toBe(true);
    expect(folder.intents()).toEqual([]);
    expect((folder.json(STATE) as { recovery_records: object }).recovery_records).toHaveProperty(["01OPEN"]);
  });

  test("that ended elsewhere is kept until a refresh has recorded what lives (S4)", async () => {
    const folder = await interrupted({
      kind: "schema_apply",
      desired: NOT_THERE,
      live: WIDER_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    });

    const applied = await folder.run("apply");
    const kept = folder.intents();
    await folder.run("refresh");
    await folder.run("refresh");

    expect(applied.codes).toContain("cluster_recovery_pending");
    expect(applied.change("graph.books")).toMatchObject({
      disposition: "blocked",
      reason: "cluster_recovery_pending",
    });
    expect(kept).toEqual([INTENT]);
    expect(folder.intents()).toEqual([]);
  });
});

describe("an interrupted delete", () => {
  test("of a graph that is still there is given up with a warning (D1)", async () => {
    const folder = await interrupted({
      kind: "graph_delete",
      desired: "",
      live: BOOKS_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    });

    const refreshed = await folder.run("refresh");

    expect(refreshed.ok).toBe(true);
    expect(refreshed.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "graph_delete_incomplete",
        severity: "warning",
        path: "graph.books",
      }),
    );
    expect(folder.intents()).toEqual([]);
  });

  test("that is in nobody's ledger is given up silently (D2)", async () => {
    const folder = await interrupted({ kind: "graph_delete", desired: "" });
    folder.write("cluster.yaml", "version: 1\n");

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.codes).not.toContain("cluster_recovery_pending");
    expect(folder.intents()).toEqual([]);
  });

  test("of a graph that is gone waits until a refresh has recorded that it is gone (D3)", async () => {
    const folder = await interrupted({
      kind: "graph_delete",
      desired: "",
      live: BOOKS_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    });
    folder.remove("__cluster/recoveries");
    await folder.run("refresh");
    folder.remove("graphs/books.omni");
    folder.write(`__cluster/recoveries/${INTENT}`, sidecar(folder.path, "graph_delete", ""));

    const first = await folder.run("refresh");
    const kept = folder.intents();
    const second = await folder.run("refresh");

    expect(first.codes).toContain("cluster_recovery_pending");
    expect(kept).toEqual([INTENT]);
    expect(second.at("resource_digests")).toEqual({});
    expect(folder.intents()).toEqual([]);
  });
});
