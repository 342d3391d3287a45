/** The part of the engine contract about lives of a graph: create, remove, restore, reclaim, and their ends. */
import { expect, it } from "vitest";
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import {
  created,
  creation,
  datasetsOf,
  done,
  GRAPH,
  headOf,
  loaded,
  namesOf,
  person,
  ROOT,
  rowsOf,
  type Subject,
  write,
} from "./engine-subject.ts";

export function describeLives(subject: () => Subject): void {
  it("creates a graph as version 1, live, with its schema and no rows, visible to the other client", async () => {
    const manifest = await created(subject());
    const observation = await subject().second.engine.observe(GRAPH);
    expect(observation).toMatchObject({ tag: "live", head: manifest });
    expect(manifest).toMatchObject({ version: 1, cause: "create", actor: "ada", tables: [], dead: [] });
    expect(await subject().second.engine.count({ graph: GRAPH })).toMatchObject({
      counts: [
        { type_kind: "node", type_name: "Person", rows: 0 },
        { type_kind: "edge", type_name: "Knows", rows: 0 },
      ],
    });
  });

  it("refuses to create a graph that lives, whatever version the request expects", async () => {
    const { first, second } = subject();
    const manifest = await created(subject());
    for (const head of [0, 1, 2]) {
      const outcome = await second.engine.create(creation(subject(), head));
      expect(outcome).toMatchObject({ tag: "refused", head: { tag: "live", head: manifest } });
    }
    expect(await headOf(first)).toEqual(manifest);
  });

  it("tells all errors of a schema at once and leaves nothing at the root", async () => {
    const source =
      "node Person { name: String @key\n  boss: Nobody\n}\nedge Likes: Person -> Ghost\nnode lower {}";
    const outcome = await subject().first.engine.create(creation(subject(), 0, source));
    expect(outcome.tag).toBe("invalid");
    if (outcome.tag === "invalid") {
      expect(outcome.diagnostics.length).toBeGreaterThan(1);
      for (const each of outcome.diagnostics) expect(each).toMatchObject({ path: "schema.company" });
    }
    expect(await subject().second.engine.observe(GRAPH)).toEqual({ tag: "absent", marked: false });
  });

  it("creates on top of a fence that was put where no graph had lived", async () => {
    const { first } = subject();
    expect(done(await first.engine.fence(write(subject(), 0)))).toMatchObject({ version: 1, state: "never" });
    expect(await subject().second.engine.observe(GRAPH)).toMatchObject({ tag: "never" });
    expect((await first.engine.create(creation(subject(), 0))).tag).toBe("refused");
    expect(await created(subject(), undefined, 1)).toMatchObject({ version: 2, state: "live" });
  });

  it("puts its root marker before anything else, so that another tool never finds an absent root", async () => {
    const { first, second } = subject();
    const puts: string[] = [];
    first.store.follow((call) => {
      if (call.method === "putIfAbsent" && call.key.startsWith(ROOT)) puts.push(call.key.slice(ROOT.length));
      return "act";
    });
    done(await first.engine.fence(write(subject(), 0)));
    expect(puts[0]).toBe("graphform.json");
    expect(await second.store.get(storeKey(`${ROOT}graphform.json`))).toMatchObject({ tag: "found" });
    const other = "other" as GraphId;
    second.store.follow((call) => {
      if (call.method === "putIfAbsent" && call.key.startsWith("graphs/other.omni/")) puts.push(call.key);
      return "act";
    });
    done(await second.engine.create({ ...creation(subject(), 0), graph: other }));
    expect(puts[2]).toBe("graphs/other.omni/graphform.json");
  });

  it("counts the rows that loads have written over the whole of a life, whatever else is published", async () => {
    const { first } = subject();
    await created(subject());
    await loaded(subject(), [person("ada"), person("bob")]);
    done(await first.engine.fence(write(subject(), 2)));
    done(await first.engine.compact(write(subject(), 3)));
    expect(await loaded(subject(), [person("ada", { age: 1 })])).toMatchObject({
      version: 5,
      rows_written: 3,
    });
  });

  it("removes a graph: no reader finds it live, its rows stay readable at their versions", async () => {
    const { first, second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada")]);
    const tombstone = done(await first.engine.remove(write(subject(), 2)));
    expect(tombstone).toMatchObject({ version: 3, state: "deleted", tables: [], rows_written: 0 });
    expect(await second.engine.observe(GRAPH)).toMatchObject({ tag: "deleted", head: { version: 3 } });
    expect((await second.engine.export({ graph: GRAPH })).tag).toBe("not_live");
    expect((await second.engine.count({ graph: GRAPH })).tag).toBe("not_live");
    expect((await second.engine.remove(write(subject(), 3))).tag).toBe("refused");
    expect(await namesOf(second, 2)).toEqual(["ada"]);
  });

  it("never lets rows of an earlier life reappear in the next one", async () => {
    const { first, second } = subject();
    const before = await created(subject());
    await loaded(subject(), [person("ada", { age: 36 })]);
    await first.engine.remove(write(subject(), 2));
    const after = await created(subject(), undefined, 3);
    expect(after.incarnation).not.toBe(before.incarnation);
    expect(await rowsOf(second)).toEqual([]);
    await loaded(subject(), [person("bob")]);
    expect(await rowsOf(second)).toEqual([{ type: "Person", data: { name: "bob" } }]);
    expect(await namesOf(second, 2)).toEqual(["ada"]);
  });

  it("reads nothing of an earlier life for whoever asks about the present one", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada")]);
    const present = (version: number) => ({ graph: GRAPH, version, present_life: true });
    expect((await second.engine.export(present(2))).tag).toBe("exporting");
    await first.engine.remove(write(subject(), 2));
    for (const version of [2, 3]) {
      expect(await second.engine.export(present(version))).toMatchObject({
        tag: "not_live",
        observation: { tag: "deleted" },
      });
    }
    await created(subject(), undefined, 3);
    await loaded(subject(), [person("bob")]);
    for (const version of [1, 2, 3]) {
      expect(await second.engine.export(present(version))).toEqual({ tag: "no_such_version" });
      expect(await second.engine.count(present(version))).toEqual({ tag: "no_such_version" });
    }
    expect(await rowsOf(second, present(5))).toEqual([{ type: "Person", data: { name: "bob" } }]);
    await first.engine.remove(write(subject(), 5));
    done(await second.engine.restore(lifeRequest(subject(), 6, incarnation)));
    expect(await rowsOf(second, present(2))).toEqual([{ type: "Person", data: { name: "ada" } }]);
    expect(await second.engine.export(present(5))).toEqual({ tag: "no_such_version" });
  });

  it("refuses to begin a life under the id of an earlier one", async () => {
    const { first } = subject();
    const before = await created(subject());
    await first.engine.remove(write(subject(), 1));
    const again = { ...creation(subject(), 2), incarnation: before.incarnation ?? ("" as IncarnationId) };
    expect((await first.engine.create(again)).tag).toBe("refused");
  });

  it("restores a deleted life with its schema, its rows and its count of rows written", async () => {
    const { second } = subject();
    const { incarnation } = await created(subject());
    const last = await loaded(subject(), [person("ada"), person("bob")]);
    await second.engine.remove(write(subject(), 2));
    const restored = done(await second.engine.restore(lifeRequest(subject(), 3, incarnation)));
    expect(restored).toMatchObject({
      version: 4,
      cause: "restore",
      incarnation,
      tables: last.tables,
      rows_written: 2,
      dead: [],
    });
    expect(await namesOf(second)).toEqual(["ada", "bob"]);
  });

  it("refuses to restore a life that is unknown, or while another one lives", async () => {
    const { first } = subject();
    const { incarnation } = await created(subject());
    expect((await first.engine.restore(lifeRequest(subject(), 1, incarnation))).tag).toBe("refused");
    await first.engine.remove(write(subject(), 1));
    const unknown = subject().id() as IncarnationId;
    expect((await first.engine.restore(lifeRequest(subject(), 2, unknown))).tag).toBe("refused");
    await created(subject(), undefined, 2);
    expect((await first.engine.restore(lifeRequest(subject(), 3, incarnation))).tag).toBe("refused");
  });

  it("deletes no byte of a life before its reclaim is published and its delete is recorded", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada")]);
    await first.engine.remove(write(subject(), 2));
    expect((await datasetsOf(second, incarnation)).length).toBe(1);
    const mark = { ...lifeRequest(subject(), 3, incarnation), recorded: false };
    expect(done(await first.engine.reclaim(mark))).toMatchObject({
      version: 4,
      cause: "reclaim",
      state: "deleted",
      dead: [{ incarnation, since: 2, reclaiming: true }],
    });
    expect((await datasetsOf(second, incarnation)).length).toBe(1);
    done(await first.engine.reclaim({ ...lifeRequest(subject(), 4, incarnation), recorded: true }));
    expect(await datasetsOf(second, incarnation)).toEqual([]);
    expect((await headOf(second)).version).toBe(4);
  });

  it("removes what a paused writer left in a reclaimed life when reclaim is repeated, and nothing else", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada")]);
    await first.engine.remove(write(subject(), 2));
    done(await first.engine.reclaim({ ...lifeRequest(subject(), 3, incarnation), recorded: true }));
    const next = await created(subject(), undefined, 4);
    await loaded(subject(), [person("bob")]);
    const late = await second.tables.create(`graphs/company.omni/${incarnation}/7-3.lance`, [
      { name: "id", type: { kind: "utf8" } },
    ]);
    expect(late.tag).toBe("ok");
    if (late.tag === "ok") late.value.abandon();
    const head = await headOf(first);
    done(
      await first.engine.reclaim({ ...lifeRequest(subject(), head.version, incarnation), recorded: true }),
    );
    expect(await datasetsOf(second, incarnation)).toEqual([]);
    expect((await datasetsOf(second, next.incarnation)).length).toBe(1);
    expect(await namesOf(second)).toEqual(["bob"]);
    expect(await headOf(second)).toEqual(head);
  });

  it("refuses to reclaim the life that lives, and to restore one that is being reclaimed", async () => {
    const { first } = subject();
    const { incarnation } = await created(subject());
    const live = { ...lifeRequest(subject(), 1, incarnation), recorded: true };
    expect((await first.engine.reclaim(live)).tag).toBe("refused");
    await first.engine.remove(write(subject(), 1));
    done(await first.engine.reclaim({ ...lifeRequest(subject(), 2, incarnation), recorded: false }));
    expect((await first.engine.restore(lifeRequest(subject(), 3, incarnation))).tag).toBe("refused");
  });

  it("lets either a restore or a reclaim have a version, never both, and keeps the rows of a restored life", async () => {
    const { first, second } = subject();
    const { incarnation } = await created(subject());
    await loaded(subject(), [person("ada")]);
    await first.engine.remove(write(subject(), 2));
    const outcomes = await Promise.all([
      first.engine.restore(lifeRequest(subject(), 3, incarnation)),
      second.engine.reclaim({ ...lifeRequest(subject(), 3, incarnation), recorded: true }),
    ]);
    expect(outcomes.map((each) => each.tag).sort()).toEqual(["done", "refused"]);
    if (outcomes[0].tag === "done") expect(await namesOf(second)).toEqual(["ada"]);
    else expect(await datasetsOf(second, incarnation)).toEqual([]);
  });
}

function lifeRequest(subject: Subject, head: number, incarnation: string | null) {
  return { ...write(subject, head), incarnation: incarnation as IncarnationId };
}
