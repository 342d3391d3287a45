/** Random histories of loads against the naive model: the same ones are refused, the same rows remain. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadMode } from "../../../lib/engine/engine.ts";
import { schemaOf } from "../rows/schema-of.ts";
import {
  EDGES_MAX,
  EDGES_MIN,
  EMPTY_GRAPH,
  type ModelGraph,
  type ModelLine,
  modelLoad,
} from "./load-model.ts";
import { createLoader } from "./loader.ts";

const SCHEMA = schemaOf(
  [{ name: "Person", properties: { name: "String", badge: "I64?" }, key: ["name"], unique: [["badge"]] }],
  [{ name: "Boss", from: "Person", to: "Person", card: [EDGES_MIN, EDGES_MAX] }],
);

const NAME = fc.constantFrom("ann", "bob", "cid", "dan");
const NODE: fc.Arbitrary<ModelLine> = fc.record({
  kind: fc.constant("node" as const),
  id: NAME,
  badge: fc.option(fc.integer({ min: 1, max: 9 }), { nil: null }),
});
const EDGE: fc.Arbitrary<ModelLine> = fc.record({
  kind: fc.constant("edge" as const),
  id: fc.constantFrom("e1", "e2", "e3", "e4", "e5"),
  from: NAME,
  to: NAME,
});
const FILE = fc.uniqueArray(fc.oneof(NODE, EDGE), {
  maxLength: 7,
  // Repeated nodes nearly always refuse a file; a few are enough.
  selector: (line) => (line.kind === "node" ? line.id : line),
});
const PEOPLE: readonly ModelLine[] = ["ann", "bob", "cid"].map((id) => ({ kind: "node", id, badge: null }));
const MODE = fc.constantFrom<LoadMode>("append", "merge", "merge", "overwrite");
const HISTORY = fc.array(fc.tuple(MODE, fc.oneof(FILE, fc.array(NODE, { maxLength: 3 }))), {
  minLength: 1,
  maxLength: 6,
});

function jsonLine(line: ModelLine): string {
  if (line.kind === "edge") {
    return JSON.stringify({ edge: "Boss", from: line.from, to: line.to, data: { id: line.id } });
  }
  const badge = line.badge === null ? {} : { badge: line.badge };
  return JSON.stringify({ type: "Person", data: { id: line.id, name: line.id, ...badge } });
}

function modelLines(graph: ModelGraph): readonly string[] {
  const nodes = [...graph.nodes.values()].map(jsonLine).sort();
  return [...nodes, ...[...graph.edges.values()].map(jsonLine).sort()];
}

describe("any history of loads", () => {
  it("leaves the rows of the naive model, and refuses what it refuses", async () => {
    const seen = { staged: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const loader = createLoader(SCHEMA);
        let graph = EMPTY_GRAPH;
        for (const [mode, lines] of [["append", PEOPLE] as const, ...history]) {
          const expected = modelLoad(graph, mode, lines);
          const outcome = await loader.load(mode, lines.map(jsonLine));
          expect(outcome.tag).toBe(expected === null ? "invalid" : "staged");
          graph = expected ?? graph;
          seen[expected === null ? "refused" : "staged"]++;
          expect(await loader.lines()).toEqual(modelLines(graph));
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(seen.staged, seen.refused)).toBeGreaterThan(100);
  });
});
