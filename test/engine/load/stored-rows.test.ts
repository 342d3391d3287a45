/** How stored rows are reached: by lookup or scan, and what happens when the tables fail. */
import { describe, expect, it } from "vitest";
import {
  createMemoryTables,
  createMemoryTablesBackend,
  type TableCall,
} from "../../../lib/engine/memory/memory-tables.ts";
import type { TableReader, Tables } from "../../../lib/engine/tables.ts";
import { schemaOf } from "../rows/schema-of.ts";
import { createLoader, refusals, staged } from "./loader.ts";

const SCHEMA = schemaOf(
  [{ name: "Person", properties: { email: "String", nick: "String?" }, key: ["email"], unique: [["nick"]] }],
  [{ name: "Boss", from: "Person", to: "Person", card: [0, 1] }],
);

const person = (email: string, more = ""): string => `{"type":"Person","data":{"email":"${email}"${more}}}`;
const boss = (from: string, to: string): string => `{"edge":"Boss","from":"${from}","to":"${to}"}`;
const MANY = Array.from({ length: 200 }, (_, index) => person(`p${index}`, `,"nick":"n${index}"`));

/** The tables, and which rows were asked for how. */
function watched(tables: Tables): { readonly tables: Tables; readonly asked: string[] } {
  const asked: string[] = [];
  const watch = (reader: TableReader): TableReader => ({
    ...reader,
    scan: (options) => {
      asked.push(`scan ${options.columns.join()}`);
      return reader.scan(options);
    },
    lookup: (column, values, columns) => {
      asked.push(`lookup ${column} ${values.join()}`);
      return reader.lookup(column, values, columns);
    },
  });
  const read: Tables["read"] = async (position) => {
    const outcome = await tables.read(position);
    return outcome.tag === "ok" ? { tag: "ok", value: watch(outcome.value) } : outcome;
  };
  return { tables: { ...tables, read }, asked };
}

describe("a small load into a big table", () => {
  it("looks up its own values instead of scanning, and finds the same clashes", async () => {
    const { tables, asked } = watched(createMemoryTables(createMemoryTablesBackend()));
    const loader = createLoader(SCHEMA, tables);
    await staged(loader.load("append", [...MANY, ...MANY.map((_, at) => boss(`p${at}`, "p0"))]));
    asked.length = 0;

    const told = await refusals(
      loader.load("append", [
        person("p7"),
        person("new", ',"nick":"n9"'),
        boss("p3", "new"),
        boss("new", "gone"),
      ]),
    );

    expect(told).toEqual([
      "1:34 load_key_conflict the graph already has this id: Person 'p7'.",
      "2:47 load_unique_violation @unique violation on Person.nick: the stored row 'p9' has the same value.",
      "3:23 load_cardinality_violation @card violation on edge Boss: source 'p3' has 2 edges (max 1).",
      "4:34 load_missing_endpoint dst 'gone' not found in Person.",
    ]);
    expect(asked).toEqual(["lookup id p7,new,p3,gone", "lookup p3 n9", "lookup src p3,new"]);
  });

  it("scans where the table is not much bigger than the load", async () => {
    const { tables, asked } = watched(createMemoryTables(createMemoryTablesBackend()));
    const loader = createLoader(SCHEMA, tables);
    await staged(loader.load("append", MANY.slice(0, 20)));
    asked.length = 0;
    await staged(loader.load("append", MANY.slice(20, 40)));
    expect(asked).toEqual(["scan id", "scan id,p3"]);
  });
});

describe("a load whose tables fail", () => {
  it("is unavailable at every call that can fail, and pins nothing", async () => {
    const calls = { seen: 0, failing: -1, last: "" };
    const gate = async (call: TableCall): Promise<string | null> => {
      calls.last = call.call;
      return calls.seen++ === calls.failing ? "disk full" : null;
    };
    const lines = [person("p1", ',"nick":"x"'), person("new"), boss("new", "p0")];
    const failed: string[] = [];
    for (let failing = 0; failing < 60; failing++) {
      const loader = createLoader(SCHEMA, createMemoryTables(createMemoryTablesBackend(), gate));
      calls.failing = -1;
      await staged(loader.load("append", [person("p0"), person("p1"), boss("p0", "p1")]));
      const before = loader.head();
      Object.assign(calls, { seen: 0, failing });
      const outcome = await loader.load("merge", lines);
      if (outcome.tag === "staged") break;
      expect(outcome).toMatchObject({ tag: "unavailable", reason: expect.stringContaining("disk full") });
      expect(loader.head()).toBe(before);
      failed.push(calls.last);
    }
    expect(new Set(failed)).toEqual(new Set(["read", "scan", "branch", "append", "upsert", "finish"]));
  });
});
