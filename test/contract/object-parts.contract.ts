/**
 * The contract of lib/ports/object-parts as tests, for every adapter: two clients on one backend, and the object store of
 * the same root, whose objects they are.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ObjectParts, PartsWriting } from "../../lib/ports/object-parts.ts";
import { type ObjectStore, storeKey, type Version } from "../../lib/ports/object-store.ts";

export interface ObjectPartsFixture {
  readonly a: ObjectParts;
  readonly b: ObjectParts;
  readonly store: ObjectStore;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
/** The shortest that S3 takes before the last one. */
const PART_BYTES = 5 * MIB;
const key = storeKey("graphs/a.omni/rows.lance/data/long");

/** Bytes of which no part is like another. */
function content(bytes: number, seed: number): Uint8Array {
  const whole = Buffer.alloc(bytes, seed);
  for (let at = 0; at + 4 <= bytes; at += 64 * 1024) whole.writeUInt32LE(at + seed, at);
  return whole;
}

async function begun(parts: ObjectParts): Promise<PartsWriting> {
  const began = await parts.begin(key);
  if (began.tag !== "begun") throw new Error(began.reason);
  return began.writing;
}

async function written(parts: ObjectParts, whole: Uint8Array): Promise<PartsWriting> {
  const writing = await begun(parts);
  for (let at = 0; at < whole.length; at += PART_BYTES) {
    expect(await writing.add(whole.subarray(at, at + PART_BYTES))).toEqual({ tag: "added" });
  }
  return writing;
}

async function put(parts: ObjectParts, whole: Uint8Array, over: Version | null = null): Promise<Version> {
  const outcome = await (await written(parts, whole)).finish(over);
  if (outcome.tag !== "done") throw new Error(`it was ${outcome.tag}`);
  return outcome.value;
}

async function isThere(store: ObjectStore, whole: Uint8Array): Promise<boolean> {
  const found = await store.get(key);
  return found.tag === "found" && Buffer.compare(found.bytes, whole) === 0;
}

/** Runs the suite against backends that `open` makes. */
export function objectPartsContract(adapter: string, open: () => Promise<ObjectPartsFixture>): void {
  describe(`objects in parts on ${adapter}`, () => {
    let fixture: ObjectPartsFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());
    const [FIRST, SECOND] = [content(PART_BYTES + MIB, 1), content(2 * PART_BYTES, 2)];

    it("are nothing before they are finished, and whole then, for every client and the object store", async () => {
      const { a, b, store } = fixture;
      const writing = await written(a, FIRST);
      expect(await b.read(key, { from: 0, bytes: 10 }, null)).toEqual({ tag: "absent" });
      expect(await store.get(key)).toEqual({ tag: "absent" });
      expect((await writing.finish(null)).tag).toBe("done");
      expect(await isThere(store, FIRST)).toBe(true);
    });

    it("are read by ranges of one version, the last as long as the object is", async () => {
      const { a, b } = fixture;
      const version = await put(a, FIRST);
      const size = FIRST.length;
      for (const [from, bytes] of [
        [0, 10],
        [PART_BYTES - 5, 10],
        [size - 3, 10],
      ] as const) {
        const read = await b.read(key, { from, bytes }, version);
        const expected = Buffer.from(FIRST.subarray(from, from + bytes)).toString("hex");
        if (read.tag !== "found") throw new Error(read.tag);
        expect({ ...read, bytes: Buffer.from(read.bytes).toString("hex") }).toEqual({
          tag: "found",
          bytes: expected,
          version,
          size,
        });
      }
    });

    it("are the objects of the object store, and ranges beyond their end are of something else", async () => {
      const { a, store } = fixture;
      await store.putIfAbsent(key, Buffer.from("short"));
      expect(await a.read(key, { from: 1, bytes: 3 }, null)).toMatchObject({ tag: "found", size: 5 });
      expect(await a.read(key, { from: 5, bytes: 3 }, null)).toEqual({ tag: "changed" });
    });

    it("are read also where an object is empty, as an object and not as one that has changed", async () => {
      const { a, store } = fixture;
      await store.putIfAbsent(key, new Uint8Array());
      const read = await a.read(key, { from: 0, bytes: PART_BYTES }, null);
      expect(read).toMatchObject({ tag: "found", size: 0 });
      if (read.tag !== "found") throw new Error(read.tag);
      expect(read.bytes).toHaveLength(0);
      const over = content(64, 7);
      expect(await put(a, over, read.version)).not.toBe(read.version);
      expect(await isThere(store, over)).toBe(true);
      expect(await a.read(key, { from: 0, bytes: 1 }, read.version)).toEqual({ tag: "changed" });
    });

    it("are not finished over anything if nothing may be there, and what is there is named", async () => {
      const { a, b, store } = fixture;
      const late = await written(b, SECOND);
      const version = await put(a, FIRST);
      expect(await late.finish(null)).toEqual({ tag: "refused", current: { tag: "found", version } });
      await late.abandon();
      expect(await isThere(store, FIRST)).toBe(true);
    });

    it("replace the version that they are to replace and no other, and readers of the old one are told", async () => {
      const { a, b, store } = fixture;
      const first = await put(a, FIRST);
      const late = await written(b, FIRST);
      const second = await put(a, SECOND, first);
      expect(second).not.toBe(first);
      expect(await isThere(store, SECOND)).toBe(true);
      expect(await b.read(key, { from: 0, bytes: 10 }, first)).toEqual({ tag: "changed" });
      expect(await late.finish(first)).toEqual({
        tag: "refused",
        current: { tag: "found", version: second },
      });
      expect(await isThere(store, SECOND)).toBe(true);
    });

    it("replace nothing that is not there", async () => {
      const { a, store } = fixture;
      const version = await put(a, FIRST);
      const writing = await written(a, SECOND);
      const found = await store.get(key);
      if (found.tag === "found") await store.remove(key, found.version);
      expect(await writing.finish(version)).toEqual({ tag: "refused", current: { tag: "absent" } });
      expect(await store.get(key)).toEqual({ tag: "absent" });
    });

    it("leave nothing when they are given up, and nothing but themselves when they are not", async () => {
      const { a, store } = fixture;
      await (await written(a, FIRST)).abandon();
      const listed = async () => store.list({ prefix: "", limit: 10 });
      expect(await listed()).toMatchObject({ keys: [] });
      await put(a, FIRST);
      expect(await listed()).toMatchObject({ keys: [key] });
    });
  });
}
