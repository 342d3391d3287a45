/** Laws of the row codec: what is written reads back the same, over every property type. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEdgeRow, encodeNodeRow } from "../../../lib/engine/rows/encode.ts";
import { shortestFloat32, shortestFloat64, withoutExponent } from "../../../lib/engine/rows/float-text.ts";
import { readRow } from "../../../lib/engine/rows/read-row.ts";
import { type EdgeRow, type NodeRow, rowBatch } from "../../../lib/engine/rows/row.ts";
import { graphShape } from "../../../lib/engine/rows/row-shape.ts";
import { ANY_CELLS, EVERY_PROPERTY } from "./any-row.ts";
import { schemaOf } from "./schema-of.ts";

const GRAPH = graphShape(
  schemaOf(
    [
      { name: "Thing", properties: EVERY_PROPERTY },
      { name: "Place", properties: { code: "String" }, key: ["code"] },
    ],
    [{ name: "Near", from: "Place", to: "Place", properties: EVERY_PROPERTY }],
  ),
);
const THING = GRAPH.nodes.get("Thing")!;
const NEAR = GRAPH.edges.get("Near")!;
const NON_EMPTY = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });

describe("the row codec", () => {
  it("reads back every node that it writes, cell by cell, whatever the types", () => {
    fc.assert(
      fc.property(NON_EMPTY, ANY_CELLS, (id, cells) => {
        const row: NodeRow & { id: string } = { kind: "node", shape: THING, id, cells };
        const line = encodeNodeRow(THING, rowBatch([row]), 0);
        expect(readRow(GRAPH, line)).toEqual({ row, faults: [] });
      }),
    );
  });

  it("reads back every edge that it writes with its id", () => {
    fc.assert(
      fc.property(fc.tuple(NON_EMPTY, NON_EMPTY, NON_EMPTY), ANY_CELLS, ([id, src, dst], cells) => {
        const row: EdgeRow & { id: string } = { kind: "edge", shape: NEAR, id, src, dst, cells };
        const line = encodeEdgeRow(NEAR, rowBatch([row]), 0, { edge_ids: true });
        expect(readRow(GRAPH, line)).toEqual({ row, faults: [] });
      }),
    );
  });

  it("leaves the id of an edge out unless it is asked for", () => {
    const row: EdgeRow & { id: string } = {
      kind: "edge",
      shape: NEAR,
      id: "e1",
      src: "a",
      dst: "b",
      cells: NEAR.properties.map(() => null),
    };
    const line = encodeEdgeRow(NEAR, rowBatch([row]), 0, { edge_ids: false });
    expect(line).toBe('{"edge":"Near","from":"a","to":"b","data":{}}');
  });

  it("writes 64-bit integers with all digits and moments without needless zeros", () => {
    const written = ["wide", "day", "moment", "single", "bytes"] as const;
    const values = new Map<string, unknown>([
      ["wide", -9223372036854775808n],
      ["day", 20_000],
      ["moment", 1_700_000_000_120],
      ["single", Math.fround(0.1)],
      ["bytes", new Uint8Array([1, 2])],
    ]);
    const cells = THING.properties.map((property) => (values.get(property.name) ?? null) as never);
    const line = encodeNodeRow(THING, rowBatch([{ kind: "node", shape: THING, id: "t", cells }]), 0);
    expect(written.every((name) => line.includes(`"${name}":`))).toBe(true);
    expect(line).toBe(
      '{"type":"Thing","data":{"id":"t","wide":-9223372036854775808,"single":0.1,"day":"2024-10-04",' +
        '"moment":"2023-11-14T22:13:20.120Z","bytes":"base64:AQI="}}',
    );
  });
});

describe("float text", () => {
  it("is the same float again, for 32 and 64 bits", () => {
    const single = fc.float({ noNaN: true, noDefaultInfinity: true });
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(fc.property(single, (value) => Object.is(Math.fround(Number(shortestFloat32(value))), value)));
    fc.assert(fc.property(double, (value) => Object.is(Number(shortestFloat64(value)), value)));
  });

  it("keeps its value and loses its exponent in identities (spec/schema 4.1)", () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(double, (value) => {
        const text = withoutExponent(shortestFloat64(value));
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value + 0);
      }),
    );
    expect(withoutExponent("1e+21")).toBe("1000000000000000000000");
    expect(withoutExponent("-1.5e-7")).toBe("-0.00000015");
    expect(withoutExponent("-0")).toBe("0");
  });
});
