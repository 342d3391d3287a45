/** Manifests for tests: one by hand, and arbitrary valid ones. */
import * as fc from "fast-check";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import type { Manifest, TablePin } from "../../lib/engine/manifest.ts";

const LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as IncarnationId;
const EARLIER_LIFE = "01BX5ZZKBKACTAV9WEVGEMMVRZ" as IncarnationId;

export const LIVE_MANIFEST: Manifest = {
  format_version: 1,
  graph: "company" as GraphId,
  version: 7,
  cause: "load",
  state: "live",
  incarnation: LIFE,
  operation_id: "01H5ZK3Q8YV6T2N4M7R9S1B3C5" as OperationId,
  run_id: "01H5ZK3Q8YV6T2N4M7R9S1B3C6" as RunId,
  actor: "ada",
  at: "2026-02-03T04:05:06.789Z",
  schema_digest: sha256("node Person {}"),
  schema_record: sha256("the record"),
  tables: [
    {
      type_id: 5,
      path: `${LIFE}/5-3.lance`,
      branch: "6-01H5ZK3Q8YV6T2N4M7R9S1B3C5",
      lance_version: 4,
      rows: 12,
    },
    { type_id: 9, path: `${LIFE}/9-4.lance`, branch: null, lance_version: 1, rows: 0 },
  ],
  rows_written: 40,
  dead: [{ incarnation: EARLIER_LIFE, since: 2, reclaiming: true }],
};

const crockford = fc.constantFrom(..."0123456789ABCDEFGHJKMNPQRSTVWXYZ");
const ulid = fc
  .tuple(fc.constantFrom(..."01234567"), fc.array(crockford, { minLength: 25, maxLength: 25 }))
  .map(([first, rest]) => `${first}${rest.join("")}`);

/** Valid manifests of every state. */
export function anyManifest(graph: GraphId): fc.Arbitrary<Manifest> {
  return fc
    .record({
      version: fc.integer({ min: 3, max: 2 ** 40 }),
      state: fc.constantFrom("never" as const, "live" as const, "deleted" as const),
      lives: fc.uniqueArray(ulid, { minLength: 2, maxLength: 5 }),
      operation: ulid,
      actor: fc.option(fc.string()),
      atMs: fc.integer({ min: 0, max: 4e12 }),
      digests: fc.tuple(fc.string(), fc.string()),
      types: fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 4 }),
      rows: fc.nat(),
      flags: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    })
    .map((draw) => {
      const live = draw.state === "live";
      const [life, ...rest] = draw.lives.map((each) => each as IncarnationId);
      const types = [...draw.types].sort((a, b) => a - b);
      const tables = types.map((type): TablePin => pinOf(life ?? LIFE, type, draw.version, draw.rows));
      const dead = rest.map((incarnation, index) => ({
        incarnation,
        since: Math.min(index + 1, draw.version - 1),
        reclaiming: draw.flags[index] ?? false,
      }));
      return {
        format_version: 1,
        graph,
        version: draw.version,
        cause: draw.state === "live" ? "load" : draw.state === "deleted" ? "remove" : "fence",
        state: draw.state,
        incarnation: live ? (life ?? LIFE) : null,
        operation_id: draw.operation as OperationId,
        run_id: draw.operation as RunId,
        actor: draw.actor,
        at: new Date(draw.atMs).toISOString(),
        schema_digest: live ? sha256(draw.digests[0]) : null,
        schema_record: live ? sha256(draw.digests[1]) : null,
        tables: live ? tables : [],
        rows_written: live ? draw.rows : 0,
        dead: draw.state === "never" ? [] : dead,
      };
    });
}

function pinOf(life: IncarnationId, type: number, version: number, rows: number): TablePin {
  const branch = type % 3 === 0 ? null : `${version - 1}-op`;
  return { type_id: type, path: `${life}/${type}-${version}.lance`, branch, lance_version: type, rows };
}
