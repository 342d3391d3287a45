/** The part of the tables contract about cells: every kind comes back exactly as it was written. */
import { expect, it } from "vitest";
import type { Cell, Column, ListItemKind, Tables } from "../../lib/engine/tables.ts";
import { batch, PATH, rowsOf, SYSTEM, sortedById, value } from "./table-rows.ts";

interface CellCase {
  readonly column: Column;
  readonly cells: readonly Cell[];
}

const CELL_CASES: readonly CellCase[] = [
  { column: { name: "p1", type: { kind: "utf8" } }, cells: ["", "\u{1F600}'\\", null] },
  { column: { name: "p2", type: { kind: "bool" } }, cells: [true, false, null] },
  { column: { name: "p3", type: { kind: "i32" } }, cells: [-2147483648, 2147483647, null] },
  {
    column: { name: "p4", type: { kind: "i64" } },
    cells: [-(2n ** 63n), 2n ** 63n - 1n, null],
  },
  { column: { name: "p5", type: { kind: "u32" } }, cells: [0, 4294967295, null] },
  { column: { name: "p6", type: { kind: "u64" } }, cells: [2n ** 53n + 1n, 2n ** 64n - 1n, null] },
  { column: { name: "p7", type: { kind: "f32" } }, cells: [Math.fround(0.1), -0.5, null] },
  { column: { name: "p8", type: { kind: "f64" } }, cells: [0.1, Number.MAX_VALUE, null] },
  { column: { name: "p9", type: { kind: "date" } }, cells: [-719162, 20000, null] },
  { column: { name: "p10", type: { kind: "datetime" } }, cells: [-62135596800000, 1700000000123, null] },
  { column: { name: "p11", type: { kind: "blob" } }, cells: [Uint8Array.of(), Uint8Array.of(0, 255), null] },
  {
    column: { name: "p12", type: { kind: "vector", dimension: 3 } },
    cells: [Float32Array.of(1, -2.5, 0), Float32Array.of(0, 0, 0), null],
  },
  { column: list("p13", "utf8"), cells: [["a", null, "it's"], [], null] },
  { column: list("p14", "bool"), cells: [[true, null], [], null] },
  { column: list("p15", "i32"), cells: [[1, null, -1], [], null] },
  { column: list("p16", "i64"), cells: [[2n ** 62n, null], [], null] },
  { column: list("p17", "u32"), cells: [[4294967295, null], [], null] },
  { column: list("p18", "u64"), cells: [[2n ** 64n - 1n, null], [], null] },
  { column: list("p19", "f32"), cells: [[0.5, null], [], null] },
  { column: list("p20", "f64"), cells: [[0.1, null], [], null] },
  { column: list("p21", "date"), cells: [[0, null, 20000], [], null] },
  { column: list("p22", "datetime"), cells: [[1700000000123, null], [], null] },
];

export function describeCells(tables: () => Tables): void {
  it("gives back every kind of cell exactly: 64-bit integers, dates, vectors, lists with nulls, blobs", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns(CELL_CASES.map((each) => each.column)));
    const columns: Record<string, readonly Cell[]> = { id: ["a", "b", "c"] };
    for (const each of CELL_CASES) columns[each.column.name] = each.cells;
    value(await writer.append(batch(columns)));
    const { position } = value(await writer.finish());
    const reader = value(await tables().read(position));
    const names = CELL_CASES.map((each) => each.column.name);
    const rows = sortedById(await rowsOf(reader, ["id", ...names]));
    for (const each of CELL_CASES) {
      expect({ column: each.column, cells: rows.map((row) => row[each.column.name]) }).toEqual(each);
    }
    const looked = value(await reader.lookup("id", ["b"], names));
    for (const each of CELL_CASES) {
      expect(looked.columns.get(each.column.name)).toEqual([each.cells[1]]);
    }
    const described = new Map(reader.columns.map((column) => [column.name, column.type]));
    for (const each of CELL_CASES) expect(described.get(each.column.name)).toEqual(each.column.type);
  });

  it("gives back every kind of cell after an upsert as well", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns(CELL_CASES.map((each) => each.column)));
    const before: Record<string, readonly Cell[]> = { id: ["a"] };
    const after: Record<string, readonly Cell[]> = { id: ["a", "b"] };
    for (const { column, cells } of CELL_CASES) {
      before[column.name] = [cells[0] ?? null];
      after[column.name] = [cells[1] ?? null, cells[2] ?? null];
    }
    value(await writer.append(batch(before)));
    value(await writer.upsert(batch(after)));
    const { position } = value(await writer.finish());
    const reader = value(await tables().read(position));
    const rows = sortedById(await rowsOf(reader, ["id", ...CELL_CASES.map((each) => each.column.name)]));
    for (const { column, cells } of CELL_CASES) {
      expect({ name: column.name, cells: rows.map((row) => row[column.name]) }).toEqual({
        name: column.name,
        cells: [cells[1], cells[2]],
      });
    }
  });

  it("takes batches without a single value in a column of any kind, appended and upserted", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns(CELL_CASES.map((each) => each.column)));
    const names = CELL_CASES.map((each) => each.column.name);
    const empty = (ids: readonly string[], nulls: readonly Cell[]) =>
      batch({ id: ids, ...Object.fromEntries(names.map((name) => [name, nulls])) });
    value(await writer.append(empty(["a", "b"], [null, null])));
    const appended = value(await writer.finish());
    const next = value(await tables().branch(appended.position, "1-upsert"));
    value(await next.upsert(empty(["b", ...NINE], new Array<null>(1 + NINE.length).fill(null))));
    const { position } = value(await next.finish());
    const reader = value(await tables().read(position));
    const rows = sortedById(await rowsOf(reader, ["id", ...names]));
    expect(rows.map((row) => row["id"])).toEqual(["a", "b", ...NINE]);
    for (const row of rows) expect(names.filter((name) => row[name] !== null)).toEqual([]);
  });
}

/** With one more, two bytes of bits. */
const NINE = ["c", "d", "e", "f", "g", "h", "i", "j", "k"];

function list(name: string, item: ListItemKind): Column {
  return { name, type: { kind: "list", item } };
}
