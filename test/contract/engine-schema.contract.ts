/** The part of the engine contract about schema changes and compaction: what they show and hide. */
import { expect, it } from "vitest";
import type { LiveGraph } from "../../lib/engine/engine.ts";
import {
  type Client,
  created,
  DAY_MS,
  done,
  GRAPH,
  headOf,
  knows,
  loaded,
  loading,
  migrated,
  namesOf,
  person,
  ROOT,
  rowsOf,
  SCHEMA,
  type Subject,
  write,
} from "./engine-subject.ts";
import { isManifestPut } from "./scripted-store.ts";

const WITHOUT_AGE = SCHEMA.replace("age: I32?", "");
const WITHOUT_KNOWS = SCHEMA.replace(/edge .*\n/, "");
const RENAMED = SCHEMA.replace("node Person {", 'node Human @rename_from("Person") {')
  .replace("note: String?", "remark: String? @rename_from(note)")
  .replace("Person -> Person", "Human -> Human");
const UNSUPPORTED = SCHEMA.replace("age: I32?", "age: I64?\n  boss: String").replace(
  "note: String?",
  "note: String",
);

async function live(client: Client): Promise<LiveGraph> {
  const seen = await client.engine.observe(GRAPH);
  if (seen.tag !== "live") throw new Error(seen.tag);
  return seen;
}

export function describeSchema(subject: () => Subject): void {
  it("changes a schema without touching a dataset unless a drop is hard", async () => {
    const { second } = subject();
    await created(subject());
    const before = await loaded(subject(), [person("ada", { age: 36 }), knows("ada", "ada")]);
    const after = await migrated(subject(), 2, RENAMED);
    expect(after.tables).toEqual(before.tables);
    expect(after.schema_digest).not.toBe(before.schema_digest);
    expect(await rowsOf(second)).toEqual([
      { type: "Human", data: { name: "ada", age: 36 } },
      { edge: "Knows", from: "ada", to: "ada", data: {} },
    ]);
  });

  it("keeps the values of what is renamed, and shows earlier versions under their old names", async () => {
    const { second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada", { note: "first" })]);
    await migrated(subject(), 2, RENAMED);
    expect(await rowsOf(second)).toEqual([{ type: "Human", data: { name: "ada", remark: "first" } }]);
    expect(await rowsOf(second, { version: 2 })).toEqual([
      { type: "Person", data: { name: "ada", note: "first" } },
    ]);
  });

  it("migrates the head that was observed, and never one that has moved since (A2)", async () => {
    await created(subject());
    const { first, second } = subject();
    const on = await live(second);
    const request = { ...write(subject(), 1), schema_source: WITHOUT_AGE, data_loss: false, on };
    await loaded(subject(), [person("ada")]);

    expect(await second.engine.migrate(request)).toMatchObject({
      tag: "refused",
      head: { head: { version: 2 } },
    });
    expect((await headOf(first)).cause).toBe("load");

    const again = {
      ...write(subject(), 2),
      schema_source: WITHOUT_AGE,
      data_loss: false,
      on: await live(second),
    };
    const landed = done(await second.engine.migrate(again));
    expect(landed).toMatchObject({ version: 3, cause: "migrate" });
    expect(done(await second.engine.migrate(again))).toEqual(landed);
  });

  it("previews the version that was observed", async () => {
    await created(subject());
    const { first } = subject();
    const on = await live(first);
    await loaded(subject(), [person("ada", { age: 36 })]);
    const request = { graph: GRAPH, schema_source: WITHOUT_AGE, data_loss: false };
    const values = async (which: object) => {
      const outcome = await first.engine.preview({ ...request, ...which });
      if (outcome.tag !== "previewed") throw new Error(outcome.tag);
      return [outcome.preview.version, outcome.preview.impact[0]?.values_lost];
    };
    expect(await values({ on })).toEqual([1, 0]);
    expect(await values({})).toEqual([2, 1]);
  });

  it("keeps the record of a migration ahead of it, moves nothing by that, and does without what was not kept", async () => {
    await created(subject());
    const { first, second } = subject();
    const on = await live(first);
    const kept = await first.engine.keepSchema({ on, schema_source: WITHOUT_AGE });
    if (kept.tag !== "kept") throw new Error(kept.tag);
    expect((await headOf(second)).version).toBe(1);
    expect(await first.engine.keepSchema({ on, schema_source: UNSUPPORTED })).toEqual({ tag: "not_kept" });

    let puts = 0;
    first.store.follow(({ method, key }) => {
      if (method === "putIfAbsent" && key.includes("/schema")) puts += 1;
      return "act";
    });
    const request = { ...write(subject(), 1), schema_source: WITHOUT_AGE, data_loss: false, on };
    const manifest = done(await first.engine.migrate({ ...request, kept: kept.record }));
    expect(manifest.schema_record).toBe(kept.record);
    expect(puts).toBe(0);
    expect(await live(second)).toMatchObject({ head: manifest, schema: { source: WITHOUT_AGE } });

    const next = { ...write(subject(), 2), schema_source: SCHEMA, data_loss: false, kept: kept.record };
    done(await first.engine.migrate(next));
    expect(puts).toBe(2);
    expect(await live(second)).toMatchObject({ schema: { source: SCHEMA } });
  });

  it("observes the same whatever version is said to be likely", async () => {
    const { second } = subject();
    expect(await second.engine.observe(GRAPH, 1)).toEqual({ tag: "absent", marked: false });
    await created(subject());
    await loaded(subject(), [person("ada")]);
    const seen = await second.engine.observe(GRAPH);
    expect(seen).toMatchObject({ tag: "live", head: { version: 2 } });
    for (const likely of [0, 1, 2, 3]) expect(await second.engine.observe(GRAPH, likely)).toEqual(seen);
  });

  it("publishes a new source also when it means the same, so that what is shown is what was written", async () => {
    const source = `// the people\n${SCHEMA}`;
    await created(subject());
    const manifest = await migrated(subject(), 1, source);
    const observation = await subject().second.engine.observe(GRAPH);
    expect(observation).toMatchObject({ tag: "live", head: manifest, schema: { source } });
  });

  it("shows a softly dropped property at earlier versions and never again, also when its name comes back", async () => {
    const { second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada", { age: 36 })]);
    await migrated(subject(), 2, WITHOUT_AGE);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "ada" } }]);
    await migrated(subject(), 3, SCHEMA);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "ada" } }]);
    await loaded(subject(), [person("bob", { age: 7 })]);
    expect(await rowsOf(second)).toEqual([
      { type: "Person", data: { name: "ada" } },
      { type: "Person", data: { name: "bob", age: 7 } },
    ]);
    expect(await rowsOf(second, { version: 2 })).toEqual([
      { type: "Person", data: { name: "ada", age: 36 } },
    ]);
  });

  it("shows a softly dropped type at earlier versions and never again, also when its name comes back", async () => {
    const { second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada"), knows("ada", "ada")]);
    await migrated(subject(), 2, WITHOUT_KNOWS);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "ada" } }]);
    await migrated(subject(), 3, SCHEMA);
    await loaded(subject(), [person("bob")]);
    expect(await rowsOf(second)).toHaveLength(2);
    expect(await rowsOf(second, { version: 2 })).toHaveLength(2);
    expect(await rowsOf(second, { version: 2 })).toContainEqual({
      edge: "Knows",
      from: "ada",
      to: "ada",
      data: {},
    });
  });

  it("refuses an unsupported migration with one diagnostic per step and changes nothing", async () => {
    const { first, second } = subject();
    const manifest = await created(subject());
    const request = { ...write(subject(), 1), schema_source: UNSUPPORTED, data_loss: false };
    const outcome = await first.engine.migrate(request);
    expect(outcome.tag).toBe("invalid");
    if (outcome.tag === "invalid") {
      expect(outcome.diagnostics.length).toBeGreaterThanOrEqual(3);
      for (const each of outcome.diagnostics) expect(each.code).toBe("graph_migration_unsupported");
    }
    expect(await headOf(second)).toEqual(manifest);
  });

  it("previews values lost, rows that stand in the way and their ids, and changes nothing", async () => {
    const { first, second } = subject();
    await created(subject());
    const head = await loaded(subject(), [
      person("ada", { age: 36 }),
      person("bob", { note: "x" }),
      person("eve"),
    ]);
    const drop = await first.engine.preview({ graph: GRAPH, schema_source: WITHOUT_AGE, data_loss: false });
    expect(drop).toMatchObject({
      tag: "previewed",
      preview: {
        version: 2,
        incarnation: head.incarnation,
        plan: { supported: true, steps: [{ kind: "drop_property", mode: "soft" }] },
        impact: [{ step: 0, type_name: "Person", rows: 3, values_lost: 1, violations: 0 }],
      },
    });
    const blocked = await first.engine.preview({
      graph: GRAPH,
      schema_source: UNSUPPORTED,
      data_loss: false,
    });
    if (blocked.tag !== "previewed") throw new Error(blocked.tag);
    const { plan, impact } = blocked.preview;
    const named = plan.steps.map((step, index) => ({
      entity: step.kind === "unsupported_change" ? step.entity : step.kind,
      violations: impact.find((each) => each.step === index)?.violations,
      ids: impact.find((each) => each.step === index)?.violating_ids.length,
    }));
    expect(named).toContainEqual({ entity: "node:Person.note", violations: 2, ids: 2 });
    expect(named).toContainEqual({ entity: "node:Person.age", violations: 3, ids: 3 });
    expect(named).toContainEqual({ entity: "node:Person.boss", violations: 3, ids: 3 });
    expect(await headOf(second)).toEqual(head);
  });

  it("compacts without changing a row, and removes what dead writers left and nothing pinned", async () => {
    const { first, second, clock } = subject();
    await created(subject());
    for (const name of ["ada", "bob", "eve"]) await loaded(subject(), [person(name)]);
    second.store.follow((call) => (isManifestPut(call) ? "fail" : "act"));
    expect((await second.engine.load(loading(subject(), [person("ghost")]))).tag).toBe("unavailable");
    second.store.follow(() => "act");
    const path = `${ROOT}${(await headOf(first)).tables[0]?.path}`;
    const before = await branchesOf(subject(), path);
    expect(before).toHaveLength(4);
    done(await first.engine.fence(write(subject(), 4)));
    const compacted = done(await second.engine.compact(write(subject(), 5)));
    expect(compacted).toMatchObject({ cause: "compact", tables: [{ rows: 3 }] });
    expect(await branchesOf(subject(), path)).toHaveLength(4);
    clock.advance(365 * DAY_MS);
    done(await first.engine.compact(write(subject(), 6)));
    expect(await namesOf(second)).toEqual(["ada", "bob", "eve"]);
  });

  it("keeps what a version of the window shows when an overwrite has replaced it, and lets it go afterwards", async () => {
    const { first, second, clock } = subject();
    await created(subject());
    await loaded(subject(), [person("ada")]);
    await loaded(subject(), [person("bob")], "overwrite");
    done(await first.engine.compact(write(subject(), 3)));
    expect(await namesOf(second, 2)).toEqual(["ada"]);
    clock.advance(365 * DAY_MS);
    done(await first.engine.fence(write(subject(), 4)));
    clock.advance(365 * DAY_MS);
    done(await first.engine.compact(write(subject(), 5)));
    expect(await namesOf(second)).toEqual(["bob"]);
    expect((await second.engine.export({ graph: GRAPH, version: 2 })).tag).toBe("no_such_version");
  });
}

async function branchesOf(subject: Subject, path: string): Promise<readonly string[]> {
  const branches = await subject.second.tables.branches(path);
  return branches.tag === "ok" ? branches.value : [branches.tag];
}
