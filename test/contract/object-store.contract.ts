/**
 * The contract of lib/ports/object-store as tests, for every adapter: two clients on one backend.
 *
 * An adapter's own test calls `objectStoreContract` with a factory of fresh backends.
 */
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import { type ObjectStore, type StoreKey, storeKey, type Version } from "../../lib/ports/object-store.ts";

/** Promises that some servers of others do not keep; `graphform doctor` finds them out. */
export type LackingPromise = "remove_on_version" | "replace_of_nothing";

export interface ObjectStoreFixture {
  readonly a: ObjectStore;
  readonly b: ObjectStore;
  /** What this backend, which is not ours, is known to lack; never anything for a backend of ours. */
  readonly lacks?: ReadonlySet<LackingPromise>;
  close(): Promise<void>;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

async function put(store: ObjectStore, key: StoreKey, content: string): Promise<Version> {
  const outcome = await store.putIfAbsent(key, text(content));
  if (outcome.tag !== "done") throw new Error(`put of ${key} was ${outcome.tag}`);
  return outcome.value;
}

async function content(store: ObjectStore, key: StoreKey): Promise<string | null> {
  const outcome = await store.get(key);
  if (outcome.tag === "unavailable") throw new Error(outcome.reason);
  return outcome.tag === "found" ? new TextDecoder().decode(outcome.bytes) : null;
}

/** Runs the suite against backends that `open` makes. */
export function objectStoreContract(adapter: string, open: () => Promise<ObjectStoreFixture>): void {
  describe(`object store on ${adapter}`, () => {
    let fixture: ObjectStoreFixture;
    let a: ObjectStore;
    let b: ObjectStore;
    beforeEach(async () => {
      fixture = await open();
      ({ a, b } = fixture);
    });
    afterEach(() => fixture.close());
    const needs = (context: TestContext, promise: LackingPromise): void => {
      if (fixture.lacks?.has(promise) === true) context.skip(`this server does not keep ${promise}`);
    };

    for (const folder of ["__cluster/recoveries", "__graphform/approvals", "graphs/a.omni/__manifest"]) {
      describe(`below ${folder}/`, () => {
        const key = storeKey(`${folder}/one.json`);

        it("answers absent for a key that nobody has put", async () => {
          expect(await a.get(key)).toEqual({ tag: "absent" });
        });

        it("shows the other client exactly the bytes that were put", async () => {
          const bytes = Uint8Array.from([0, 255, 13, 10, 0]);
          const outcome = await a.putIfAbsent(key, bytes);
          const found = await b.get(key);
          expect(outcome.tag).toBe("done");
          expect(found.tag === "found" ? [...found.bytes] : found).toEqual([...bytes]);
          expect(found.tag === "found" && outcome.tag === "done" && found.version === outcome.value).toBe(
            true,
          );
        });

        it("keeps an empty object apart from an absent one", async () => {
          await put(a, key, "");
          expect(await content(b, key)).toBe("");
        });

        it("takes the body at the call, so that later changes to the buffer do not reach the store", async () => {
          const bytes = text("before");
          const pending = a.putIfAbsent(key, bytes);
          bytes.fill(0x78);
          await pending;
          expect(await content(b, key)).toBe("before");
        });

        it("refuses to put where something is, and names the version that is there", async () => {
          const version = await put(a, key, "first");
          const outcome = await b.putIfAbsent(key, text("second"));
          expect(outcome).toEqual({ tag: "refused", current: { tag: "found", version } });
          expect(await content(a, key)).toBe("first");
        });

        it("lets exactly one of many concurrent puts win", async () => {
          const clients = [a, b, a, b, a, b];
          const outcomes = await Promise.all(
            clients.map((store, n) => store.putIfAbsent(key, text(`writer ${n}`))),
          );
          const winners = outcomes.flatMap((outcome, n) => (outcome.tag === "done" ? [n] : []));
          expect(winners).toHaveLength(1);
          expect(await content(a, key)).toBe(`writer ${winners[0]}`);
        });

        it("replaces an object on its version and gives a new one", async () => {
          const version = await put(a, key, "first");
          const outcome = await b.replace(key, text("second"), version);
          expect(outcome.tag).toBe("done");
          expect(outcome.tag === "done" && outcome.value !== version).toBe(true);
          expect(await content(a, key)).toBe("second");
        });

        it("refuses to replace on a version that is not there any more", async () => {
          const version = await put(a, key, "first");
          await a.replace(key, text("second"), version);
          const outcome = await b.replace(key, text("third"), version);
          expect(outcome.tag).toBe("refused");
          expect(await content(a, key)).toBe("second");
        });

        it("refuses to replace what is absent", async (context) => {
          needs(context, "replace_of_nothing");
          const version = await put(a, storeKey(`${folder}/other.json`), "x");
          expect(await a.replace(key, text("y"), version)).toEqual({
            tag: "refused",
            current: { tag: "absent" },
          });
          expect(await content(b, key)).toBeNull();
        });

        it("removes an object on its version only", async (context) => {
          needs(context, "remove_on_version");
          const first = await put(a, key, "first");
          await a.replace(key, text("second"), first);
          const second = await a.get(key);
          expect((await b.remove(key, first)).tag).toBe("refused");
          expect(await content(a, key)).toBe("second");
          expect(second.tag === "found" ? await b.remove(key, second.version) : second).toEqual({
            tag: "done",
            value: null,
          });
          expect(await content(a, key)).toBeNull();
        });

        it("refuses to remove what is absent", async (context) => {
          needs(context, "remove_on_version");
          const version = await put(a, key, "x");
          await a.remove(key, version);
          expect(await b.remove(key, version)).toEqual({ tag: "refused", current: { tag: "absent" } });
        });

        it("can be put again after a removal", async () => {
          await a.remove(key, await put(a, key, "first"));
          await put(b, key, "second");
          expect(await content(a, key)).toBe("second");
          const listed = await a.list({ prefix: `${folder}/`, limit: 10 });
          expect(listed).toEqual({ tag: "listed", keys: [key], next: null });
        });

        it("lists what is there in ascending byte order, and nothing that was removed", async () => {
          for (const name of ["b", "a-", "a", "ä", "a/x", "Z"])
            await put(a, storeKey(`${folder}/${name}.json`), name);
          await a.remove(key, await put(a, key, "gone"));
          const replaced = storeKey(`${folder}/b.json`);
          const found = await a.get(replaced);
          if (found.tag === "found") await a.replace(replaced, text("new"), found.version);
          const listed = await b.list({ prefix: `${folder}/`, limit: 100 });
          const names =
            listed.tag === "listed" ? listed.keys.map((each) => each.slice(folder.length + 1)) : listed;
          expect(names).toEqual(["Z.json", "a-.json", "a.json", "a/x.json", "b.json", "ä.json"]);
        });

        it("tells the size of each object of a page when asked to", async () => {
          const gone = storeKey(`${folder}/a`);
          const version = await put(a, gone, "aaa");
          for (const name of ["b/c", "d"]) await put(a, storeKey(`${folder}/${name}`), name.repeat(3));
          const found = await a.get(storeKey(`${folder}/d`));
          if (found.tag === "found")
            await a.replace(storeKey(`${folder}/d`), text("replaced"), found.version);
          const options = { prefix: `${folder}/`, limit: 2, sizes: true };
          const first = await b.list(options);
          if (first.tag !== "listed") throw new Error(first.reason);
          const rest = await b.list({ ...options, after: first.next ?? "" });
          expect(first.sizes).toEqual([3, 9]);
          expect(rest).toMatchObject({ keys: [`${folder}/d`], sizes: ["replaced".length], next: null });
          const shallow = await b.list({ ...options, limit: 9, shallow: true });
          expect(shallow).toMatchObject({ sizes: [3, "replaced".length] });
          await a.remove(gone, version);
          expect(await b.list({ ...options, limit: 1 })).toMatchObject({ sizes: [9] });
        });

        it("lists direct children only when asked to be shallow", async () => {
          for (const name of ["a", "b/c", "d"]) await put(a, storeKey(`${folder}/${name}`), name);
          const listed = await b.list({ prefix: `${folder}/`, limit: 100, shallow: true });
          expect(listed.tag === "listed" ? listed.keys : listed).toEqual([`${folder}/a`, `${folder}/d`]);
        });

        it("lists child folders only when asked for folders, and continues such a listing", async () => {
          for (const name of ["a", "b/c", "b/d/e", "b-/x", "c/y", "d"])
            await put(a, storeKey(`${folder}/${name}`), name);
          const options = { prefix: `${folder}/`, folders: true, limit: 2 };
          const first = await b.list(options);
          if (first.tag !== "listed") throw new Error(first.reason);
          const rest = await b.list({ ...options, after: first.next ?? "" });
          const folders = [...first.keys, ...(rest.tag === "listed" ? rest.keys : [])];
          expect(folders.map((each) => each.slice(folder.length))).toEqual(["/b-/", "/b/", "/c/"]);
          expect([first.next !== null, rest.tag === "listed" ? rest.next : rest]).toEqual([true, null]);
        });

        it("continues a listing that was cut, without gap or repeat", async () => {
          const keys = Array.from({ length: 7 }, (_, n) => storeKey(`${folder}/${n}.json`));
          for (const each of keys) await put(a, each, "x");
          const seen: StoreKey[] = [];
          let after: string | undefined;
          do {
            const page = await b.list({ prefix: `${folder}/`, limit: 3, after });
            if (page.tag !== "listed") throw new Error(page.reason);
            expect(page.keys.length).toBeLessThanOrEqual(3);
            seen.push(...page.keys);
            after = page.next ?? undefined;
          } while (after !== undefined);
          expect(seen).toEqual(keys);
        });
      });
    }

    it("lists by a prefix that ends inside a name", async () => {
      for (const name of ["10-a", "10-b", "11-a"])
        await put(a, storeKey(`__graphform/receipts/${name}`), name);
      const listed = await b.list({ prefix: "__graphform/receipts/10-", limit: 100 });
      expect(listed.tag === "listed" ? listed.keys.length : listed).toBe(2);
    });

    it("lists nothing where nothing was put", async () => {
      expect(await a.list({ prefix: "__cluster/approvals/", limit: 10 })).toEqual({
        tag: "listed",
        keys: [],
        next: null,
      });
    });

    it("lets exactly one of many concurrent replacements below __graphform/ win", async () => {
      const key = storeKey("__graphform/approvals/one.json");
      for (let round = 0; round < 3; round += 1) {
        const start = await a.get(key);
        const version = start.tag === "found" ? start.version : await put(a, key, "start");
        const clients = [a, b, a, b, a, b];
        const outcomes = await Promise.all(
          clients.map((store, n) => store.replace(key, text(`round ${round} writer ${n}`), version)),
        );
        const winners = outcomes.flatMap((outcome, n) => (outcome.tag === "done" ? [n] : []));
        expect(winners).toHaveLength(1);
        expect(await content(b, key)).toBe(`round ${round} writer ${winners[0]}`);
      }
    });
  });
}
