/**
 * Files with rows that are too long to hold: moved in parts, and never more of all contents held at once than the limits
 * say. What is on its way is counted in bytes, at every call of a store.
 */
import { describe, expect, it } from "vitest";
import type { CopyLimits } from "../../lib/backup/limits.ts";
import { verifyBackup } from "../../lib/backup/verify-backup.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { ATTEMPTS_MAX } from "../../lib/ledger/limits.ts";
import { createMemoryObjectParts } from "../../lib/memory/object-parts.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { ObjectParts } from "../../lib/ports/object-parts.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import { codesOf, keysBelow, newWorld, putText, textOf, type World } from "../apply/cluster.ts";
import { FAULTS, type Fault, faultAt, interfering, recorder } from "../apply/faults.ts";
import { type Call, type Interference, NO_INTERFERENCE } from "../apply/interference.ts";
import { type Backing, backUp, newBacking, restoreInto } from "./backed-up.ts";
import { deployed } from "./deployed.ts";

/** The parts of the cluster itself are some hundred bytes each. */
const LIMITS: CopyLimits = { held_bytes_max: 20_000, part_bytes_min: 4_000, whole_bytes_max: 10_000 };
const HELD_ALONE: CopyLimits = { ...LIMITS, held_bytes_max: 100 };
const FOLDER = "graphs/people.omni/01ARZ3NDEKTSV4RRFFQ69G5FAV/1-1.lance/data";
const LONG = `${FOLDER}/long.lance`;
const LONG_TEXT = Array.from({ length: 2_100 }, (_, at) => `${at},`).join("");
const LONG_NAME = nameOf(LONG_TEXT);

function nameOf(text: string): string {
  const digest = sha256(text);
  return `objects/${digest.slice(0, 2)}/${digest}`;
}

async function withLong(): Promise<Backing> {
  const { world } = await deployed();
  putText(world, LONG, LONG_TEXT);
  return { ...newBacking(world), limits: LIMITS };
}

const restored = (target: World, { place }: Backing, by: Interference = NO_INTERFERENCE, limits = LIMITS) =>
  restoreInto(target, place, {}, by, limits);

function verified({ place, source }: Backing) {
  const { objects } = place;
  const contents = { store: createMemoryObjectStore(objects), parts: createMemoryObjectParts(objects) };
  const command = { from: "/backups", backup_id: null, digest: null, progress: () => undefined };
  return verifyBackup({ ...contents, clock: source.clock }, command, LIMITS);
}

/** Calls about one object, and how they are made. */
function callsOf(seen: readonly Call[], ...keys: readonly string[]): readonly Call[] {
  return seen.filter(({ key }) => keys.includes(key));
}

/** Dying at each call, and one of the other faults there; of what finishes all of them. */
function faultsOf(calls: readonly Call[]): readonly { readonly fault: Fault; readonly ordinal: number }[] {
  return calls.flatMap(({ ordinal, verb }) => {
    const faults =
      verb === "parts.finish" ? FAULTS : (["die_before", FAULTS[ordinal % FAULTS.length]] as const);
    return faults.flatMap((fault) => (fault === undefined ? [] : [{ fault, ordinal }]));
  });
}

describe("a file with rows that is too long to hold", () => {
  it("is copied and comes back in parts alone, and is not copied again", async () => {
    const backing = await withLong();
    const by = recorder();
    const taken = await backUp({ ...backing, interference: by });
    expect({ ok: taken.ok, codes: codesOf(taken) }).toEqual({ ok: true, codes: [] });
    expect(textOf(backing.place, LONG_NAME)).toBe(LONG_TEXT);
    const verbs = callsOf(by.seen, LONG, LONG_NAME).map(({ verb }) => verb);
    expect(new Set(verbs)).toEqual(new Set(["parts.read", "parts.begin", "parts.add", "parts.finish"]));
    expect(verbs.filter((verb) => verb === "parts.add")).toHaveLength(3);

    const again = recorder();
    const next = await backUp({ ...backing, interference: again });
    expect(next).toMatchObject({ ok: true, objects_written: 0 });
    expect(callsOf(again.seen, LONG, LONG_NAME)).toEqual([]);

    const target = newWorld();
    const back = recorder();
    expect(codesOf(await restored(target, backing, back))).toEqual([]);
    expect(textOf(target, LONG)).toBe(LONG_TEXT);
    expect(callsOf(back.seen, LONG).every(({ verb }) => verb.startsWith("parts."))).toBe(true);
  });

  it("is whole in the place and at the root whichever of its calls fails, dies or loses its answer", async () => {
    const undisturbed = await withLong();
    const by = recorder();
    await backUp({ ...undisturbed, interference: by });
    const contents = keysBelow(undisturbed.place, "objects/");
    for (const { fault, ordinal } of faultsOf(callsOf(by.seen, LONG, LONG_NAME))) {
      const at = `backup: ${fault} at ${ordinal}`;
      const backing: Backing = { ...newBacking(undisturbed.source), limits: LIMITS };
      const interference = faultAt(ordinal, fault);
      await Promise.race([backUp({ ...backing, interference }), interference.died]);
      const next = await backUp(backing);
      expect({ ok: next.ok, codes: codesOf(next) }, at).toEqual({ ok: true, codes: [] });
      expect(keysBelow(backing.place, "objects/"), at).toEqual(contents);
      expect(textOf(backing.place, LONG_NAME), at).toBe(LONG_TEXT);
    }
    const back = recorder();
    await restored(newWorld(), undisturbed, back);
    for (const { fault, ordinal } of faultsOf(callsOf(back.seen, LONG, LONG_NAME))) {
      const target = newWorld();
      const interference = faultAt(ordinal, fault);
      await Promise.race([restored(target, undisturbed, interference), interference.died]);
      const next = await restored(target, undisturbed);
      expect(codesOf(next), `restore: ${fault} at ${ordinal}`).toEqual([]);
      expect(textOf(target, LONG)).toBe(LONG_TEXT);
    }
  });

  it("is found out when it is damaged or missing in the place, is never restored, and is put again", async () => {
    const backing = await withLong();
    await backUp(backing);
    for (const damage of [`X${LONG_TEXT.slice(1)}`, LONG_TEXT.slice(1), "", null]) {
      if (damage === null) backing.place.objects.objects.delete(LONG_NAME);
      else putText(backing.place, LONG_NAME, damage);
      const found = damage === null ? "missing" : "damaged";
      expect(await verified(backing)).toMatchObject({
        ok: false,
        damaged: [{ object: LONG_NAME, found, key: LONG }],
      });
      const target = newWorld();
      expect(codesOf(await restored(target, backing))).toEqual(["backup_unusable"]);
      expect(target.objects.objects.has(LONG)).toBe(false);
      const mended = await backUp(backing, true);
      expect(mended).toMatchObject({ ok: true, objects_written: 1 });
      expect(codesOf(mended)).toEqual(damage === null ? [] : ["backup_objects_repaired"]);
      expect(await verified(backing)).toMatchObject({ ok: true, damaged: [] });
    }
  });

  it("that goes between its two reads is no part of the backup, and stops none", async () => {
    const backing = await withLong();
    const first = recorder();
    await backUp({ ...backing, place: newWorld(), interference: first });
    const reads = callsOf(first.seen, LONG).length / 2;
    let read = 0;
    const interference = interfering(({ key }) => {
      if (key === LONG) read += 1;
      if (read > reads) backing.source.objects.objects.delete(LONG);
      return "act";
    });
    const taken = await backUp({ ...backing, interference });
    expect({ read, ok: taken.ok, codes: codesOf(taken) }).toEqual({ read: reads + 1, ok: true, codes: [] });
    expect(backing.place.objects.objects.has(LONG_NAME)).toBe(false);
  });

  it("is found where only the last of its writes has landed, and its answer was lost", async () => {
    const backing = await withLong();
    let finished = 0;
    const interference = interfering(({ verb }) => {
      if (verb !== "parts.finish") return "act";
      finished += 1;
      return finished < ATTEMPTS_MAX ? "fail" : "lose_answer";
    });
    const taken = await backUp({ ...backing, interference });
    expect({ finished, ok: taken.ok, codes: codesOf(taken) }).toEqual({
      ...{ finished: ATTEMPTS_MAX, ok: true, codes: [] },
    });
    expect(textOf(backing.place, LONG_NAME)).toBe(LONG_TEXT);
  });

  it("is left alone at a root where another content has its name", async () => {
    const backing = await withLong();
    await backUp(backing);
    const back = recorder();
    await restored(newWorld(), backing, back);
    const [first] = callsOf(back.seen, LONG);
    const target = newWorld();
    const dying = faultAt(first?.ordinal ?? 0, "die_before");
    await Promise.race([restored(target, backing, dying), dying.died]);
    putText(target, LONG, "another");
    expect(codesOf(await restored(target, backing))).toEqual(["backup_store_error"]);
    expect(textOf(target, LONG)).toBe("another");
  });
});

describe("an object that has to be held and is too long for that", () => {
  it("is told by a backup, which leaves none behind", async () => {
    const backing = await withLong();
    const record = "__graphform/audit/long.json";
    putText(backing.source, record, "x".repeat(LIMITS.whole_bytes_max + 1));
    const taken = await backUp(backing);
    expect(taken.diagnostics).toMatchObject([{ code: "backup_object_too_long", path: record }]);
    expect(keysBelow(backing.place, "backups/")).toEqual([]);
  });

  it("is told by a restore of a backup that a program with other limits has made", async () => {
    const backing = await withLong();
    const names = `${FOLDER}/long.rows`;
    putText(backing.source, names, `root=${"x".repeat(LIMITS.whole_bytes_max)}`);
    expect(codesOf(await backUp({ ...backing, limits: { ...LIMITS, whole_bytes_max: 20_000 } }))).toEqual([]);
    const target = newWorld();
    expect((await restored(target, backing)).diagnostics).toMatchObject([
      { code: "backup_object_too_long", path: names },
    ]);
  });
});

/** Counts the bytes of contents that are on their way to or from a store at once. */
function countedBytes() {
  const bytes = { now: 0, most: 0, alone: 0, calls: 0 };
  const during = async <Answer>(count: number, call: () => Promise<Answer>): Promise<Answer> => {
    bytes.now += count;
    bytes.calls += 1;
    bytes.most = Math.max(bytes.most, bytes.now);
    bytes.alone = Math.max(bytes.alone, count);
    // Time for all others to begin too.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const answer = await call();
    bytes.now -= count;
    return answer;
  };
  const store = (inner: ObjectStore, { objects }: World): ObjectStore => ({
    ...inner,
    get: (key) => during(objects.objects.get(key)?.length ?? 0, () => inner.get(key)),
    putIfAbsent: (key, body) => during(body.length, () => inner.putIfAbsent(key, body)),
  });
  const parts = (inner: ObjectParts): ObjectParts => ({
    read: (key, range, version) => during(range.bytes, () => inner.read(key, range, version)),
    async begin(key) {
      const began = await inner.begin(key);
      if (began.tag !== "begun") return began;
      const { writing } = began;
      return {
        tag: "begun",
        writing: {
          add: (part) => during(part.length, () => writing.add(part)),
          finish: (over) => writing.finish(over),
          abandon: () => writing.abandon(),
        },
      };
    },
  });
  return { bytes, counted: { store, parts } };
}

describe("the contents that are held at once", () => {
  /** Sixteen files, each half of what may be held, in whole or in parts. */
  async function crowded(bytes: number, limits: CopyLimits): Promise<Backing> {
    const { world } = await deployed();
    for (let file = 0; file < 16; file += 1) {
      putText(world, `${FOLDER}/${file}.lance`, String(file).padEnd(bytes, "."));
    }
    return { ...newBacking(world), limits };
  }

  async function moved(backing: Backing) {
    const { bytes, counted } = countedBytes();
    const target = newWorld();
    const { limits = LIMITS } = backing;
    expect(codesOf(await backUp({ ...backing, counted }))).toEqual([]);
    const there = await restoreInto(target, backing.place, {}, NO_INTERFERENCE, limits, counted);
    expect(codesOf(there)).toEqual([]);
    expect(textOf(target, `${FOLDER}/3.lance`)).toBe(textOf(backing.source, `${FOLDER}/3.lance`));
    return bytes;
  }

  it.each([
    ["whole", 9_000, { ...LIMITS, part_bytes_min: 9_000 }],
    ["in parts", 30_000, { ...LIMITS, part_bytes_min: 9_000 }],
  ])("are no more than may be, moved %s, and as many as may be", async (_, bytes, limits) => {
    const { most } = await moved(await crowded(bytes, limits));
    expect(most).toBeLessThanOrEqual(limits.held_bytes_max);
    expect(most).toBeGreaterThan(limits.held_bytes_max - limits.part_bytes_min);
  });

  it("are one alone, if it is more than may be held", async () => {
    const { most, alone } = await moved(await crowded(9_000, { ...HELD_ALONE, part_bytes_min: 9_000 }));
    expect(alone).toBe(9_000);
    expect(most).toBe(alone);
  });
});
