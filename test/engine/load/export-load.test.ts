/** Laws of loading what was exported: the same rows, over every property type. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEdgeRow, encodeNodeRow } from "../../../lib/engine/rows/encode.ts";
import { rowBatch } from "../../../lib/engine/rows/row.ts";
import { graphShape } from "../../../lib/engine/rows/row-shape.ts";
import type { Cell } from "../../../lib/engine/tables.ts";
import { ANY_CELLS, EVERY_PROPERTY } from "../rows/any-row.ts";
import { schemaOf } from "../rows/schema-of.ts";
import { createLoader, staged } from "./loader.ts";

const SCHEMA = schemaOf(
  [
    { name: "Thing", properties: EVERY_PROPERTY },
    { name: "Slot", properties: { at: "DateTime", weight: "F32" }, key: ["weight", "at"] },
  ],
  [{ name: "Near", from: "Thing", to: "Slot", properties: EVERY_PROPERTY }],
);
const GRAPH = graphShape(SCHEMA);
const THING = GRAPH.nodes.get("Thing")!;
const NEAR = GRAPH.edges.get("Near")!;

const SLOT = { at: 1_700_000_000_001, weight: -1.5e-12 };
const SLOT_LINE = `{"type":"Slot","data":{"at":${SLOT.at},"weight":${SLOT.weight}}}`;
const SLOT_ID = JSON.stringify([String(SLOT.at), "-0.0000000000015"]);

function seed(things: readonly (readonly Cell[])[], edges: readonly (readonly Cell[])[]): readonly string[] {
  const nodes = things.map((cells, at) =>
    encodeNodeRow(THING, rowBatch([{ kind: "node", shape: THING, id: `t${at}`, cells }]), 0),
  );
  const near = edges.map((cells, at) => {
    const row = { kind: "edge" as const, shape: NEAR, id: `e${at}`, src: "t0", dst: SLOT_ID, cells };
    return encodeEdgeRow(NEAR, rowBatch([row]), 0, { edge_ids: true });
  });
  return [...near, SLOT_LINE, ...nodes];
}

describe("an exported graph", () => {
  it("loads into an empty graph as the same rows, whatever they hold", async () => {
    const rows = fc.array(ANY_CELLS, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rows, rows, async (things, edges) => {
        const [first, second] = [createLoader(SCHEMA), createLoader(SCHEMA)];
        await staged(first.load("append", seed(things, edges)));
        const written = await first.lines();
        expect(written).toHaveLength(things.length + 1 + edges.length);

        await staged(second.load("append", written));

        expect(await second.lines()).toEqual(written);
      }),
      { numRuns: 60 },
    );
  });

  it("merges into itself without a change", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ANY_CELLS, { minLength: 1, maxLength: 3 }), async (things) => {
        const loader = createLoader(SCHEMA);
        await staged(loader.load("append", seed(things, things)));
        const written = await loader.lines();

        await staged(loader.load("merge", written));

        expect(await loader.lines()).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });
});
