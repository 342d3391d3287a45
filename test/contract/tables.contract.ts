/**
 * The contract of the tables port (lib/engine/tables.ts), run against every adapter with two clients over one
 * backend. An adapter passes all of it or is not a Tables.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cell, Column, Tables } from "../../lib/engine/tables.ts";
import { batch, batchRows, FOLDER, filled, PATH, rowsOf, SYSTEM, sortedById, value } from "./table-rows.ts";
import { describeBranches, type TwoClients } from "./tables-branches.contract.ts";
import { describeCells } from "./tables-cells.contract.ts";

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

/** Two clients of one backend. */
export interface TablesSubject extends TwoClients {
  readonly close: () => Promise<void>;
}

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
