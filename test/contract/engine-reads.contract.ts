/** The part of the engine contract about reading: what is there, what is not, what cannot be known. */
import { expect, it } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Engine, Observation } from "../../lib/engine/engine.ts";
import { type StoreKey, storeKey } from "../../lib/ports/object-store.ts";
import {
  created,
  creation,
  done,
  GRAPH,
  knows,
  loaded,
  loading,
  namesOf,
  person,
  ROOT,
  rowsOf,
  SCHEMA,
  type Subject,
  write,
} from "./engine-subject.ts";

const FOREIGN_KEYS = [
  `${ROOT}data.lance/1.lance`,
  `${ROOT}__manifest/_versions/1.manifest`,
  `${ROOT}graphform.json`,
  `${ROOT}_schema.pg`,
];

export function describeReads(subject: () => Subject): void {
  it("proves absence, and never takes a failed read or list for it (404 is never guessed)", async () => {
    const { first } = subject();
    expect(await first.engine.observe(GRAPH)).toEqual({ tag: "absent", marked: false });
    first.store.follow((call) => (call.method === "list" ? "fail" : "act"));
    expect((await first.engine.observe(GRAPH)).tag).toBe("unavailable");
    expect((await first.engine.create(creation(subject(), 0))).tag).toBe("unavailable");
    expect((await first.engine.graphs()).tag).toBe("unavailable");
    expect((await first.engine.observeAll()).tag).toBe("unavailable");
    first.store.follow(() => "act");
    await created(subject());
    first.store.follow((call) => (call.method === "get" ? "fail" : "act"));
    expect((await first.engine.observe(GRAPH)).tag).toBe("unavailable");
    expect((await first.engine.at(GRAPH, 1)).tag).toBe("unavailable");
    expect((await first.engine.remove(write(subject(), 1))).tag).toBe("unavailable");
    expect(await first.engine.count({ graph: GRAPH })).toMatchObject({
      tag: "not_live",
      observation: { tag: "unavailable" },
    });
  });

  it.each(FOREIGN_KEYS)(
    "finds a root that holds a foreign %s unreadable and writes nothing there",
    async (key) => {
      const { first, second } = subject();
      await put(subject(), storeKey(key), "not ours");
      expect(await first.engine.observe(GRAPH)).toMatchObject({
        tag: "unreadable",
        reason: "foreign_format",
      });
      for (const outcome of [
        await first.engine.create(creation(subject(), 0)),
        await first.engine.fence(write(subject(), 0)),
      ]) {
        expect(outcome).toMatchObject({ tag: "refused", head: { tag: "unreadable" } });
      }
      const listed = await second.store.list({ prefix: ROOT, limit: 9 });
      expect(listed).toMatchObject({ tag: "listed", keys: [key] });
      await expectListed(second.engine, []);
    },
  );

  it("knows its own marker without a chain as version 0, on which a create continues", async () => {
    const { first, second } = subject();
    first.store.follow((call) =>
      call.key.includes("/__manifest/") && call.method === "putIfAbsent" ? "fail" : "act",
    );
    expect((await first.engine.create(creation(subject(), 0))).tag).toBe("unavailable");
    expect(await second.engine.observe(GRAPH)).toEqual({ tag: "absent", marked: true });
    await expectListed(second.engine, [GRAPH]);
    expect(done(await second.engine.create(creation(subject(), 0))).version).toBe(1);
  });

  it("leaves a chain alone whose head is of a newer format, or broken", async () => {
    const { first } = subject();
    await created(subject());
    await put(subject(), versionKey(2), JSON.stringify({ format_version: 2 }));
    const newer = await first.engine.observe(GRAPH);
    expect(newer).toMatchObject({ tag: "unreadable", reason: "newer_format" });
    expect(await first.engine.remove(write(subject(), 2))).toEqual({ tag: "refused", head: newer });
    await put(subject(), versionKey(3), "{}");
    expect(await first.engine.observe(GRAPH)).toMatchObject({ tag: "unreadable", reason: "corrupt" });
    await expectListed(first.engine, [GRAPH]);
  });

  it("reads every version of the chain with the schema it was written under", async () => {
    const { first, second } = subject();
    const manifests = [await created(subject()), await loaded(subject(), [person("ada")])];
    manifests.push(done(await first.engine.remove(write(subject(), 2))));
    for (const manifest of manifests) {
      const read = await second.engine.at(GRAPH, manifest.version);
      expect(read).toMatchObject({ tag: "found", manifest });
      if (read.tag === "found")
        expect(read.schema?.source ?? null).toBe(manifest.version < 3 ? SCHEMA : null);
    }
    for (const version of [0, 4, 100]) expect((await second.engine.at(GRAPH, version)).tag).toBe("absent");
    expect(await second.engine.at("other" as GraphId, 1)).toEqual({ tag: "absent" });
  });

  it("exports what a load takes, nodes before edges, and gives the same rows when that is loaded elsewhere", async () => {
    const { first, second } = subject();
    await created(subject());
    await loaded(subject(), [
      knows("ada", "bob", { since: 1840 }),
      person("bob", { note: 'it\'s "quoted"' }),
      person("ada", { age: 36 }),
    ]);
    const outcome = await first.engine.export({ graph: GRAPH });
    const lines: string[] = [];
    if (outcome.tag === "exporting") for await (const line of outcome.lines) lines.push(line);
    expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(["type", "type", "edge"]);
    const before = await rowsOf(first);
    done(await first.engine.remove(write(subject(), 2)));
    await created(subject(), undefined, 3);
    await loaded(
      subject(),
      lines.map((line) => JSON.parse(line)),
    );
    expect(await rowsOf(second)).toEqual(before);
  });

  it("exports and counts any version as it was", async () => {
    const { second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada")]);
    await loaded(subject(), [person("bob")]);
    await loaded(subject(), [person("eve")], "overwrite");
    expect(await namesOf(second, 1)).toEqual([]);
    expect(await namesOf(second, 2)).toEqual(["ada"]);
    expect(await namesOf(second, 3)).toEqual(["ada", "bob"]);
    expect(await namesOf(second)).toEqual(["eve"]);
    const counted = await second.engine.count({ graph: GRAPH, version: 3 });
    expect(counted).toMatchObject({
      counts: [
        { type_name: "Person", rows: 2 },
        { type_name: "Knows", rows: 0 },
      ],
    });
    expect(await second.engine.count({ graph: GRAPH, version: 9 })).toEqual({ tag: "no_such_version" });
    expect((await second.engine.export({ graph: GRAPH, version: 9 })).tag).toBe("no_such_version");
    expect((await second.engine.export({ graph: "other" as GraphId })).tag).toBe("not_live");
  });

  it("exports one consistent state while a writer publishes another", async () => {
    const { first, second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada")]);
    const outcome = await first.engine.export({ graph: GRAPH });
    done(await second.engine.load(loading(subject(), [person("bob")], "overwrite")));
    const lines: string[] = [];
    if (outcome.tag === "exporting") for await (const line of outcome.lines) lines.push(line);
    expect(lines.map((line) => JSON.parse(line).data.name)).toEqual(["ada"]);
  });

  it("lists every graph with a chain, in order, and skips what is foreign", async () => {
    const { first, second } = subject();
    for (const graph of ["zoo", "a", "a-b", "_x"] as GraphId[]) {
      done(await first.engine.create({ ...creation(subject(), 0), graph }));
    }
    await put(subject(), storeKey("graphs/foreign.omni/data"), "x");
    await put(subject(), storeKey("graphs/readme.txt"), "x");
    await expectListed(second.engine, ["_x", "a", "a-b", "zoo"] as GraphId[]);
  });
}

/** Listed, and observed at once as each is observed alone. */
async function expectListed(engine: Engine, graphs: readonly GraphId[]): Promise<void> {
  const listed = await engine.graphs();
  expect(listed.tag === "listed" ? [...listed.graphs].sort() : listed).toEqual(graphs);
  const alone = new Map<GraphId, Observation>();
  for (const graph of graphs) alone.set(graph, await engine.observe(graph));
  expect(await engine.observeAll()).toEqual({ tag: "observed", graphs: alone });
}

async function put(subject: Subject, key: StoreKey, text: string): Promise<void> {
  const outcome = await subject.second.store.putIfAbsent(key, new TextEncoder().encode(text));
  expect(outcome.tag).toBe("done");
}

function versionKey(version: number): StoreKey {
  return storeKey(`${ROOT}__manifest/${String(10n ** 20n - 1n - BigInt(version)).padStart(20, "0")}.json`);
}
