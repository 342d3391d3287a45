/** What is special about an object store on a folder: paths, errors, mirrors, leftovers. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { type FileCalls, NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { type ObjectStore, storeKey } from "../../lib/ports/object-store.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { pausedCalls } from "./watched-calls.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const KEY = storeKey("__cluster/lock.json");
const OWN_KEY = storeKey("__graphform/approvals/one.json");

function failing(verb: keyof FileCalls, code: string): FileCalls {
  return {
    ...NODE_FILE_CALLS,
    [verb]: async () => {
      throw Object.assign(new Error(`${code}: planted`), { code });
    },
  };
}

describe("an object store on a folder", () => {
  let folder: TemporaryFolder;
  let path: string;
  let store: ObjectStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, "a %41 b#c?d");
    store = openFileRoot(path).store;
  });
  afterEach(() => folder.remove());
  const withCalls = (calls: FileCalls): ObjectStore => openFileRoot(path, SYSTEM_CLOCK, calls).store;

  it("looks for a page only into folders that can hold one of its keys", async () => {
    const names = ["a.omni", "a/x", "a/y/z", "a0", "b/x", "c/d/e", "c/x"].map((name) => `graphs/${name}`);
    for (const name of names) await store.putIfAbsent(storeKey(name), text("row"));
    const looked: string[] = [];
    const watched = withCalls({
      ...NODE_FILE_CALLS,
      entries: (at) => {
        looked.push(at.slice(path.length + 1));
        return NODE_FILE_CALLS.entries(at);
      },
    });
    const pages: string[] = [];
    for (let after: string | undefined; pages.length < 2 * names.length; ) {
      const page = await watched.list({ prefix: "graphs/", limit: 1, after });
      if (page.tag !== "listed") throw new Error(page.tag);
      pages.push(...page.keys);
      if (page.next === null) break;
      after = page.next;
    }
    expect(pages).toEqual(names);
    looked.length = 0;
    await watched.list({ prefix: "graphs/", limit: 1, after: "graphs/a0" });
    expect(looked).toEqual(["graphs", "graphs/b", "graphs/c", "graphs/c/d"]);
  });

  it("leaves no part of a file behind that a full disk did not let it write", async () => {
    const calls: FileCalls = {
      ...NODE_FILE_CALLS,
      async writeNew(target, bytes) {
        await writeFile(target, bytes.subarray(0, 2));
        throw Object.assign(new Error("ENOSPC: planted"), { code: "ENOSPC" });
      },
    };
    expect((await withCalls(calls).putIfAbsent(KEY, text("lock"))).tag).toBe("unavailable");
    expect(await readdir(join(path, "__graphform/staging"))).toEqual([]);
    expect((await store.get(KEY)).tag).toBe("absent");
  });

  it("takes %, #, ? and spaces in the path of its root as they are (W21)", async () => {
    await store.putIfAbsent(KEY, text("lock"));
    expect(await readFile(join(path, "__cluster/lock.json"), "utf8")).toBe("lock");
    expect(await readdir(folder.path)).toEqual(["a %41 b#c?d"]);
  });

  it("creates nothing when it is only read", async () => {
    const root = openFileRoot(path);
    await store.get(KEY);
    await store.get(OWN_KEY);
    await store.list({ prefix: "", limit: 10 });
    await root.ledger.read();
    await root.lease.read();
    expect(await readdir(folder.path)).toEqual([]);
  });

  for (const key of [
    "../x",
    "a/../../x",
    "/x",
    "a//b",
    "a/",
    "",
    ".",
    "a\\b",
    "a\0b",
    "__graphform/versions/x/1",
    "__graphform/commits/1",
    `a/${"x".repeat(2000)}`,
  ]) {
    it(`refuses the key ${JSON.stringify(key.slice(0, 30))} for every call and touches nothing (W35)`, async () => {
      const bad = storeKey(key);
      const version = "v" as never;
      const answers = [
        await store.get(bad),
        await store.putIfAbsent(bad, text("x")),
        await store.replace(bad, text("x"), version),
        await store.remove(bad, version),
      ];
      expect(answers.map((each) => each.tag)).toEqual(Array(4).fill("unavailable"));
      expect(await readdir(folder.path)).toEqual([]);
    });
  }

  it("lists nothing by a prefix that would leave the root (W35)", async () => {
    expect((await store.list({ prefix: "../", limit: 10 })).tag).toBe("unavailable");
  });

  for (const code of ["EACCES", "EIO", "ENOTDIR", "EISDIR", "ELOOP"]) {
    it(`never takes ${code} for absence (W4, design 4.7)`, async () => {
      expect((await withCalls(failing("read", code)).get(KEY)).tag).toBe("unavailable");
      const entries = withCalls(failing("entries", code));
      expect((await entries.get(OWN_KEY)).tag).toBe("unavailable");
      expect((await entries.list({ prefix: "__cluster/", limit: 10 })).tag).toBe("unavailable");
    });
  }

  it("never takes a folder, or a file in the place of a folder, for absence (W4)", async () => {
    await mkdir(join(path, "__cluster/lock.json"), { recursive: true });
    await writeFile(join(path, "graphs"), "a file");
    expect((await store.get(KEY)).tag).toBe("unavailable");
    expect((await store.get(storeKey("graphs/a.omni/graphform.json"))).tag).toBe("unavailable");
    expect((await store.list({ prefix: "graphs/", limit: 10 })).tag).toBe("unavailable");
  });

  it("makes a listing unavailable when any folder in it cannot be read, never shorter (W4)", async () => {
    await store.putIfAbsent(storeKey("graphs/a/one"), text("x"));
    await store.putIfAbsent(storeKey("graphs/b/two"), text("x"));
    const calls: FileCalls = {
      ...NODE_FILE_CALLS,
      entries: (at) =>
        at.endsWith("/b") ? failing("entries", "EACCES").entries(at) : NODE_FILE_CALLS.entries(at),
    };
    expect((await withCalls(calls).list({ prefix: "graphs/", limit: 10 })).tag).toBe("unavailable");
  });

  it("explains that it needs hard links where the file system has none", async () => {
    const outcome = await withCalls(failing("link", "EPERM")).putIfAbsent(KEY, text("x"));
    expect(outcome.tag === "unavailable" ? outcome.reason : outcome).toContain("hard links");
  });

  it("recognises its own link when the system reports it as taken after a lost answer (W10)", async () => {
    const calls: FileCalls = {
      ...NODE_FILE_CALLS,
      link: async (from, to) => {
        await NODE_FILE_CALLS.link(from, to);
        throw Object.assign(new Error("EEXIST: repeated by the network"), { code: "EEXIST" });
      },
    };
    expect((await withCalls(calls).putIfAbsent(KEY, text("x"))).tag).toBe("done");
  });

  it("calls a write whose error says nothing ambiguous, and one that was refused by the system unavailable", async () => {
    expect((await withCalls(failing("link", "EIO")).putIfAbsent(KEY, text("x"))).tag).toBe("ambiguous");
    expect((await withCalls(failing("link", "ENOSPC")).putIfAbsent(KEY, text("x"))).tag).toBe("unavailable");
    expect((await withCalls(failing("writeNew", "ENOSPC")).putIfAbsent(KEY, text("x"))).tag).toBe(
      "unavailable",
    );
    expect((await withCalls(failing("syncFolder", "EIO")).putIfAbsent(KEY, text("x"))).tag).toBe("ambiguous");
  });

  it("leaves no staged files behind and shows none of its own folders", async () => {
    for (const key of [KEY, OWN_KEY]) {
      const put = await store.putIfAbsent(key, text("one"));
      const replaced = put.tag === "done" ? await store.replace(key, text("two"), put.value) : put;
      await store.putIfAbsent(key, text("three"));
      if (replaced.tag === "done") await store.remove(key, replaced.value);
    }
    await store.putIfAbsent(OWN_KEY, text("again"));
    expect(await readdir(join(path, "__graphform/staging"))).toEqual([]);
    const listed = await store.list({ prefix: "", limit: 100 });
    expect(listed.tag === "listed" ? listed.keys : listed).toEqual([OWN_KEY]);
  });

  it("clears away what crashed clients staged long ago, and leaves alone what may be in use", async () => {
    const staging = join(path, "__graphform/staging");
    await mkdir(staging, { recursive: true });
    const [old, fresh] = [`1-${ulid(Date.now() - 48 * 3600 * 1000)}`, `2-${ulid()}`];
    for (const name of [old, fresh, "notes.txt"]) await writeFile(join(staging, name), "x");
    await store.putIfAbsent(KEY, text("x"));
    expect((await readdir(staging)).sort()).toEqual([fresh, "notes.txt"].sort());
  });

  it("keeps the plain file of a replaced object readable for people, and mends it", async () => {
    const put = await store.putIfAbsent(OWN_KEY, text("one"));
    if (put.tag === "done") await store.replace(OWN_KEY, text("two"), put.value);
    const plain = join(path, OWN_KEY);
    expect(await readFile(plain, "utf8")).toBe("two");
    await rm(plain);
    await store.get(OWN_KEY);
    expect(await readFile(plain, "utf8")).toBe("two");
    await writeFile(plain, "edited by hand");
    const read = await store.get(OWN_KEY);
    expect(read.tag === "found" ? new TextDecoder().decode(read.bytes) : read).toBe("two");
    expect(await readFile(plain, "utf8")).toBe("two");
  });

  it("keeps at most a bounded number of generations of an object", async () => {
    let version = await store.putIfAbsent(OWN_KEY, text("0"));
    for (let n = 1; n <= 100; n += 1) {
      if (version.tag !== "done") throw new Error(version.tag);
      version = await store.replace(OWN_KEY, text(String(n)), version.value);
    }
    const kept = await readdir(join(path, "__graphform/versions", OWN_KEY));
    expect(kept.length).toBeLessThanOrEqual(64);
    const read = await store.get(OWN_KEY);
    expect(read.tag === "found" ? new TextDecoder().decode(read.bytes) : read).toBe("100");
  });

  it("puts back another's file that it moved aside between comparing and removing (W9)", async () => {
    for (let stopBefore = 1; stopBefore < 20; stopBefore += 1) {
      const root = openFileRoot(join(path, String(stopBefore)));
      const put = await root.store.putIfAbsent(KEY, text("mine"));
      if (put.tag !== "done") throw new Error(put.tag);
      const paused = pausedCalls(stopBefore);
      const victim = openFileRoot(join(path, String(stopBefore)), SYSTEM_CLOCK, paused.calls).store;
      const pending = victim.remove(KEY, put.value);
      const first = await Promise.race([paused.paused.then(() => "paused"), pending.then(() => "over")]);
      if (first === "over") return;
      const there = await root.store.get(KEY);
      if (there.tag === "found") await root.store.replace(KEY, text("theirs"), there.version);
      paused.resume();
      const outcome = await pending;
      const after = await root.store.get(KEY);
      if (there.tag === "found") {
        expect(outcome.tag).toBe("refused");
        expect(after.tag === "found" ? new TextDecoder().decode(after.bytes) : after).toBe("theirs");
      }
    }
    throw new Error("the removal never ended");
  });
});
