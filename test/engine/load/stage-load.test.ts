/** Staging whole files: what is stored, what is refused and where, and the three modes of spec/schema 9. */
import { describe, expect, it } from "vitest";
import { LINE_BYTES_MAX, SLICE_BYTES } from "../../../lib/engine/load/limits.ts";
import { schemaOf } from "../rows/schema-of.ts";
import { bytesOf, createLoader, refusals, refused, staged } from "./loader.ts";

const SCHEMA = schemaOf(
  [
    {
      name: "Person",
      properties: { email: "String", age: "I32?", badge: "I64?" },
      key: ["email"],
      unique: [["badge"]],
    },
    { name: "Note", properties: { body: "String" } },
  ],
  [
    { name: "Knows", from: "Person", to: "Person", properties: { since: "Date?" } },
    { name: "Boss", from: "Person", to: "Person", card: [0, 1] },
    { name: "Wrote", from: "Person", to: "Note", unique: [["src", "dst"]] },
  ],
);

const person = (email: string, more = ""): string => `{"type":"Person","data":{"email":"${email}"${more}}}`;
const edge = (name: string, from: string, to: string, id?: string): string =>
  `{"edge":"${name}","from":"${from}","to":"${to}","data":{${id === undefined ? "" : `"id":"${id}"`}}}`;

describe("staging a load", () => {
  it("stores nodes and edges in any order of lines and counts them per type", async () => {
    const loader = createLoader(SCHEMA);
    const outcome = await staged(
      loader.load("append", [edge("knows", "ann", "bob"), person("ann"), person("bob", ',"age":7')]),
    );
    expect(outcome.counts).toEqual([
      { type_kind: "edge", type_name: "Knows", rows: 1 },
      { type_kind: "node", type_name: "Person", rows: 2 },
    ]);
    expect(outcome.rows_written).toBe(3);
    expect(await loader.lines({ edge_ids: false })).toEqual([
      '{"type":"Person","data":{"id":"ann","email":"ann"}}',
      '{"type":"Person","data":{"id":"bob","email":"bob","age":7}}',
      '{"edge":"Knows","from":"ann","to":"bob","data":{}}',
    ]);
  });

  it("stages nothing for an empty file", async () => {
    expect(await staged(createLoader(SCHEMA).load("overwrite", ["", "  "]))).toMatchObject({
      pins: [],
      counts: [],
      rows_written: 0,
    });
  });

  it("gives nodes without a key and edges new ids, and keeps the ids that lines give", async () => {
    const loader = createLoader(SCHEMA);
    await staged(
      loader.load("append", [
        '{"type":"Note","data":{"body":"x"}}',
        '{"type":"Note","data":{"id":"n","body":"y"}}',
        person("ann"),
        edge("Wrote", "ann", "n"),
      ]),
    );
    const lines = await loader.lines();
    expect(lines[1]).toMatch(/"id":"01J\d{23}","body":"x"/);
    expect(lines[2]).toContain('"id":"n"');
    expect(lines[3]).toMatch(/"id":"01J\d{23}"/);
  });

  it("adds the columns that a migration brought before it writes to them", async () => {
    const before = schemaOf([{ name: "Person", properties: { email: "String" }, key: ["email"] }]);
    const after = schemaOf([
      { name: "Person", properties: { email: "String", age: "I32?" }, key: ["email"] },
      { name: "Note", properties: { body: "String" } },
    ]);
    const loader = createLoader(before);
    await staged(loader.load("append", [person("ann")]));
    loader.migrate(after);
    await staged(
      loader.load("append", [person("bob", ',"age":7'), '{"type":"Note","data":{"id":"n","body":"b"}}']),
    );
    expect(await loader.lines()).toEqual([
      '{"type":"Person","data":{"id":"ann","email":"ann"}}',
      '{"type":"Person","data":{"id":"bob","email":"bob","age":7}}',
      '{"type":"Note","data":{"id":"n","body":"b"}}',
    ]);
  });

  it("tells lines and bytes while it surveys and rows while it writes", async () => {
    const told: unknown[] = [];
    await staged(
      createLoader(SCHEMA).load("append", [person("ann"), person("bob")], {
        progress: (at) => told.push(at),
      }),
    );
    const bytes = `${person("ann")}\n${person("bob")}\n`.length;
    expect(told).toEqual([
      { lines_read: 2, bytes_read: bytes, rows_accepted: 0 },
      { lines_read: 2, bytes_read: bytes, rows_accepted: 2 },
    ]);
  });
});

describe("a file with errors", () => {
  it("is named by file, line and column where its JSON breaks at line 4711", async () => {
    const lines = Array.from({ length: 4_710 }, (_, index) => person(`p${index}`));
    const loader = createLoader(SCHEMA);
    const diagnostics = await refused(loader.load("append", [...lines, '{"type":"Person","data":{"email":']));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({
      code: "load_broken_json",
      path: "graph.people",
      source: { file: "seed.jsonl", line: 4_711, column: 34 },
    });
    expect(loader.head().tables).toEqual([]);
  });

  it("has all its errors told at once, in the order of its lines", async () => {
    const loader = createLoader(SCHEMA);
    await staged(loader.load("append", [person("old")]));
    const told = await refusals(
      loader.load("append", [
        edge("Knows", "old", "ghost"),
        person("ann", ',"age":"7"'),
        person("old"),
        person("ann"),
        edge("Knows", "ann", "old"),
      ]),
    );
    expect(told).toEqual([
      "1:35 load_missing_endpoint dst 'ghost' not found in Person.",
      '2:46 load_wrong_type Person.age expects an integer (I32), got "7".',
      "3:34 load_key_conflict the graph already has this id: Person 'old'.",
      "4:34 load_duplicate_id line 2 already has this id: Person 'ann'.",
    ]);
  });

  it("lists 100 errors and counts the rest", async () => {
    const lines = Array.from({ length: 150 }, (_, index) => person(`p${index}`, ',"age":true'));
    const diagnostics = await refused(createLoader(SCHEMA).load("append", lines));
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics[100]).toMatchObject({ code: "load_more_errors" });
    expect(diagnostics[100]?.message).toContain("50 more errors");
  });

  it("says nothing about endpoints while lines cannot be read", async () => {
    const told = await refusals(createLoader(SCHEMA).load("append", ["{", edge("Knows", "ann", "bob")]));
    expect(told.map((each) => each.split(" ")[1])).toEqual(["load_broken_json"]);
  });

  it("is refused for a line that is not UTF-8 and for one that is too long, each by its number", async () => {
    const source = async function* (): AsyncIterable<Uint8Array> {
      yield new Uint8Array([0xff, 0x0a]);
      for (let sent = 0; sent <= LINE_BYTES_MAX; sent += SLICE_BYTES)
        yield new Uint8Array(SLICE_BYTES).fill(0x61);
    };
    expect(await refusals(createLoader(SCHEMA).load("append", source))).toEqual([
      "1:1 load_not_utf8 The line is not valid UTF-8.",
      `2:1 load_line_too_long The line is longer than ${LINE_BYTES_MAX} bytes.`,
    ]);
  });

  it("is refused when it changes between two readings", async () => {
    let reading = 0;
    const source = () => bytesOf(reading++ === 0 ? person("ann") : person("eve"))();
    const diagnostics = await refused(createLoader(SCHEMA).load("append", source));
    expect(diagnostics.map((each) => each.code)).toEqual(["load_source_changed"]);
  });

  it("is unavailable when its source fails", async () => {
    const source = async function* (): AsyncIterable<Uint8Array> {
      yield new Uint8Array([0x7b]);
      throw new Error("disk gone");
    };
    expect(await createLoader(SCHEMA).load("append", source)).toEqual({
      tag: "unavailable",
      reason: "could not read seed.jsonl: disk gone",
    });
  });
});

describe("load modes (spec/schema 9)", () => {
  it("append refuses an id that the graph has, and the graph stays", async () => {
    const loader = createLoader(SCHEMA);
    await staged(loader.load("append", [person("ann")]));
    const before = loader.head();
    expect(await refusals(loader.load("append", [person("bob"), person("ann", ',"age":1')]))).toEqual([
      "2:34 load_key_conflict the graph already has this id: Person 'ann'.",
    ]);
    expect(loader.head()).toBe(before);
  });

  it("merge replaces the whole row of an id that the graph has and adds the others", async () => {
    const loader = createLoader(SCHEMA);
    await staged(loader.load("append", [person("ann", ',"age":1'), person("bob")]));
    const outcome = await staged(loader.load("merge", [person("ann", ',"badge":5'), person("cid")]));
    expect(outcome.rows_written).toBe(2);
    expect(await loader.lines()).toEqual([
      '{"type":"Person","data":{"id":"ann","email":"ann","badge":5}}',
      '{"type":"Person","data":{"id":"bob","email":"bob"}}',
      '{"type":"Person","data":{"id":"cid","email":"cid"}}',
    ]);
  });

  it("merge lets the last line of an edge id win, and the earlier ones count for nothing", async () => {
    const loader = createLoader(SCHEMA);
    const outcome = await staged(
      loader.load("merge", [
        person("ann"),
        person("bob"),
        edge("Boss", "ann", "ghost", "b1"),
        edge("Boss", "ann", "bob", "b2"),
        edge("Boss", "bob", "ann", "b1"),
      ]),
    );
    expect(outcome.counts).toContainEqual({ type_kind: "edge", type_name: "Boss", rows: 2 });
    expect((await loader.lines()).slice(2)).toEqual([
      '{"edge":"Boss","from":"ann","to":"bob","data":{"id":"b2"}}',
      '{"edge":"Boss","from":"bob","to":"ann","data":{"id":"b1"}}',
    ]);
  });

  it("merge refuses two lines for one node", async () => {
    expect(await refusals(createLoader(SCHEMA).load("merge", [person("ann"), person("ann")]))).toEqual([
      "2:34 load_duplicate_id line 1 already has this id: Person 'ann'.",
    ]);
  });

  it("overwrite replaces exactly the types that the file names and counts the removed rows as written", async () => {
    const loader = createLoader(SCHEMA);
    await staged(
      loader.load("append", [
        person("ann"),
        person("bob"),
        '{"type":"Note","data":{"id":"n","body":"x"}}',
        edge("Wrote", "ann", "n", "w"),
      ]),
    );
    const outcome = await staged(loader.load("overwrite", [person("ann", ',"age":3')]));
    expect(outcome.rows_written).toBe(3);
    expect(await loader.lines()).toEqual([
      '{"type":"Person","data":{"id":"ann","email":"ann","age":3}}',
      '{"type":"Note","data":{"id":"n","body":"x"}}',
      '{"edge":"Wrote","from":"ann","to":"n","data":{"id":"w"}}',
    ]);
  });

  it("overwrite refuses to remove a node that an edge outside the file needs", async () => {
    const loader = createLoader(SCHEMA);
    await staged(loader.load("append", [person("ann"), person("bob"), edge("Knows", "ann", "bob", "k")]));
    expect(await refusals(loader.load("overwrite", [person("ann")]))).toEqual([
      "load_node_still_referenced dst 'bob' not found in Person: the stored edge Knows 'k' needs it.",
    ]);
    await staged(loader.load("overwrite", [person("ann"), edge("Knows", "ann", "ann", "k")]));
    expect(await loader.lines()).toHaveLength(2);
  });

  it("overwrite does not let an edge of the file begin at a node that it removes", async () => {
    const loader = createLoader(SCHEMA);
    await staged(loader.load("append", [person("ann"), person("bob")]));
    expect(await refusals(loader.load("overwrite", [person("ann"), edge("Knows", "bob", "ann")]))).toEqual([
      "2:24 load_missing_endpoint src 'bob' not found in Person.",
    ]);
  });
});
