/** Files of rows that are wrong: each is refused whole, at its line, and nothing is stored (spec/schema 9; issue 2). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRows } from "../../cli/verbs/export.ts";
import { load as loadVerb } from "../../cli/verbs/load.ts";
import { loadedCluster } from "./applied-cluster.ts";
import { captured, verbJson } from "./captured.ts";
import { forgetFolders, run, shell } from "./command.ts";

afterAll(forgetFolders);

const BROKEN_LINE = 4_711;
const LONG_LINE_BYTES = 200 * 1024 * 1024;

function topics(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ type: "Topic", data: { slug: `t${index}`, name: `T ${index}` } }),
  );
}

function brokenInside(): string {
  const lines = topics(6_000);
  lines[BROKEN_LINE - 1] = '{"type":"Topic","data":{"slug":"broken';
  return lines.join("\n");
}

const person = (facts: object) =>
  JSON.stringify({ type: "Person", data: { slug: "eve", name: "Eve", role: "designer", ...facts } });

/** What the file holds, the code, the line, and what the message names. */
const ROWS: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  code: string,
  line: number | null,
  names: string,
])[] = [
  ["broken JSON far inside", brokenInside(), "load_broken_json", BROKEN_LINE, ""],
  ["a value of the wrong type", person({ slug: 5 }), "load_wrong_type", 1, "Person.slug"],
  ["a value outside an enum", person({ role: "king" }), "load_enum_value", 1, "king"],
  [
    "a missing property",
    '{"type":"Person","data":{"slug":"eve","role":"designer"}}',
    "load_missing_property",
    1,
    "Person.name",
  ],
  [
    "an unknown type",
    '{"type":"Persn","data":{"slug":"a"}}',
    "load_unknown_type",
    1,
    "Did you mean 'Person'",
  ],
  ["an unknown property", person({ age: 4 }), "load_unknown_property", 1, "age"],
  ["a key given twice", [person({}), person({})].join("\n"), "load_duplicate_id", 2, "eve"],
  ["a key that the graph has", person({ slug: "ada" }), "load_key_conflict", 1, "ada"],
  [
    "a missing endpoint",
    '{"edge":"Knows","from":"ada","to":"nothing","data":{}}',
    "load_missing_endpoint",
    1,
    "nothing",
  ],
  ["a compressed file", gzipSync(person({})), "source_file_unreadable", null, "gzip"],
  ["UTF-16 text", Buffer.from(`\ufeff${person({})}`, "utf16le"), "source_file_unreadable", null, "UTF-16"],
];

describe("A load of a file that is wrong", () => {
  let folder = "";
  const load = (file: string, mode: "append" | "merge" | "overwrite" = "append") =>
    verbJson(folder, (context) => loadVerb(context, { graph: "knowledge", file, mode }));
  const rows = async () => {
    const out = join(folder, "all.jsonl");
    const options = { graph: "knowledge", version: undefined, edge_ids: false, out };
    await exportRows(captured(folder).context, options);
    return readFileSync(out, "utf8").trim().split("\n");
  };
  beforeAll(async () => {
    folder = await loadedCluster();
  }, 120_000);

  it.each(ROWS)(
    "is refused for %s, with its line, and stores nothing",
    async (_name, content, code, line, names) => {
      const file = join(folder, "rows.jsonl");
      writeFileSync(file, content);
      const before = await rows();
      const ran = await load(file);
      const diagnostics = ran.document["diagnostics"] as readonly {
        readonly code: string;
        readonly message: string;
        readonly source?: { readonly line: number; readonly column: number };
      }[];
      expect(ran.code).toBe(1);
      const found = diagnostics.find((each) => each.code === code);
      expect(found, JSON.stringify(diagnostics.slice(0, 2))).toBeDefined();
      expect(found?.message).toContain(names);
      expect(found?.source?.line ?? null).toBe(line);
      expect(await rows()).toEqual(before);
    },
  );

  it("is refused for a graph that is not there, whatever its id would do to a path", async () => {
    for (const graph of ["nope", "../knowledge", "a/b", ""]) {
      const file = join(folder, "data", "seed.jsonl");
      const ran = await verbJson(folder, (context) => loadVerb(context, { graph, file, mode: "append" }));
      expect({ code: ran.code, codes: ran.codes }).toEqual({ code: 1, codes: ["graph_not_applied"] });
    }
  });

  it("takes no more memory for one endless line than its limit allows", async () => {
    const line = `head -c ${LONG_LINE_BYTES} /dev/zero | tr '\\0' 'a' > long.jsonl`;
    const { code, out } = await shell(
      folder,
      `${line}; NODE_OPTIONS=--max-old-space-size=150 graphform load --graph knowledge long.jsonl`,
    );
    expect(code).toBe(1);
    expect(out).toContain("load_line_too_long");
    expect(out).toContain("long.jsonl:1:1");
  });

  it("names a missing file, a folder and a pipe for what they are", async () => {
    expect((await run(folder, "load", "--graph", "knowledge", "none.jsonl")).out).toContain(
      "it does not exist",
    );
    expect((await run(folder, "load", "--graph", "knowledge", "data")).out).toContain("it is a folder");
    const piped = await shell(folder, "cat data/seed.jsonl | graphform load --graph knowledge /dev/stdin");
    expect(piped.out).toContain("it is not a file that can be read twice");
  });

  it("says nothing was changed for a file without rows, and takes lines that end in CRLF", async () => {
    const file = join(folder, "rows.jsonl");
    writeFileSync(file, "");
    expect((await run(folder, "load", "--graph", "knowledge", file)).out).toContain("holds no rows");
    writeFileSync(file, `${topics(3).join("\r\n")}\r\n`);
    expect((await load(file)).code).toBe(0);
    expect((await load(file)).codes).toEqual(["load_key_conflict", "load_key_conflict", "load_key_conflict"]);
    expect((await load(file, "merge")).code).toBe(0);
    expect((await load(join(folder, "data", "seed.jsonl"), "overwrite")).code).toBe(0);
    const seed = readFileSync(join(folder, "data", "seed.jsonl"), "utf8")
      .trim()
      .split("\n");
    expect(await rows()).toHaveLength(seed.length);
  });
});
