/** The part of the engine contract about hard drops and purges: what they destroy, and when. */
import { expect, it } from "vitest";
import {
  created,
  datasetsOf,
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
import { isManifestPut, pauseAt } from "./scripted-store.ts";

const WITHOUT_AGE = SCHEMA.replace("age: I32?", "");
const WITHOUT_AGE_AND_NOTE = WITHOUT_AGE.replace("note: String?", "");
const WITHOUT_KNOWS = SCHEMA.replace(/edge .*\n/, "");

export function describeDrops(subject: () => Subject): void {
  it("destroys what a hard drop drops: other rows stay, its old dataset is gone, its old versions cannot be read", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    const before = await loaded(subject(), [
      person("ada", { age: 36, note: "n" }),
      person("bob", { age: 7 }),
    ]);
    const after = await migrated(subject(), 2, WITHOUT_AGE, true);
    expect(await rowsOf(second)).toEqual([
      { type: "Person", data: { name: "ada", note: "n" } },
      { type: "Person", data: { name: "bob" } },
    ]);
    expect(after.tables).toMatchObject([{ rows: 2 }]);
    expect(after.tables[0]?.path).not.toBe(before.tables[0]?.path);
    expect(await datasetsOf(second, incarnation)).toEqual([`${ROOT}${after.tables[0]?.path}`]);
    expect(await first.engine.export({ graph: GRAPH, version: 2 })).toEqual({ tag: "no_such_version" });
    await loaded(subject(), [person("eve")]);
    expect(await namesOf(second)).toEqual(["ada", "bob", "eve"]);
  });

  it("destroys with a hard drop only what it drops, not what an earlier soft drop hid", async () => {
    const { second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada", { age: 36, note: "n" })]);
    await migrated(subject(), 2, WITHOUT_AGE);
    const after = await migrated(subject(), 3, WITHOUT_AGE_AND_NOTE, true);
    expect(await columnsOf(subject(), after)).toHaveLength(3);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "ada" } }]);
  });

  it("keeps with a hard drop of a property the rows of a type that an earlier soft drop hid", async () => {
    await created(subject());
    const before = await loaded(subject(), [person("ada", { age: 36 }), knows("ada", "ada")]);
    await migrated(subject(), 2, WITHOUT_KNOWS);
    const after = await migrated(subject(), 3, WITHOUT_KNOWS.replace("age: I32?", ""), true);
    expect(after.tables.map((pin) => pin.type_id)).toEqual(before.tables.map((pin) => pin.type_id));
    expect(await datasetsOf(subject().second, after.incarnation)).toHaveLength(2);
  });

  it("destroys everything hidden when a migration that changes nothing allows data loss", async () => {
    const { second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada", { age: 36, note: "n" }), knows("ada", "ada")]);
    await migrated(subject(), 2, WITHOUT_KNOWS);
    const hidden = WITHOUT_KNOWS.replace("age: I32?", "");
    await migrated(subject(), 3, hidden);
    const after = await migrated(subject(), 4, hidden, true);
    expect(await columnsOf(subject(), after)).toHaveLength(3);
    expect(after.tables).toHaveLength(1);
    expect(await datasetsOf(second, incarnation)).toHaveLength(1);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "ada", note: "n" } }]);
  });

  it("previews a purge as the hard drops of what is hidden, under the names that it had last", async () => {
    await created(subject());
    await loaded(subject(), [person("ada", { age: 36 }), person("bob"), knows("ada", "bob")]);
    await migrated(subject(), 2, WITHOUT_KNOWS);
    const source = WITHOUT_KNOWS.replace("age: I32?", "");
    await migrated(subject(), 3, source);
    const purge = { graph: GRAPH, schema_source: source, data_loss: true };
    expect(await subject().second.engine.preview(purge)).toMatchObject({
      tag: "previewed",
      preview: {
        plan: {
          supported: true,
          steps: [
            { kind: "drop_type", type_kind: "edge", name: "Knows", mode: "hard" },
            { kind: "drop_property", type_name: "Person", property_name: "age", mode: "hard" },
          ],
        },
        impact: [
          { step: 0, type_name: "Knows", rows: 1, values_lost: 1 },
          { step: 1, type_name: "Person", rows: 2, values_lost: 1 },
        ],
      },
    });
    await migrated(subject(), 4, source, true);
    expect(await subject().second.engine.preview(purge)).toMatchObject({ preview: { plan: { steps: [] } } });
  });

  it("removes the old dataset later when a hard drop died between publishing and removing it", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada", { age: 36 })]);
    const dying = { ...write(subject(), 2), schema_source: WITHOUT_AGE, data_loss: true };
    Object.assign(first.tables, { erase: () => new Promise<never>(() => undefined) });
    void first.engine.migrate(dying);
    while ((await headOf(second)).version < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await datasetsOf(second, incarnation)).toHaveLength(2);
    expect(done(await second.engine.migrate(dying)).version).toBe(3);
    done(await second.engine.compact(write(subject(), 3)));
    expect(await datasetsOf(second, incarnation)).toHaveLength(1);
    expect(await namesOf(second)).toEqual(["ada"]);
  });

  it("destroys a type and its rows in a hard drop", async () => {
    const { second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada"), knows("ada", "ada")]);
    expect(await datasetsOf(second, incarnation)).toHaveLength(2);
    const after = await migrated(subject(), 2, WITHOUT_KNOWS, true);
    expect(after.tables).toHaveLength(1);
    expect(await datasetsOf(second, incarnation)).toHaveLength(1);
    expect(await namesOf(second)).toEqual(["ada"]);
  });

  it("keeps the rows of a hard drop that was not published", async () => {
    const { first, second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada", { age: 36 })]);
    const pause = pauseAt(isManifestPut);
    first.store.follow(pause.script);
    const request = { ...write(subject(), 2), schema_source: WITHOUT_AGE, data_loss: true };
    const late = first.engine.migrate(request);
    await pause.reached;
    done(await second.engine.load(loading(subject(), [person("bob", { age: 7 })])));
    pause.release();
    expect((await late).tag).toBe("refused");
    expect(await rowsOf(second)).toEqual([
      { type: "Person", data: { name: "ada", age: 36 } },
      { type: "Person", data: { name: "bob", age: 7 } },
    ]);
  });
}

/** The stored columns of the first table that the manifest pins. */
async function columnsOf(
  subject: Subject,
  manifest: Awaited<ReturnType<typeof headOf>>,
): Promise<readonly string[]> {
  const pin = manifest.tables[0];
  if (!pin) return [];
  const { branch, lance_version } = pin;
  const reader = await subject.second.tables.read({ path: `${ROOT}${pin.path}`, branch, lance_version });
  if (reader.tag !== "ok") return [reader.tag];
  const names = reader.value.columns.map((column) => column.name);
  reader.value.close();
  return names;
}
