/** Rules of spec/schema 9 that take the graph: unique tuples, endpoints, cardinality. */
import { describe, expect, it } from "vitest";
import { schemaOf } from "../rows/schema-of.ts";
import { createLoader, refusals, staged } from "./loader.ts";

const SCHEMA = schemaOf(
  [
    {
      name: "Person",
      properties: { email: "String", badge: "I64?", first: "String?", last: "String?", height: "F32?" },
      key: ["email"],
      unique: [["badge"], ["first", "last"], ["height"]],
    },
  ],
  [
    { name: "Boss", from: "Person", to: "Person", card: [0, 1] },
    { name: "Lives", from: "Person", to: "Person", card: [1, 2] },
    { name: "Knows", from: "Person", to: "Person", unique: [["src", "dst"]] },
  ],
);

const person = (email: string, more = ""): string => `{"type":"Person","data":{"email":"${email}"${more}}}`;
const edge = (name: string, from: string, to: string, id?: string): string =>
  `{"edge":"${name}","from":"${from}","to":"${to}","data":{${id === undefined ? "" : `"id":"${id}"`}}}`;
const PEOPLE = ["ann", "bob", "cid"].map((name) => person(name));

async function withPeople(...lines: readonly string[]) {
  const loader = createLoader(SCHEMA);
  await staged(loader.load("append", [...PEOPLE, ...lines]));
  return loader;
}

describe("@unique (spec/schema 9)", () => {
  it("is broken by two lines with one value, whichever way it is written", async () => {
    const lines = [person("ann", ',"badge":9007199254740993'), person("bob", ',"badge":"9007199254740993"')];
    expect(await refusals(createLoader(SCHEMA).load("append", lines))).toEqual([
      "2:48 load_unique_violation @unique violation on Person.badge: line 1 has the same value.",
    ]);
  });

  it("tells neighbouring 64-bit values apart and treats both zeros of a float as one", async () => {
    const loader = createLoader(SCHEMA);
    await staged(
      loader.load("append", [
        person("ann", ',"badge":9007199254740993'),
        person("bob", ',"badge":9007199254740992'),
      ]),
    );
    expect(
      await refusals(loader.load("append", [person("cid", ',"height":0'), person("dan", ',"height":-0.0')])),
    ).toHaveLength(1);
  });

  it("is broken by a stored row that stays, and names that row", async () => {
    const loader = await withPeople(person("dan", ',"first":"D","last":"X"'));
    expect(await refusals(loader.load("append", [person("eve", ',"last":"X","first":"D"')]))).toEqual([
      "1:59 load_unique_violation @unique violation on Person.(first, last): the stored row 'dan' has the same value.",
    ]);
  });

  it("exempts tuples with a null", async () => {
    const loader = await withPeople(person("dan", ',"first":"D"'));
    await staged(
      loader.load("append", [person("eve", ',"first":"D"'), person("fay", ',"first":"D","last":null')]),
    );
  });

  it("lets a merge hand a value from one row to another", async () => {
    const loader = await withPeople(person("dan", ',"badge":1'), person("eve", ',"badge":2'));
    await staged(loader.load("merge", [person("dan", ',"badge":2'), person("eve", ',"badge":1')]));
    expect(await refusals(loader.load("merge", [person("dan", ',"badge":1')]))).toEqual([
      "1:48 load_unique_violation @unique violation on Person.badge: the stored row 'eve' has the same value.",
    ]);
  });

  it("forgets stored rows that an overwrite removes", async () => {
    const loader = await withPeople(person("dan", ',"badge":1'));
    await staged(loader.load("overwrite", [person("eve", ',"badge":1')]));
  });

  it("covers the ends of edges", async () => {
    const loader = await withPeople(edge("Knows", "ann", "bob", "k"));
    expect(
      await refusals(loader.load("append", [edge("Knows", "bob", "ann"), edge("Knows", "ann", "bob")])),
    ).toEqual([
      "2:24 load_unique_violation @unique violation on Knows.(dst, src): the stored row 'k' has the same value.",
    ]);
  });
});

describe("endpoints (spec/schema 9)", () => {
  it("exist in the file or in the graph, on either side", async () => {
    const loader = await withPeople();
    await staged(
      loader.load("append", [edge("Knows", "ann", "dan"), edge("Knows", "dan", "bob"), person("dan")]),
    );
  });

  it("are told for every edge that lacks one", async () => {
    const loader = await withPeople();
    const lines = [
      edge("Knows", "ghost", "ann"),
      edge("Knows", "ann", "ghost"),
      edge("Knows", "ann", "spook"),
    ];
    expect(await refusals(loader.load("append", lines))).toEqual([
      "1:24 load_missing_endpoint src 'ghost' not found in Person.",
      "2:35 load_missing_endpoint dst 'ghost' not found in Person.",
      "3:35 load_missing_endpoint dst 'spook' not found in Person.",
    ]);
  });
});

describe("@card (spec/schema 9)", () => {
  it("counts the edges of the file and of the graph together", async () => {
    const loader = await withPeople(edge("Boss", "ann", "bob"));
    expect(
      await refusals(loader.load("append", [edge("Boss", "bob", "ann"), edge("Boss", "ann", "cid")])),
    ).toEqual([
      "2:23 load_cardinality_violation @card violation on edge Boss: source 'ann' has 2 edges (max 1).",
    ]);
  });

  it("counts an edge that a merge replaces once, wherever it moves", async () => {
    const loader = await withPeople(edge("Boss", "ann", "bob", "b"));
    await staged(loader.load("merge", [edge("Boss", "ann", "cid", "b")]));
    await staged(loader.load("merge", [edge("Boss", "bob", "cid", "b"), edge("Boss", "ann", "cid", "c")]));
    expect(await refusals(loader.load("merge", [edge("Boss", "ann", "cid", "b")]))).toEqual([
      "1:23 load_cardinality_violation @card violation on edge Boss: source 'ann' has 2 edges (max 1).",
    ]);
  });

  it("holds its minimum for a source that an edge moves away from", async () => {
    const loader = await withPeople(edge("Lives", "ann", "bob", "l"));
    expect(await refusals(loader.load("merge", [edge("Lives", "bob", "ann", "l")]))).toEqual([
      "load_cardinality_violation @card violation on edge Lives: source 'ann' has 0 edges (min 1).",
    ]);
    await staged(loader.load("merge", [edge("Lives", "bob", "ann", "l"), edge("Lives", "ann", "bob", "m")]));
  });

  it("holds its minimum for a source whose edges an overwrite removes, unless the source goes too", async () => {
    const loader = await withPeople(edge("Lives", "ann", "bob", "l"));
    expect(await refusals(loader.load("overwrite", [edge("Lives", "bob", "ann")]))).toEqual([
      "load_cardinality_violation @card violation on edge Lives: source 'ann' has 0 edges (min 1).",
    ]);
    await staged(loader.load("overwrite", [person("bob"), edge("Lives", "bob", "bob")]));
  });

  it("does not ask a new node without edges for its minimum", async () => {
    const loader = await withPeople();
    await staged(loader.load("append", [person("dan")]));
  });
});
