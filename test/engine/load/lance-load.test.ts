/** Loads over the real store: what Lance keeps is what the lines said, also where values and ids are awkward. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeNodeRow } from "../../../lib/engine/rows/encode.ts";
import { rowBatch } from "../../../lib/engine/rows/row.ts";
import { graphShape } from "../../../lib/engine/rows/row-shape.ts";
import { type LanceFolder, lanceFolder } from "../lance/lance-folder.ts";
import { ANY_CELLS, EVERY_PROPERTY } from "../rows/any-row.ts";
import { schemaOf } from "../rows/schema-of.ts";
import { createLoader, refusals, staged } from "./loader.ts";

const SCHEMA = schemaOf(
  [
    { name: "Thing", properties: EVERY_PROPERTY },
    { name: "Person", properties: { name: "String", age: "I32?" }, key: ["name"] },
  ],
  [{ name: "Boss", from: "Person", to: "Person", card: [0, 1] }],
);
const THING = graphShape(SCHEMA).nodes.get("Thing")!;
const AWKWARD = ["", "'", "''; --", "\\", '"', "\u0000", "\n", "é", "e\u0301", "😀", "%", "_", "NULL", "a'b"];

const person = (name: string, age: number): string => JSON.stringify({ type: "Person", data: { name, age } });
const boss = (from: string, to: string, id: string): string =>
  JSON.stringify({ edge: "Boss", from, to, data: { id } });

describe("a load into Lance", () => {
  let folder: LanceFolder;
  beforeAll(async () => {
    folder = await lanceFolder();
  });
  afterAll(() => folder.remove());

  it("keeps every cell of every type exactly", async () => {
    const rows = fc.sample(ANY_CELLS, { numRuns: 40, seed: 7 });
    const lines = rows.map((cells, at) =>
      encodeNodeRow(THING, rowBatch([{ kind: "node", shape: THING, id: `t${at}`, cells }]), 0),
    );
    const loader = createLoader(SCHEMA, folder.tables);
    await staged(loader.load("append", lines));
    expect(await loader.lines()).toEqual([...lines].sort());
  });

  it("finds awkward ids again by lookup, replaces exactly their rows, and keeps @card", async () => {
    const other = await lanceFolder();
    const loader = createLoader(SCHEMA, other.tables);
    const many = Array.from({ length: 400 }, (_, index) => person(`p${index}`, 0));
    const edges = AWKWARD.map((name, at) => boss(name, "p1", `b${at}`));
    await staged(loader.load("append", [...many, ...AWKWARD.map((name) => person(name, 1)), ...edges]));

    expect(await refusals(loader.load("append", [person("'", 2), boss("\\", "", "new")]))).toEqual([
      "1:33 load_key_conflict the graph already has this id: Person '''.",
      "2:23 load_cardinality_violation @card violation on edge Boss: source '\\' has 2 edges (max 1).",
    ]);
    const merged = await staged(
      loader.load("merge", [...AWKWARD.map((name) => person(name, 3)), boss("😀", "'", "b9")]),
    );

    expect(merged.pins.map((pin) => pin.rows)).toEqual([400 + AWKWARD.length, AWKWARD.length]);
    const lines = await loader.lines();
    expect(lines.filter((line) => line.includes('"age":3'))).toHaveLength(AWKWARD.length);
    expect(lines).toContain('{"edge":"Boss","from":"😀","to":"\'","data":{"id":"b9"}}');
    await other.remove();
  });
});
