/** The ledger on a folder that OmniGraph and people write too. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitId } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { type FileCalls, NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import type { LedgerCommitOutcome, LedgerStore } from "../../lib/ports/ledger-store.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe("a ledger on a folder", () => {
  let folder: TemporaryFolder;
  let state: string;
  let ledger: LedgerStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    state = join(folder.path, "__cluster/state.json");
    ledger = openFileRoot(folder.path).ledger;
  });
  afterEach(() => folder.remove());

  const document = (revision: number, note: string): string =>
    `${JSON.stringify({ state_revision: revision, note })}\n`;
  const present = async (): Promise<string | null> => {
    const read = await ledger.read();
    if (read.tag === "absent") return null;
    if (read.tag !== "found") throw new Error(read.tag);
    return new TextDecoder().decode(read.bytes);
  };
  const commit = async (revision: number, note: string): Promise<LedgerCommitOutcome> => {
    const read = await ledger.read();
    const base = read.tag === "found" ? read.version : null;
    return ledger.commit({
      revision,
      commit_id: note as CommitId,
      base,
      bytes: text(document(revision, note)),
    });
  };
  const write = async (content: string): Promise<void> => {
    await mkdir(dirname(state), { recursive: true });
    await writeFile(state, content);
  };

  it("shows OmniGraph every commit in state.json", async () => {
    await commit(1, "one");
    await commit(2, "two");
    expect(await readFile(state, "utf8")).toBe(document(2, "two"));
  });

  it("reads and builds on a ledger that OmniGraph made", async () => {
    await write(document(5, "theirs"));
    expect(await present()).toBe(document(5, "theirs"));
    expect((await commit(6, "ours")).tag).toBe("done");
    expect(await readFile(state, "utf8")).toBe(document(6, "ours"));
  });

  it("reads a ledger without a revision as OmniGraph does, and builds on it (spec/cluster 4.1)", async () => {
    await write("{}\n");
    expect((await commit(1, "ours")).tag).toBe("done");
    expect(await present()).toBe(document(1, "ours"));
  });

  it("takes what OmniGraph has written on top for the truth, for good", async () => {
    await commit(1, "one");
    await write(document(2, "theirs"));
    expect(await present()).toBe(document(2, "theirs"));
    await write(document(1, "one"));
    expect(await present()).toBe(document(2, "theirs"));
    expect((await commit(3, "ours")).tag).toBe("done");
    expect(await present()).toBe(document(3, "ours"));
  });

  it("completes a state.json that is missing or behind", async () => {
    await commit(1, "one");
    await commit(2, "two");
    await rm(state);
    expect(await present()).toBe(document(2, "two"));
    expect(await readFile(state, "utf8")).toBe(document(2, "two"));
    await write(document(1, "one"));
    expect(await present()).toBe(document(2, "two"));
    expect(await readFile(state, "utf8")).toBe(document(2, "two"));
  });

  for (const content of [
    document(2, "another"),
    "not JSON",
    '{"state_revision":-1}',
    '{"state_revision":1e300}',
    "[]",
  ]) {
    it(`reports a fork, and writes nothing, when state.json is ${content.trim()}`, async () => {
      await commit(1, "one");
      const base = await ledger.read();
      await commit(2, "two");
      await write(content);
      const read = await ledger.read();
      expect(read.tag === "forked" ? new TextDecoder().decode(read.committed) : read).toBe(
        document(2, "two"),
      );
      expect(read.tag === "forked" ? new TextDecoder().decode(read.present) : read).toBe(content);
      const outcome = await ledger.commit({
        revision: 3,
        commit_id: "three" as CommitId,
        base: base.tag === "found" ? base.version : null,
        bytes: text(document(3, "three")),
      });
      expect(outcome).toMatchObject({ tag: "refused", current: { tag: "forked" } });
      expect(await readFile(state, "utf8")).toBe(content);
    });
  }

  it("leaves a fork by copying the committed ledger back, or by raising the other's revision", async () => {
    await commit(1, "one");
    await write(document(1, "edited"));
    expect((await ledger.read()).tag).toBe("forked");
    const commits = join(folder.path, "__graphform/commits");
    const newest = (await readdir(commits)).sort().at(-1) ?? "";
    await writeFile(state, await readFile(join(commits, newest)));
    expect(await present()).toBe(document(1, "one"));
    await write(document(2, "edited"));
    expect(await present()).toBe(document(2, "edited"));
  });

  it("keeps its commits apart from state.json, so that an edit in place cannot change them", async () => {
    await commit(1, "one");
    await writeFile(state, document(1, "edited in place"));
    const read = await ledger.read();
    expect(read.tag === "forked" ? new TextDecoder().decode(read.committed) : read).toBe(document(1, "one"));
  });

  it("still reads the truth where nothing can be written", async () => {
    await commit(1, "one");
    await commit(2, "two");
    await write(document(1, "one"));
    const refuse = async (): Promise<never> => {
      throw Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
    };
    const calls: FileCalls = {
      ...NODE_FILE_CALLS,
      writeNew: refuse,
      link: refuse,
      rename: refuse,
      unlink: refuse,
    };
    const readOnly = openFileRoot(folder.path, SYSTEM_CLOCK, calls).ledger;
    const behind = await readOnly.read();
    expect(behind.tag === "found" ? new TextDecoder().decode(behind.bytes) : behind).toBe(document(2, "two"));
    await write(document(3, "theirs"));
    const ahead = await readOnly.read();
    expect(ahead.tag === "found" ? new TextDecoder().decode(ahead.bytes) : ahead).toBe(document(3, "theirs"));
    const outcome = await readOnly.commit({
      revision: 4,
      commit_id: "x" as CommitId,
      base: ahead.tag === "found" ? ahead.version : null,
      bytes: text(document(4, "x")),
    });
    expect(outcome.tag).toBe("unavailable");
  });

  for (const verb of ["read", "entries"] as const) {
    it(`is unavailable, never absent, when ${verb} fails (W4, design 4.7)`, async () => {
      await commit(1, "one");
      const calls: FileCalls = {
        ...NODE_FILE_CALLS,
        [verb]: async () => {
          throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
        },
      };
      const denied = openFileRoot(folder.path, SYSTEM_CLOCK, calls).ledger;
      expect((await denied.read()).tag).toBe("unavailable");
    });
  }

  it("keeps a bounded number of commits", async () => {
    for (let n = 1; n <= 70; n += 1) await commit(n, `commit ${n}`);
    expect((await readdir(join(folder.path, "__graphform/commits"))).length).toBeLessThanOrEqual(64);
    expect(await present()).toBe(document(70, "commit 70"));
  });
});
