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

/** Every situation of spec/cluster 9.3 in which OmniGraph itself would decide by what it sees (C1 to C4, S2 to S4, D1 to D3). */
const STORIES: readonly (readonly [string, Story])[] = [
  ["a create of which nothing is there (C1)", { kind: "graph_create", desired: sha256(BOOKS_SCHEMA) }],
  [
    "a create that is recorded already (C2)",
    {
      kind: "graph_create",
      desired: sha256(BOOKS_SCHEMA),
      live: BOOKS_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    },
  ],
  [
    "a create whose graph is there (C3)",
    { kind: "graph_create", desired: sha256(BOOKS_SCHEMA), live: BOOKS_SCHEMA },
  ],
  [
    "a create whose graph is another one (C4)",
    { kind: "graph_create", desired: NOT_THERE, live: WIDER_SCHEMA },
  ],
  ["a schema change whose graph is gone (W6)", { kind: "schema_apply", desired: sha256(WIDER_SCHEMA) }],
  [
    "a schema change that moved nothing (S2)",
    {
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      live: BOOKS_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    },
  ],
  [
    "a schema change that is there (S3)",
    {
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      live: WIDER_SCHEMA,
      recorded: sha256(BOOKS_SCHEMA),
    },
  ],
  [
    "a schema change that ended elsewhere (S4)",
    { kind: "schema_apply", desired: NOT_THERE, live: WIDER_SCHEMA, recorded: sha256(BOOKS_SCHEMA) },
  ],
  [
    "a delete of a graph that is still there (D1)",
    { kind: "graph_delete", desired: "", live: BOOKS_SCHEMA, recorded: sha256(BOOKS_SCHEMA) },
  ],
  ["a delete of a graph that is gone (D2)", { kind: "graph_delete", desired: "" }],
  [
    "a delete of a graph that is gone and recorded (D3)",
    { kind: "graph_delete", desired: "", recorded: sha256(BOOKS_SCHEMA) },
  ],
];

describe("an open intent of OmniGraph", () => {
  test.each(STORIES)(
    "to %s is kept and reported, its graph is left alone, and discarding it is the way out",
    async (_title, story) => {
      const folder = await interrupted(story);
      const before = folder.graphs();

      const applied = await folder.run("apply");

      expect(applied.diagnostics).toContainEqual(
        expect.objectContaining({
          code: "cluster_recovery_pending",
          severity: "warning",
          path: "graph.books",
          fix: expect.stringContaining("graphform recover discard 01OPEN"),
        }),
      );
      const reasons = ["graph.books", "schema.books"].flatMap(
        (address) => applied.change(address)?.["reason"] ?? [],
      );
      for (const reason of reasons) expect(reason).toBe("cluster_recovery_pending");
      expect(applied.at("converged")).toBe(false);
      expect(folder.intents()).toEqual([INTENT]);
      expect(folder.graphs()).toEqual(before);

      const discarded = await folder.run("discard", "01OPEN", "its machine is gone");
      expect(discarded.ok).toBe(true);
      expect(folder.intents()).toEqual([]);

      expect((await folder.run("refresh")).ok).toBe(true);
      const converged = await folder.run("apply");
      expect({ ok: converged.ok, converged: converged.at("converged") }).toEqual({
        ok: true,
        converged: true,
      });
    },
  );

  test("to create a graph whose root does not open is an error and is kept (C5)", async () => {
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
  });

  test("to change a graph that does not open is kept (S1), and discarding it says that nothing was fenced", async () => {
    const folder = await interrupted({
      kind: "schema_apply",
      desired: sha256(WIDER_SCHEMA),
      recorded: NOT_THERE,
    });
    folder.write("graphs/books.omni/_schema.pg", "junk");

    const applied = await folder.run("apply");
    const kept = folder.intents();
    const discarded = await folder.run("discard", "01OPEN");

    expect(applied.codes).toContain("cluster_recovery_pending");
    expect(kept).toEqual([INTENT]);
    expect(discarded.codes).toContain("recovery_discard_unfenced");
    expect(folder.exists("graphs/books.omni/_schema.pg")).toBe(true);
    expect(folder.intents()).toEqual([]);
  });
});
