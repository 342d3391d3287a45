/**
 * The contract of the tables port (lib/engine/tables.ts), run against every adapter with two clients over one
 * backend. An adapter passes all of it or is not a Tables.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cell, Column, TablePosition, Tables } from "../../lib/engine/tables.ts";
import {
  batch,
  batchRows,
  FOLDER,
  failed,
  filled,
  idsAt,
  PATH,
  rowsOf,
  SYSTEM,
  sortedById,
  value,
} from "./table-rows.ts";
import { describeCells } from "./tables-cells.contract.ts";

export interface TablesSubject {
  readonly first: Tables;
  readonly second: Tables;
  readonly close: () => Promise<void>;
}

const EDGE_SYSTEM: readonly Column[] = [
  { name: "id", type: { kind: "utf8" } },
  { name: "src", type: { kind: "utf8" } },
  { name: "dst", type: { kind: "utf8" } },
];
const P1: Column = { name: "p1", type: { kind: "utf8" } };
const P2: Column = { name: "p2", type: { kind: "i64" } };
const ODD_TEXTS = [
  "",
  " ",
  "it's",
  "''",
  'say "hi"',
  "back\\slash",
  "\\'",
  "%_*",
  "a\nb\tc",
  "-- ; DROP",
  "\u{1F600} \u00e9 \u0416 \u202e",
  "null",
  "x".repeat(3000),
];

export function tablesContract(adapter: string, open: () => Promise<TablesSubject>): void {
  describe(`the tables port, ${adapter}`, () => {
    let subject: TablesSubject;
    let tables: Tables;
    beforeEach(async () => {
      subject = await open();
      tables = subject.first;
    });
    afterEach(() => subject.close());

    describeDatasets(() => subject);
    describeRows(() => tables);
    describeCells(() => tables);
    describeBranches(() => subject);
  });
}

function describeDatasets(subject: () => TablesSubject): void {
  it("makes a dataset that is empty at version 1 and readable even though its writer was abandoned", async () => {
    const { first, second } = subject();
    value(await first.create(PATH, EDGE_SYSTEM)).abandon();
    const reader = value(await second.read({ path: PATH, branch: null, lance_version: 1 }));
    expect(reader.columns.map((column) => column.name)).toEqual(["id", "src", "dst"]);
    expect(value(await reader.count())).toBe(0);
    expect(await rowsOf(reader, ["id"])).toEqual([]);
    reader.close();
  });

  it("lets one of two creators make a dataset and tells the other that it exists", async () => {
    const { first, second } = subject();
    const outcomes = await Promise.all([first.create(PATH, SYSTEM), second.create(PATH, SYSTEM)]);
    expect(outcomes.map((outcome) => outcome.tag).sort()).toEqual(["exists", "ok"]);
    for (const outcome of outcomes) if (outcome.tag === "ok") outcome.value.abandon();
    expect((await second.create(PATH, SYSTEM)).tag).toBe("exists");
  });

  it("answers missing for a dataset, a branch and a version that are not there", async () => {
    const { first } = subject();
    expect((await first.read({ path: PATH, branch: null, lance_version: 1 })).tag).toBe("missing");
    expect((await first.branches(PATH)).tag).toBe("missing");
    expect((await first.branch({ path: PATH, branch: null, lance_version: 1 }, "0-a")).tag).toBe("missing");
    value(await first.create(PATH, SYSTEM)).abandon();
    expect((await first.read({ path: PATH, branch: null, lance_version: 9 })).tag).toBe("missing");
    expect((await first.read({ path: PATH, branch: "0-none", lance_version: 1 })).tag).toBe("missing");
    expect((await first.branch({ path: PATH, branch: null, lance_version: 9 }, "0-a")).tag).toBe("missing");
    expect((await first.dropBranch(PATH, "0-none")).tag).toBe("missing");
  });

  it("lists the datasets directly below a folder, and none below an unused one", async () => {
    const { first, second } = subject();
    for (const name of ["5-1.lance", "15-1.lance", "5-2.lance"]) {
      value(await first.create(`${FOLDER}${name}`, SYSTEM)).abandon();
    }
    const paths = value(await second.datasets(FOLDER));
    expect([...paths].sort()).toEqual(
      [`${FOLDER}15-1.lance`, `${FOLDER}5-1.lance`, `${FOLDER}5-2.lance`].sort(),
    );
    expect(value(await second.datasets("graphs/other.omni/"))).toEqual([]);
  });

  it("erases exactly what lies below a prefix, twice with the same result", async () => {
    const { first, second } = subject();
    const sibling = `${FOLDER}5-11.lance`;
    await filled(first, PATH, ["a"]);
    await filled(first, sibling, ["b"]);
    expect(value(await first.erase(PATH))).toBeNull();
    expect(value(await first.erase(PATH))).toBeNull();
    expect((await second.read({ path: PATH, branch: null, lance_version: 1 })).tag).toBe("missing");
    expect(value(await second.datasets(FOLDER))).toEqual([sibling]);
    value(await first.erase(FOLDER));
    expect(value(await second.datasets(FOLDER))).toEqual([]);
  });
}

function describeRows(tables: () => Tables): void {
  it("scans every row once, in batches of the asked size and in a stable order", async () => {
    const ids = Array.from({ length: 23 }, (_, index) => `n${index}`);
    const position = await filled(tables(), PATH, ids);
    const reader = value(await tables().read(position));
    const sizes: number[] = [];
    const seen: Cell[] = [];
    for await (const outcome of reader.scan({ columns: ["id"], batch_rows: 5 })) {
      const batch = value(outcome);
      sizes.push(batch.length);
      seen.push(...(batch.columns.get("id") ?? []));
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(23);
    const again = value(await tables().read(position));
    expect((await rowsOf(again, ["id"])).map((row) => row["id"])).toEqual(seen);
  });

  it("reads a column that the position lacks, and a column that a batch left out, as null", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns([P1]));
    value(await writer.append(batch({ id: ["a"] })));
    const { position } = value(await writer.finish());
    const reader = value(await tables().read(position));
    expect(await rowsOf(reader, ["id", "p1", "p99"])).toEqual([{ id: "a", p1: null, p99: null }]);
    expect(value(await reader.countNonNull("p99"))).toBe(0);
    expect(batchRows(value(await reader.lookup("id", ["a"], ["id", "p99"])))).toEqual([
      { id: "a", p99: null },
    ]);
  });

  it("inserts and replaces whole rows by id in an upsert, and the last of equal ids wins", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns([P1, P2]));
    value(await writer.append(batch({ id: ["a", "b"], p1: ["one", "two"], p2: [1n, 2n] })));
    value(await writer.upsert(batch({ id: ["b", "c"], p1: ["neu", "three"], p2: [null, 3n] })));
    const { position, rows } = value(await writer.finish());
    expect(rows).toBe(3);
    const reader = value(await tables().read(position));
    expect(sortedById(await rowsOf(reader, ["id", "p1", "p2"]))).toEqual([
      { id: "a", p1: "one", p2: 1n },
      { id: "b", p1: "neu", p2: null },
      { id: "c", p1: "three", p2: 3n },
    ]);
  });

  it("counts rows and non-null values per position", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns([P1, P2]));
    value(await writer.append(batch({ id: ["a", "b", "c"], p1: ["x", null, ""], p2: [null, null, 0n] })));
    const { position, rows } = value(await writer.finish());
    const reader = value(await tables().read(position));
    expect([
      rows,
      value(await reader.count()),
      value(await reader.countNonNull("p1")),
      value(await reader.countNonNull("p2")),
      value(await reader.countNonNull("id")),
    ]).toEqual([3, 3, 2, 1, 3]);
  });

  it("finds rows by exact text, whatever characters the text has", async () => {
    const writer = value(await tables().create(PATH, EDGE_SYSTEM));
    const src = ODD_TEXTS.map((_, index) => (index % 2 === 0 ? "even" : "odd"));
    value(await writer.append(batch({ id: ODD_TEXTS, src, dst: ODD_TEXTS })));
    const { position } = value(await writer.finish());
    const reader = value(await tables().read(position));
    for (const text of ODD_TEXTS) {
      const found = batchRows(value(await reader.lookup("id", [text], ["id", "dst"])));
      expect(found).toEqual([{ id: text, dst: text }]);
    }
    const all = value(await reader.lookup("dst", ODD_TEXTS, ["id"]));
    expect(all.length).toBe(ODD_TEXTS.length);
    expect(value(await reader.lookup("src", ["even"], ["id"])).length).toBe(7);
    expect(value(await reader.lookup("id", ["absent"], ["id"])).length).toBe(0);
    expect(value(await reader.lookup("id", [], ["id"])).length).toBe(0);
  });

  it("keeps a thousand looked-up values in one call exact", async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `it's ${index}`);
    const position = await filled(tables(), PATH, ids);
    const reader = value(await tables().read(position));
    const wanted = ids.filter((_, index) => index % 3 === 0).concat(["none"]);
    const found = value(await reader.lookup("id", wanted, ["id"]));
    expect(
      batchRows(found)
        .map((row) => row["id"])
        .sort(),
    ).toEqual(ids.filter((_, index) => index % 3 === 0).sort());
  });

  it("changes no row when it compacts many small appends", async () => {
    const writer = value(await tables().create(PATH, SYSTEM));
    for (let index = 0; index < 8; index += 1) value(await writer.append(batch({ id: [`n${index}`] })));
    value(await writer.compact());
    const { position, rows } = value(await writer.finish());
    const reader = value(await tables().read(position));
    expect(rows).toBe(8);
    expect((await rowsOf(reader, ["id"])).map((row) => row["id"]).sort()).toEqual(
      Array.from({ length: 8 }, (_, index) => `n${index}`),
    );
  });

  it("does not see changes that a caller makes to its own arrays after the call", async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const writer = value(await tables().create(PATH, SYSTEM));
    value(await writer.addColumns([{ name: "p1", type: { kind: "blob" } }]));
    value(await writer.append(batch({ id: ["a"], p1: [bytes] })));
    bytes[0] = 9;
    const { position } = value(await writer.finish());
    const reader = value(await tables().read(position));
    expect(await rowsOf(reader, ["p1"])).toEqual([{ p1: Uint8Array.of(1, 2, 3) }]);
  });
}

function describeBranches(subject: () => TablesSubject): void {
  it("keeps two branches of one position, and the position itself, apart", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const left = value(await first.branch(base, "3-left"));
    const right = value(await second.branch(base, "3-right"));
    value(await left.addColumns([P1]));
    value(await right.addColumns([P2]));
    value(await left.append(batch({ id: ["b"], p1: ["left"] })));
    value(await right.append(batch({ id: ["c"], p2: [7n] })));
    const ends = [value(await left.finish()).position, value(await right.finish()).position];
    expect(await idsAt(second, ends[0])).toEqual(["a", "b"]);
    expect(await idsAt(first, ends[1])).toEqual(["a", "c"]);
    expect(await idsAt(second, base)).toEqual(["a"]);
    const reader = value(await first.read(ends[1] ?? base));
    expect(await rowsOf(reader, ["p1"])).toEqual([{ p1: null }, { p1: null }]);
    expect([...value(await first.branches(PATH))].sort()).toEqual(["0-fill", "3-left", "3-right"]);
  });

  it("shows nothing of a writer's unfinished or abandoned work at any pinned position", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const writer = value(await first.branch(base, "3-dead"));
    value(await writer.append(batch({ id: ["ghost"] })));
    expect(await idsAt(second, base)).toEqual(["a"]);
    writer.abandon();
    expect(await idsAt(second, base)).toEqual(["a"]);
  });

  it("keeps a position readable and unchanged while its own branch and others move on", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a", "b"]);
    const reader = value(await second.read(base));
    const writer = value(await first.branch(base, "3-op"));
    value(await writer.upsert(batch({ id: ["a"] })));
    value(await writer.append(batch({ id: ["z"] })));
    value(await writer.compact());
    await writer.finish();
    expect((await rowsOf(reader, ["id"])).length).toBe(2);
    expect(await idsAt(second, base)).toEqual(["a", "b"]);
    reader.close();
  });

  it("chains branches from branches, and every link stays readable", async () => {
    const { first, second } = subject();
    const positions: TablePosition[] = [await filled(first, PATH, ["a"])];
    for (const [index, id] of ["b", "c", "d"].entries()) {
      const writer = value(await first.branch(positions[index] ?? failed("no base"), `${index}-op`));
      value(await writer.append(batch({ id: [id] })));
      positions.push(value(await writer.finish()).position);
    }
    const seen = await Promise.all(positions.map((position) => idsAt(second, position)));
    expect(seen).toEqual([["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]);
  });

  it("starts a branch from the empty first version of a dataset that has rows elsewhere", async () => {
    const { first, second } = subject();
    await filled(first, PATH, ["a"], "0-op");
    const writer = value(await second.branch({ path: PATH, branch: null, lance_version: 1 }, "1-op"));
    value(await writer.append(batch({ id: ["b"] })));
    const { position, rows } = value(await writer.finish());
    expect(rows).toBe(1);
    expect(await idsAt(first, position)).toEqual(["b"]);
  });

  it("finishes a branch on which nothing was written at a position that reads like its base", async () => {
    const { first } = subject();
    const base = await filled(first, PATH, ["a"]);
    const { position, rows } = value(await value(await first.branch(base, "3-op")).finish());
    expect({ rows, branch: position.branch, ids: await idsAt(first, position) }).toEqual({
      rows: 1,
      branch: "3-op",
      ids: ["a"],
    });
  });

  it("never hands out a branch that is already there, to whichever client asks", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    value(await first.branch(base, "3-op")).abandon();
    expect((await first.branch(base, "3-op")).tag).toBe("exists");
    expect((await second.branch(base, "3-op")).tag).toBe("exists");
  });

  it("refuses to drop a branch that another is based on, and drops it when that one is gone", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const parent = value(await first.branch(base, "3-parent"));
    value(await parent.append(batch({ id: ["b"] })));
    const parentEnd = value(await parent.finish()).position;
    const child = value(await first.branch(parentEnd, "4-child"));
    const childEnd = value(await child.finish()).position;
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("exists");
    expect(await idsAt(second, childEnd)).toEqual(["a", "b"]);
    expect((await second.dropBranch(PATH, "4-child")).tag).toBe("ok");
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("ok");
    expect((await second.read(childEnd)).tag).toBe("missing");
    expect(await idsAt(second, base)).toEqual(["a"]);
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("missing");
  });

  it("keeps a sibling readable when an unpinned branch is dropped", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const kept = value(await first.branch(base, "3-kept"));
    value(await kept.append(batch({ id: ["b"] })));
    const end = value(await kept.finish()).position;
    const garbage = value(await second.branch(base, "3-garbage"));
    value(await garbage.append(batch({ id: ["c"] })));
    garbage.abandon();
    expect((await second.dropBranch(PATH, "3-garbage")).tag).toBe("ok");
    expect(await idsAt(first, end)).toEqual(["a", "b"]);
  });
}
