/** What applies keep of their compilations: as bytes, as a help that changes no answer, and as store calls (design 12). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeQueries, generateConfig, growSchema } from "../../bench/generate-config.ts";
import {
  COMPILATION_FORMAT_VERSION,
  decodeCompilations,
  encodeCompilations,
  type GraphCompilations,
} from "../../lib/apply/planning/compilation-codec.ts";
import {
  keepCompilations,
  NOTHING_STORED,
  readCompilations,
  type StoredCompilations,
} from "../../lib/apply/planning/compilations.ts";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import { bundleOfFiles } from "../../lib/config/bundle.ts";
import { COMPILER_VERSION } from "../../lib/desired/compiler-version.ts";
import { type Desired, loadDesired } from "../../lib/desired/desired.ts";
import { type Digest, sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { QueryFacts } from "../../lib/query/facts.ts";
import { apply, type Client, importCluster, newWorld, openClient } from "./cluster.ts";

type Files = ReadonlyMap<string, Uint8Array>;

const GOLDEN = new URL("../golden/compiled/", import.meta.url);
const EXAMPLE = new URL("../../examples/company-brain/", import.meta.url).pathname;
const SAMPLE = "sample" as GraphId;

function textFiles(texts: Readonly<Record<string, string>>): Files {
  return new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text, "utf8")]));
}

function golden(name: string): string {
  return readFileSync(new URL(name, GOLDEN), "utf8");
}

function sampleFiles(queries: string): Files {
  const cluster = "version: 1\ngraphs:\n  sample:\n    schema: sample.pg\n    queries: sample.gq\n";
  return textFiles({ "cluster.yaml": cluster, "sample.pg": golden("sample.pg"), "sample.gq": queries });
}

function folder(path: string): Files {
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [file.slice(path.length), readFileSync(file)]));
}

function load(files: Files, known?: StoredCompilations): Desired {
  return loadDesired(bundleOfFiles("demo", files), known);
}

function graphsOf(desired: Desired): readonly GraphId[] {
  return [...desired.resources.values()].flatMap((each) => (each.kind === "graph" ? each.graph : []));
}

/** What a command would find in the cluster before it loads `files`. */
function stored(client: Client, files: Files): Promise<StoredCompilations> {
  return readCompilations(client.ports.store, graphsOf(load(files)));
}

async function converged(files: Files): Promise<Client> {
  const client = openClient(newWorld());
  expect((await importCluster(client, load(files))).ok).toBe(true);
  const output = await apply(client, load(files));
  expect([output.outcome, output.diagnostics]).toEqual(["applied", []]);
  return client;
}

function compiledKeys(client: Client): readonly string[] {
  return [...client.world.objects.objects.keys()].filter((key) => key.startsWith("__graphform/compiled/"));
}

/** All objects and their contents, except those that a run under the lease always leaves behind. */
function contents(client: Client): ReadonlyMap<string, string> {
  const objects = [...client.world.objects.objects].filter(([key]) => !key.startsWith("__graphform/locks/"));
  return new Map(objects.map(([key, bytes]) => [key, sha256(bytes)]));
}

function changedKeys(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return [...after.keys()].filter((key) => after.get(key) !== before.get(key));
}

const GENERATED = generateConfig({ graphs: 3, queries_per_graph: 12, queries_per_file: 4 });

describe("kept compilations as bytes", () => {
  const compiled = load(sampleFiles(golden("sample.gq")));
  const present = (): GraphCompilations => ({
    graph: SAMPLE,
    schema: compiled.compiled.schemas[0]!,
    schema_clean: true,
    files: new Map(compiled.compiled.query_files.map((each) => [each.file, each.declarations])),
  });

  it("holds the compiler to the output of its version: whoever changes it raises COMPILER_VERSION and adds a golden file", () => {
    const text = new TextDecoder().decode(encodeCompilations(present())!);
    expect(text).toBe(golden(`compilations-${COMPILATION_FORMAT_VERSION}-${COMPILER_VERSION}.json`));
  });

  it("offers nothing of a file for keeping if one of its queries has as much as a warning", () => {
    const faulty = load(sampleFiles(golden("faulty.gq")));
    expect(faulty.diagnostics.map((each) => each.code)).toEqual(["query_unused_parameter"]);
    expect(faulty.compiled.query_files).toEqual([]);
  });

  it("reads back what it wrote, whatever the facts are", () => {
    fc.assert(
      fc.property(arbitraryFiles(), fc.boolean(), (files, schema_clean) => {
        const given = { ...present(), schema_clean, files };
        expect(decodeCompilations(encodeCompilations(given)!, SAMPLE)).toEqual(sortedFiles(given));
      }),
      { numRuns: 50 },
    );
  });

  it("reads no document that was changed anywhere, cut, or kept for another graph", () => {
    const bytes = encodeCompilations(present())!;
    const expected = decodeCompilations(bytes, SAMPLE);
    expect(expected?.files.size).toBe(1);
    expect(decodeCompilations(bytes, "other" as GraphId)).toBeNull();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ by : byte));
        const read = decodeCompilations(broken, SAMPLE);
        if (read !== null) expect(read).toEqual(expected);
        if (at < bytes.length - 2) expect(decodeCompilations(bytes.slice(0, at), SAMPLE)).toBeNull();
      }),
    );
  });

  it.each([
    ["the format", { format_version: COMPILATION_FORMAT_VERSION + 1 }],
    ["the compiler", { compiler_version: COMPILER_VERSION + 1 }],
    ["its content", { content_digest: sha256("another") }],
  ])("reads no document of another version of %s", (_what, change) => {
    const document: object = JSON.parse(new TextDecoder().decode(encodeCompilations(present())!));
    const other = Buffer.from(JSON.stringify({ ...document, ...change }));
    expect(decodeCompilations(other, SAMPLE)).toBeNull();
  });
});

describe("plans with kept compilations", () => {
  const example = folder(EXAMPLE);
  const broken = new Map(GENERATED).set(
    "queries/graph-1/file_000000.gq",
    Buffer.from("query q_0() { match { $c: Company } return { $c.nothing } }"),
  );
  const folders: readonly (readonly [string, Files, Files])[] = [
    ["the example as it was applied", example, example],
    ["a generated cluster as it was applied", GENERATED, GENERATED],
    ["one changed query file", GENERATED, changeQueries(GENERATED, 1)],
    ["a changed schema", GENERATED, growSchema(GENERATED, 2)],
    ["a query that is broken now", GENERATED, broken],
  ];

  it.each(folders)(
    "answer the same with and without them, byte for byte: %s",
    async (_name, applied, files) => {
      const client = await converged(applied);
      const known = await stored(client, files);
      const cold = await plannedText(client, load(files));
      const warm = await plannedText(client, load(files, known));
      expect(compiledKeys(client).length).toBeGreaterThan(0);
      expect(warm).toBe(cold);
      expect(outputOf(load(files, known))).toBe(outputOf(load(files)));
    },
  );

  it("compile what changed and nothing else", async () => {
    const client = await converged(GENERATED);
    const unchanged = load(GENERATED, await stored(client, GENERATED));
    expect(unchanged.compiled).toEqual({ schemas: [], query_files: [] });
    const files = changeQueries(GENERATED, 1);
    const changed = load(files, await stored(client, files));
    expect(changed.compiled.query_files.map((each) => each.declarations.length)).toEqual([4]);
  });

  it("write nothing", async () => {
    const client = await converged(GENERATED);
    const before = contents(client);
    const files = changeQueries(GENERATED, 1);
    await plannedText(client, load(files, await stored(client, files)));
    expect(changedKeys(before, contents(client))).toEqual([]);
  });
});

describe("applies with kept compilations", () => {
  it("write again the object of the one graph whose query changed", async () => {
    const client = await converged(GENERATED);
    expect(compiledKeys(client)).toHaveLength(3);
    const before = contents(client);
    const files = changeQueries(GENERATED, 1, 1);
    const compilations = await stored(client, files);
    const output = await apply(client, load(files, compilations), { compilations });
    expect(output.outcome).toBe("applied");
    const written = changedKeys(before, contents(client)).filter((key) => key.includes("/compiled/"));
    expect(written).toEqual([`__graphform/compiled/graph.graph-1-${COMPILER_VERSION}.json`]);
    expect(load(files, await stored(client, files)).compiled.query_files).toEqual([]);
  });

  it("write nothing at all when they are converged, even if nothing is kept", async () => {
    const client = await converged(GENERATED);
    for (const key of compiledKeys(client)) client.world.objects.objects.delete(key);
    const before = contents(client);
    const output = await apply(client, load(GENERATED));
    expect(output.outcome).toBe("noop");
    expect(changedKeys(before, contents(client))).toEqual([]);
  });

  it("forget what a graph no longer declares", async () => {
    const client = await converged(GENERATED);
    const files = changeQueries(GENERATED, 1);
    const compilations = await stored(client, files);
    await apply(client, load(files, compilations), { compilations });
    const now = await stored(client, files);
    expect(now.objects.get("graph-0" as GraphId)?.compilations?.files.size).toBe(3);
  });
});

describe("reading and keeping compilations", () => {
  const desired = load(GENERATED);

  it("treats a damaged object as unknown and heals it at the next apply", async () => {
    const client = await converged(GENERATED);
    const [key] = compiledKeys(client);
    client.world.objects.objects.set(key!, Buffer.from("{}"));
    const known = await stored(client, GENERATED);
    const again = load(GENERATED, known);
    expect(again.compiled.query_files).toHaveLength(3);
    await keepCompilations(client.ports.store, again, known);
    expect(load(GENERATED, await stored(client, GENERATED)).compiled.query_files).toEqual([]);
  });

  it("knows nothing, and says nothing, while the store does not answer", async () => {
    const store = createMemoryObjectStore(createMemoryBackend());
    const down = { tag: "unavailable", reason: "it is down" } as const;
    const silent = { ...store, get: async () => down, putIfAbsent: async () => down };
    const known = await readCompilations(silent, graphsOf(desired));
    expect(
      known.queryFile(desired.compiled.schemas[0]!, desired.compiled.query_files[0]!.file),
    ).toBeUndefined();
    await expect(keepCompilations(silent, desired, known)).resolves.toBeUndefined();
  });

  it("looks what is there if whoever loaded the config did not, and replaces what is out of date", async () => {
    const client = await converged(GENERATED);
    const files = changeQueries(GENERATED, 1);
    expect((await apply(client, load(files))).outcome).toBe("applied");
    expect(load(files, await stored(client, files)).compiled.query_files).toEqual([]);
  });

  it("leaves the object to whoever has written it since it was read", async () => {
    const backend = createMemoryBackend();
    const store = createMemoryObjectStore(backend);
    await keepCompilations(store, desired, NOTHING_STORED);
    const before = new Map(backend.objects);
    const files = changeQueries(GENERATED, 1);
    await keepCompilations(store, load(files), NOTHING_STORED);
    expect(backend.objects).toEqual(before);
  });

  it("makes one call a graph, however many queries there are", async () => {
    const backend = createMemoryBackend();
    const store = createMemoryObjectStore(backend);
    const asked: string[] = [];
    const counted: typeof store = {
      ...store,
      get: (key) => {
        asked.push(key);
        return store.get(key);
      },
    };
    await keepCompilations(store, desired, NOTHING_STORED);
    await readCompilations(counted, graphsOf(desired));
    expect(asked).toEqual([...backend.objects.keys()]);
  });
});

async function plannedText(client: Client, desired: Desired): Promise<string> {
  const planned = await planCluster(client.ports, { desired, actor: "ana", targets: null });
  const { plan, output } = planned;
  const steady = { plan_id: null, plan_digest: null, run_id: null, created_at: null };
  return JSON.stringify({ output: { ...output, ...steady }, plan: plan && { ...plan, ...steady } });
}

/** Everything that a desired model says, apart from what was compiled on the way. */
function outputOf(desired: Desired): string {
  const { compiled: _, resources, ...rest } = desired;
  return JSON.stringify({ ...rest, resources: [...resources] });
}

function sortedFiles(given: GraphCompilations): GraphCompilations {
  return { ...given, files: new Map([...given.files].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function arbitraryFiles() {
  const text = fc.string({ unit: "binary" });
  const kind = fc.constantFrom("node", "edge");
  const type = fc.record({ kind, type_name: text });
  const access = fc.constantFrom("read", "write", "required", "search", "rank");
  const facts = fc.record({
    name: text,
    kind: fc.constantFrom("read", "mutation"),
    description: fc.option(text),
    instruction: fc.option(text),
    parameters: fc.array(fc.record({ name: text, type: text, nullable: fc.boolean() })),
    result: fc.array(
      fc.record(
        { name: text, kind: text, nullable: fc.boolean(), vector_dim: fc.nat(), item_kind: text },
        { requiredKeys: ["name", "kind", "nullable"], noNullPrototype: true },
      ),
    ),
    reads: fc.array(type),
    writes: fc.array(type),
    properties: fc.array(fc.record({ kind, type_name: text, property: text, access })),
  });
  const digest = fc.string().map((seed) => sha256(seed));
  const declaration = fc.tuple(facts, digest).map(([each, declaration_digest]) => ({
    name: each.name,
    facts: each as QueryFacts,
    declaration_digest,
  }));
  return fc
    .array(fc.tuple(digest, fc.array(declaration, { maxLength: 3 })), { maxLength: 3 })
    .map((entries) => new Map<Digest, (typeof entries)[number][1]>(entries));
}
