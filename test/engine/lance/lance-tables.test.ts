/** What Lance does beneath the tables port, and what the adapter adds to it: debris, durability, failures, size. */
import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TablePosition } from "../../../lib/engine/tables.ts";
import { batch, FOLDER, filled, idsAt, PATH, rowsOf, SYSTEM, value } from "../../contract/table-rows.ts";
import { filesBelow, type LanceFolder, lanceFolder } from "./lance-folder.ts";

const EMPTY: TablePosition = { path: PATH, branch: null, lance_version: 1 };
const LONG = 120_000;

let folder: LanceFolder;
beforeEach(async () => {
  folder = await lanceFolder();
});
afterEach(() => folder.remove());

it("creates nothing on disk when it reads, lists or branches what is not there", async () => {
  const { tables, root } = folder;
  expect((await tables.read(EMPTY)).tag).toBe("missing");
  expect((await tables.branches(PATH)).tag).toBe("missing");
  expect((await tables.branch(EMPTY, "0-a")).tag).toBe("missing");
  expect((await tables.dropBranch(PATH, "0-a")).tag).toBe("missing");
  expect(await tables.datasets(FOLDER)).toEqual({ tag: "ok", value: [] });
  expect(await readdir(root)).toEqual([]);
});

it("lists, refuses to reuse and drops a branch whose maker died before Lance knew its name", async () => {
  const { tables, root } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  value(await tables.branch(EMPTY, "0-dead")).abandon();
  await rm(join(root, PATH, "_refs/branches/0-dead.json"));
  expect(value(await tables.branches(PATH))).toEqual(["0-dead"]);
  expect((await tables.branch(EMPTY, "0-dead")).tag).toBe("exists");
  expect((await tables.dropBranch(PATH, "0-dead")).tag).toBe("ok");
  expect(value(await tables.branches(PATH))).toEqual([]);
  expect((await filesBelow(root)).filter((file) => file.includes("0-dead"))).toEqual([]);
});

it("finishes a dataset whose maker died before its first version", async () => {
  const { tables, root } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  for (const file of await readdir(join(root, PATH, "_versions")))
    await rm(join(root, PATH, "_versions", file));
  expect((await tables.read(EMPTY)).tag).toBe("missing");
  expect(value(await tables.datasets(FOLDER))).toEqual([PATH]);
  value(await tables.create(PATH, SYSTEM)).abandon();
  expect(await idsAt(tables, EMPTY)).toEqual([]);
});

it("hands a branch to exactly one of many writers that ask for it at the same moment", async () => {
  value(await folder.tables.create(PATH, SYSTEM)).abandon();
  for (let round = 0; round < 8; round += 1) {
    const clients = [folder.client({}), folder.client({}), folder.client({})];
    const outcomes = await Promise.all(clients.map((client) => client.branch(EMPTY, `${round}-same`)));
    expect(outcomes.map((outcome) => outcome.tag).sort()).toEqual(["exists", "exists", "ok"]);
    for (const outcome of outcomes) if (outcome.tag === "ok") outcome.value.abandon();
  }
});

it("leaves no file behind when an abandoned branch is dropped", async () => {
  const { tables, root } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  const before = await filesBelow(root);
  const writer = value(await tables.branch(EMPTY, "0-gone"));
  value(await writer.append(batch({ id: ["a"] })));
  writer.abandon();
  value(await tables.dropBranch(PATH, "0-gone"));
  expect(await filesBelow(root)).toEqual(before);
});

it("gives a position only after its branch, its entry and its dataset are durable", async () => {
  const asked: string[] = [];
  const tables = folder.client({
    makeDurable: (prefix) => {
      asked.push(prefix.slice(PATH.length));
      return Promise.resolve({ tag: "ok", value: null });
    },
  });
  value(await tables.create(PATH, SYSTEM)).abandon();
  expect(asked).toEqual([""]);
  const writer = value(await tables.branch(EMPTY, "0-a"));
  value(await writer.append(batch({ id: ["a"] })));
  value(await writer.finish());
  // Only its own entry: the entries of all earlier branches would make each load slower than the one before.
  expect(asked.slice(1)).toEqual(["/tree/0-a", "/_refs/branches/0-a.json", "/_versions"]);
});

it("gives no position when what was written cannot be made durable", async () => {
  value(await folder.tables.create(PATH, SYSTEM)).abandon();
  const tables = folder.client({
    makeDurable: () => Promise.resolve({ tag: "unavailable", reason: "disk full" }),
  });
  const writer = value(await tables.branch(EMPTY, "0-a"));
  value(await writer.append(batch({ id: ["a"] })));
  expect(await writer.finish()).toEqual({ tag: "unavailable", reason: "disk full" });
});

it("gives no position after a call of the writer has failed", async () => {
  const { tables, root } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  const writer = value(await tables.branch(EMPTY, "0-a"));
  value(await writer.append(batch({ id: ["a"] })));
  await rm(join(root, PATH), { recursive: true });
  expect((await writer.compact()).tag).toBe("unavailable");
  expect((await writer.finish()).tag).toBe("unavailable");
});

it("answers unavailable, never missing, when a data file of a pinned version is gone or cut", async () => {
  const { tables, root } = folder;
  const position = await filled(tables, PATH, ["a", "b"]);
  const data = (await filesBelow(root)).filter((file) => file.includes("/data/"));
  expect(data).toHaveLength(1);
  await truncate(join(root, data[0] ?? ""), 8);
  expect(await scanTags(position)).toEqual(["unavailable"]);
  await rm(join(root, data[0] ?? ""));
  expect(await scanTags(position)).toEqual(["unavailable"]);
  const reader = value(await folder.client({}).read(position));
  expect((await reader.lookup("id", ["a"], ["id"])).tag).toBe("unavailable");
});

it("writes many small batches as few fragments, in the order in which they came", async () => {
  const { tables, root } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  const writer = value(await tables.branch(EMPTY, "0-a"));
  const ids = Array.from({ length: 5_000 }, (_, index) => `n${index}`);
  for (let start = 0; start < ids.length; start += 50) {
    value(await writer.append(batch({ id: ids.slice(start, start + 50) })));
  }
  const { position, rows } = value(await writer.finish());
  expect(rows).toBe(5_000);
  expect((await filesBelow(root)).filter((file) => file.includes("/data/"))).toHaveLength(1);
  const reader = value(await tables.read(position));
  expect((await rowsOf(reader, ["id"])).map((row) => row["id"])).toEqual(ids);
});

it("keeps one row for an id that several gathered upserts bring, with the last values", async () => {
  const { tables } = folder;
  value(await tables.create(PATH, SYSTEM)).abandon();
  const writer = value(await tables.branch(EMPTY, "0-a"));
  value(await writer.addColumns([{ name: "p1", type: { kind: "i32" } }]));
  value(await writer.upsert(batch({ id: ["a", "b", "a"], p1: [1, 2, 3] })));
  value(await writer.upsert(batch({ id: ["c"], p1: [4] })));
  value(await writer.upsert(batch({ id: ["b", "d"], p1: [5, 6] })));
  const { position } = value(await writer.finish());
  const reader = value(await tables.read(position));
  const rows = (await rowsOf(reader, ["id", "p1"])).map((row) => `${row["id"]}=${row["p1"]}`);
  expect(rows.sort()).toEqual(["a=3", "b=5", "c=4", "d=6"]);
});

it("writes appends and upserts that take turns as one fragment each, and keeps the order of equal ids", async () => {
  const { tables, root } = folder;
  const base = await filled(tables, PATH, ["a0", "a1", "a2"]);
  const before = (await filesBelow(root)).filter((file) => file.includes("/data/")).length;
  const writer = value(await tables.branch(base, "1-op"));
  value(await writer.addColumns([{ name: "p1", type: { kind: "i32" } }]));
  for (let round = 0; round < 3; round += 1) {
    value(await writer.append(batch({ id: [`b${round}`], p1: [round] })));
    value(await writer.upsert(batch({ id: [`a${round}`], p1: [round] })));
  }
  value(await writer.upsert(batch({ id: ["b0"], p1: [9] })));
  const { position } = value(await writer.finish());
  expect((await filesBelow(root)).filter((file) => file.includes("/data/"))).toHaveLength(before + 3);
  const reader = value(await tables.read(position));
  const rows = (await rowsOf(reader, ["id", "p1"])).map((row) => `${row["id"]}=${row["p1"]}`);
  expect(rows.sort()).toEqual(["a0=0", "a1=1", "a2=2", "b0=9", "b1=1", "b2=2"]);
});

it("reads every row once and in one order through pages of rows that upserts have scattered", async () => {
  const { tables } = folder;
  const ids = Array.from({ length: 4_000 }, (_, index) => `n${index}`);
  const base = await filled(tables, PATH, ids);
  const writer = value(await tables.branch(base, "1-a"));
  for (const step of [3, 7, 11]) {
    value(await writer.upsert(batch({ id: ids.filter((_, index) => index % step === 0) })));
  }
  const { position } = value(await writer.finish());
  const reader = value(await tables.read(position));
  const seen = (await rowsOf(reader, ["id"])).map((row) => row["id"]);
  expect(new Set(seen).size).toBe(4_000);
  expect(seen).toHaveLength(4_000);
  const again = value(await folder.client({}).read(position));
  expect((await rowsOf(again, ["id"])).map((row) => row["id"])).toEqual(seen);
});

it("finds the same rows whether a lookup is a filter or a scan", async () => {
  const { tables } = folder;
  const ids = Array.from({ length: 3_000 }, (_, index) => `it's ${index}`);
  const position = await filled(tables, PATH, ids);
  const reader = value(await tables.read(position));
  const wanted = [...ids.slice(500, 2_500), "none", "it's 500"];
  const scanned = value(await reader.lookup("id", wanted, ["id", "p9"]));
  const filtered = value(await reader.lookup("id", wanted.slice(0, 900), ["id", "p9"]));
  expect([...(scanned.columns.get("id") ?? [])].sort()).toEqual(ids.slice(500, 2_500).sort());
  expect([...(filtered.columns.get("id") ?? [])].sort()).toEqual(ids.slice(500, 1_400).sort());
  expect(scanned.columns.get("p9")?.every((cell) => cell === null)).toBe(true);
  expect(scanned.columns.get("p9")).toHaveLength(2_000);
});

it("does not join halves of a character that lie in two rows", async () => {
  const { tables } = folder;
  const position = await filled(tables, PATH, ["x\ud83d", "\ude00y", "ok"]);
  const reader = value(await tables.read(position));
  expect((await rowsOf(reader, ["id"])).map((row) => row["id"])).toEqual(["x\ufffd", "\ufffdy", "ok"]);
});

it(
  "keeps the ends of a chain of many branches exact",
  async () => {
    const { tables } = folder;
    let position = await filled(tables, PATH, ["n0"]);
    for (let index = 1; index <= 30; index += 1) {
      const writer = value(await tables.branch(position, `${index}-op`));
      value(await writer.append(batch({ id: [`n${index}`] })));
      position = value(await writer.finish()).position;
    }
    expect((await idsAt(tables, position)).length).toBe(31);
    const writer = value(await tables.branch(position, "31-compact"));
    value(await writer.compact());
    const compacted = value(await writer.finish());
    expect(compacted.rows).toBe(31);
    expect(await idsAt(tables, compacted.position)).toEqual(await idsAt(tables, position));
  },
  LONG,
);

async function scanTags(position: TablePosition): Promise<readonly string[]> {
  const reader = value(await folder.client({}).read(position));
  const tags: string[] = [];
  for await (const outcome of reader.scan({ columns: ["id"], batch_rows: 10 })) tags.push(outcome.tag);
  return tags;
}
