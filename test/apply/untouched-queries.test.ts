/** Queries whose file changed and whose own text did not are told apart (W37). */
import { describe, expect, it } from "vitest";
import { untouchedQueries } from "../../lib/apply/planning/untouched-queries.ts";
import { bundleOfFiles } from "../../lib/config/bundle.ts";
import { type Desired, loadDesired } from "../../lib/desired/desired.ts";
import { KNOWS_NOTHING } from "../../lib/desired/known-compilations.ts";
import { type Digest, sha256 } from "../../lib/digest/digest.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import { emptyLedger } from "../../lib/observe/empty-ledger.ts";
import type { RawChange } from "../../lib/plan/change.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import { appliedWorld, plan } from "./cluster.ts";

const BEFORE = `query one() { match { $p: Person } return { $p.name } }
query two() { match { $p: Person } return { $p.name } limit 2 }
`;
const AFTER = BEFORE.replace("limit 2", "limit 3").replace("query one", "// a comment\nquery one");

function desiredWith(queries: string): Desired {
  const files = new Map([
    ["cluster.yaml", "version: 1\ngraphs:\n  people:\n    schema: p.pg\n    queries: q.gq\n"],
    ["p.pg", "node Person { name: String @key }\n"],
    ["q.gq", queries],
  ]);
  const bytes = [...files].map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  return loadDesired(bundleOfFiles(".", new Map(bytes)));
}

function changes(desired: Desired): readonly RawChange[] {
  return [...desired.resources.values()].flatMap((resource) =>
    resource.kind === "query"
      ? [{ resource: resource.address, operation: "update", before_digest: sha256(BEFORE) } as const]
      : [],
  );
}

async function storeWith(payload: string | null) {
  const { store } = openMemoryRoot(createMemoryBackend(), createManualClock(0));
  const key = storeKey(`__cluster/resources/query/people/one/${sha256(BEFORE)}.gq`);
  if (payload !== null) await store.putIfAbsent(key, new TextEncoder().encode(payload));
  return store;
}

describe("W37: an edit of one query of a file", () => {
  it("leaves the other queries of the file untouched, comments and layout aside", async () => {
    const desired = desiredWith(AFTER);

    const untouched = await untouchedQueries(
      await storeWith(BEFORE),
      changes(desired),
      desired,
      null,
      KNOWS_NOTHING,
    );

    expect([...untouched]).toEqual(["query.people.one"]);
  });

  it("is seen without reading the file if an earlier run compiled it", async () => {
    const desired = desiredWith(AFTER);
    const before = desiredWith(BEFORE);
    const schema = before.resource_digests["schema.people"] ?? "";
    const resources = { "schema.people": { digest: schema } };
    const state = { ...emptyLedger(), applied_revision: { config_digest: null, resources } };
    const [compiled] = before.compiled.query_files;
    const known = {
      queryFile: (_schema: Digest, file: Digest) =>
        file === compiled?.file ? compiled.declarations : undefined,
    };

    const untouched = await untouchedQueries(await storeWith(null), changes(desired), desired, state, known);

    expect([...untouched]).toEqual(["query.people.one"]);
  });

  it.each([
    ["is missing", null],
    ["is corrupt", `${BEFORE} `],
  ])("says nothing when the applied payload %s", async (_case, payload) => {
    const desired = desiredWith(AFTER);

    const untouched = await untouchedQueries(
      await storeWith(payload),
      changes(desired),
      desired,
      null,
      KNOWS_NOTHING,
    );

    expect(untouched.size).toBe(0);
  });

  it("is what a plan shows as the one query that changes", async () => {
    const client = await appliedWorld(desiredWith(BEFORE));

    const made = await plan(client, desiredWith(AFTER));

    const shown = made.output.changes.map((change) => [change.resource, change.only_file_changed ?? false]);
    expect(shown).toContainEqual(["query.people.one", true]);
    expect(shown).toContainEqual(["query.people.two", false]);
  });
});
