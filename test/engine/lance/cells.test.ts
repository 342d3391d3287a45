/** Cells survive the way through Arrow and Lance exactly, for every kind and any mixture of values and nulls. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { recordBatch, rowBatch, writtenColumns } from "../../../lib/engine/lance/batches.ts";
import { arrowType, cellType } from "../../../lib/engine/lance/cell-types.ts";
import type { Cell, CellType, Column, ListItemKind } from "../../../lib/engine/tables.ts";

const TEXT = fc.string({ unit: "grapheme" });
const ITEMS: Readonly<Record<ListItemKind, fc.Arbitrary<Cell>>> = {
  utf8: TEXT,
  bool: fc.boolean(),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  f32: fc.float({ noNaN: true }),
  f64: fc.double({ noNaN: true }),
  date: fc.integer({ min: -719_162, max: 2_932_896 }),
  datetime: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
};
const ITEM_KINDS = Object.keys(ITEMS) as ListItemKind[];

const typed: fc.Arbitrary<{ readonly type: CellType; readonly cells: readonly Cell[] }> = fc.oneof(
  ...ITEM_KINDS.map((kind) => column({ kind }, ITEMS[kind])),
  ...ITEM_KINDS.map((item) =>
    column({ kind: "list", item }, fc.array(fc.option(ITEMS[item], { nil: null }), { maxLength: 5 })),
  ),
  column({ kind: "blob" }, fc.uint8Array({ maxLength: 40 })),
  fc.integer({ min: 1, max: 9 }).chain((dimension) =>
    column(
      { kind: "vector", dimension },
      fc
        .array(fc.float({ noNaN: true }), { minLength: dimension, maxLength: dimension })
        .map((each) => Float32Array.from(each)),
    ),
  ),
);

it("gives back the cells of any column through a record batch", () => {
  fc.assert(
    fc.property(typed, ({ type, cells }) => {
      const stored: Column = { name: "p1", type };
      const batch = recordBatch([stored], { length: cells.length, columns: new Map([["p1", cells]]) });
      const back = rowBatch(["p1"], [batch]);
      expect(back.length).toBe(cells.length);
      expect(back.columns.get("p1")).toEqual(cells);
    }),
    { numRuns: 400 },
  );
});

it("recognises every cell type from the Arrow type that stores it", () => {
  fc.assert(
    fc.property(typed, ({ type }) => {
      expect(cellType(arrowType(type))).toEqual(type);
    }),
    { numRuns: 200 },
  );
});

it("joins the cells of several batches and fills a column that one of them lacks with nulls", () => {
  const p1: Column = { name: "p1", type: { kind: "i64" } };
  const p2: Column = { name: "p2", type: { kind: "utf8" } };
  const first = recordBatch([p1, p2], { length: 2, columns: new Map([["p1", [1n, null]]]) });
  const second = recordBatch([p1], { length: 1, columns: new Map([["p1", [3n]]]) });
  expect(rowBatch(["p2", "p1"], [first, second])).toEqual({
    length: 3,
    columns: new Map<string, readonly Cell[]>([
      ["p2", [null, null, null]],
      ["p1", [1n, null, 3n]],
    ]),
  });
});

it("refuses rows with a column that the dataset lacks, and cells that do not fit their column", () => {
  const p1: Column = { name: "p1", type: { kind: "i64" } };
  const rows = (cell: Cell) => ({ length: 1, columns: new Map([["p1", [cell]]]) });
  expect(() => writtenColumns([], rows(1n))).toThrow("columns that the dataset has");
  expect(() => recordBatch([p1], rows(1))).toThrow("bigints");
  expect(() => recordBatch([{ name: "p1", type: { kind: "utf8" } }], rows(1n))).toThrow("text");
  expect(() =>
    recordBatch([{ name: "p1", type: { kind: "vector", dimension: 2 } }], rows(Float32Array.of(1))),
  ).toThrow("dimension");
});

function column(type: CellType, cell: fc.Arbitrary<Cell>) {
  return fc
    .array(fc.option(cell, { nil: null, freq: 4 }), { maxLength: 20 })
    .map((cells) => ({ type, cells }));
}
