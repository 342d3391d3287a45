/** The part of the engine contract about writers that meet, are paused, die, or never hear an answer. */
import { expect, it } from "vitest";
import {
  created,
  creation,
  done,
  GRAPH,
  headOf,
  loaded,
  loading,
  namesOf,
  person,
  SCHEMA,
  type Subject,
  tagsOf,
  write,
} from "./engine-subject.ts";
import { isManifestPut, pauseAt } from "./scripted-store.ts";

const NOTED = SCHEMA.replace("note: String?", "note: String?\n  mail: String?");

export function describeRaces(subject: () => Subject): void {
  it("lets exactly one of two creators have version 1", async () => {
    const { first, second } = subject();
    const outcomes = await Promise.all([
      first.engine.create(creation(subject(), 0)),
      second.engine.create(creation(subject(), 0)),
    ]);
    expect([...tagsOf(outcomes)].sort()).toEqual(["done", "refused"]);
    expect((await headOf(first)).version).toBe(1);
  });

  it("lets exactly one of a remove, a migrate and a fence have a version", async () => {
    const { first, second } = subject();
    await created(subject());
    const migration = { ...write(subject(), 1), schema_source: NOTED, data_loss: false };
    const outcomes = await Promise.all([
      first.engine.remove(write(subject(), 1)),
      second.engine.migrate(migration),
      second.engine.fence(write(subject(), 1)),
    ]);
    expect([...tagsOf(outcomes)].sort()).toEqual(["done", "refused", "refused"]);
    expect((await headOf(first)).version).toBe(2);
  });

  it("makes a writer that was paused before it published fail for ever once the version is fenced (R5, A2)", async () => {
    const { first, second } = subject();
    const before = await created(subject());
    const pause = pauseAt(isManifestPut);
    first.store.follow(pause.script);
    const zombie = first.engine.remove(write(subject(), 1));
    await pause.reached;
    const fence = done(await second.engine.fence(write(subject(), 1)));
    pause.release();
    expect(await zombie).toMatchObject({ tag: "refused", head: { tag: "live", head: fence } });
    expect(fence).toEqual({
      ...before,
      version: 2,
      cause: "fence",
      operation_id: fence.operation_id,
      run_id: fence.run_id,
      at: fence.at,
    });
    expect(await headOf(second)).toEqual(fence);
  });

  it("fences a version 0 on which a creator was paused, so that it never creates (J1)", async () => {
    const { first, second } = subject();
    const pause = pauseAt(isManifestPut);
    first.store.follow(pause.script);
    const zombie = first.engine.create(creation(subject(), 0));
    await pause.reached;
    done(await second.engine.fence(write(subject(), 0)));
    pause.release();
    expect(await zombie).toMatchObject({ tag: "refused", head: { tag: "never" } });
  });

  it("shows nothing of a load that dies before it publishes, now or after later loads", async () => {
    const { first, second } = subject();
    await created(subject());
    await loaded(subject(), [person("ada")]);
    const pause = pauseAt(isManifestPut);
    first.store.follow(pause.script);
    const dying = first.engine.load(loading(subject(), [person("ghost")]));
    await pause.reached;
    expect(await namesOf(second)).toEqual(["ada"]);
    done(await second.engine.load(loading(subject(), [person("bob")])));
    expect(await namesOf(second)).toEqual(["ada", "bob"]);
    first.store.follow(() => "fail");
    pause.release("lose_request");
    expect((await dying).tag).not.toBe("done");
    expect(await namesOf(second)).toEqual(["ada", "bob"]);
    expect((await headOf(second)).version).toBe(3);
  });

  it("lets two loads that began on one version both land, the later one staged again on the earlier", async () => {
    const { first, second } = subject();
    await created(subject());
    const outcomes = await Promise.all([
      first.engine.load(loading(subject(), [person("ada", { age: 1 })])),
      second.engine.load(loading(subject(), [person("bob", { age: 2 })])),
    ]);
    for (const outcome of outcomes) done(outcome);
    expect(await namesOf(first)).toEqual(["ada", "bob"]);
    expect(await headOf(first)).toMatchObject({ version: 3, rows_written: 2 });
  });

  it("refuses a load whose graph was deleted while it was staged", async () => {
    const { first, second } = subject();
    await created(subject());
    const pause = pauseAt(isManifestPut);
    first.store.follow(pause.script);
    const late = first.engine.load(loading(subject(), [person("ada")]));
    await pause.reached;
    done(await second.engine.remove(write(subject(), 1)));
    pause.release();
    expect(await late).toMatchObject({ tag: "refused", head: { tag: "deleted" } });
  });

  it("recognises its own publication although the answer was lost", async () => {
    const { first } = subject();
    await created(subject());
    first.store.follow((call) => (isManifestPut(call) ? "lose_answer" : "act"));
    expect(done(await first.engine.fence(write(subject(), 1)))).toMatchObject({ version: 2 });
    expect(done(await first.engine.load(loading(subject(), [person("ada")])))).toMatchObject({ version: 3 });
    expect(await namesOf(subject().second)).toEqual(["ada"]);
  });

  it("does not take another operation's publication for its own when its own answer was lost", async () => {
    const { first, second } = subject();
    await created(subject());
    const other = done(await second.engine.fence(write(subject(), 1)));
    const pause = pauseAt(isManifestPut);
    second.store.follow(pause.script);
    const loser = second.engine.remove(write(subject(), 2));
    await pause.reached;
    const winner = done(await first.engine.fence(write(subject(), other.version)));
    second.store.follow((call) => (isManifestPut(call) ? "lose_answer" : "act"));
    pause.release("lose_answer");
    expect(await loser).toMatchObject({ tag: "refused", head: { tag: "live", head: winner } });
  });

  it("answers ambiguous while nobody can know, and unavailable when nothing was accepted", async () => {
    const { first, second } = subject();
    const manifest = await created(subject());
    first.store.follow((call) => (isManifestPut(call) ? "lose_request" : "act"));
    expect((await first.engine.fence(write(subject(), 1))).tag).toBe("ambiguous");
    first.store.follow((call) => (isManifestPut(call) ? "fail" : "act"));
    expect((await first.engine.fence(write(subject(), 1))).tag).toBe("unavailable");
    expect(await headOf(second)).toEqual(manifest);
  });

  it("answers a repeated operation with the manifest that landed, whatever came after, and does nothing twice", async () => {
    const { first, second } = subject();
    await created(subject());
    const request = { ...write(subject(), 1), schema_source: NOTED, data_loss: false };
    const landed = done(await first.engine.migrate(request));
    const load = loading(subject(), [person("ada")], "append");
    const rows = done(await first.engine.load(load));
    done(await second.engine.fence(write(subject(), 3)));
    expect(done(await second.engine.migrate(request))).toEqual(landed);
    expect(done(await second.engine.load(load))).toEqual(rows);
    expect((await headOf(first)).version).toBe(4);
    expect(await namesOf(first)).toEqual(["ada"]);
  });

  it("refuses a version that is behind or ahead of the head, so that a chain never has a gap", async () => {
    const { first, second } = subject();
    await created(subject());
    const head = done(await first.engine.fence(write(subject(), 1)));
    for (const expected of [0, 1, 3, 9]) {
      const outcome = await second.engine.fence(write(subject(), expected));
      expect(outcome).toMatchObject({ tag: "refused", head: { tag: "live", head } });
    }
    expect((await second.engine.at(GRAPH, 3)).tag).toBe("absent");
    expect((await second.engine.at(GRAPH, 10)).tag).toBe("absent");
  });
}
