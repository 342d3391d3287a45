/**
 * A process is stopped before each of its system calls in turn, a second one completes work, and the first is
 * continued: nothing is lost and nothing is acknowledged falsely (L3, L4, L5, K1, K2, K4). The same for every single
 * call that fails before or after its work.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitId, LockId, RunId } from "../../lib/digest/ids.ts";
import type { FileCalls } from "../../lib/file/file-calls.ts";
import { type FileRoot, openFileRoot } from "../../lib/file/open-root.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import type { LeaseRequest } from "../../lib/ports/lease-table.ts";
import type { LedgerCommitOutcome, LedgerStore } from "../../lib/ports/ledger-store.ts";
import { storeKey, type Version, type WriteOutcome } from "../../lib/ports/object-store.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { type Fault, faultyCalls, pausedCalls } from "./watched-calls.ts";

const CALLS_MAX = 200;
const START_MS = Date.UTC(2026, 0, 1);
const DURATION_MS = 60_000;
const clock = createManualClock(START_MS);
const ids = createCountingIds();
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

interface TestDocument {
  readonly state_revision: number;
  readonly commit_id: string;
  /** Commit ids from the first to this one. */
  readonly history: readonly string[];
}

async function readDocument(store: LedgerStore): Promise<{ document: TestDocument; version: Version }> {
  const read = await store.read();
  if (read.tag !== "found") throw new Error(`read was ${read.tag}`);
  return { document: JSON.parse(new TextDecoder().decode(read.bytes)), version: read.version };
}

function commitOn(
  store: LedgerStore,
  base: { document: TestDocument; version: Version } | null,
  commitId: string,
): Promise<LedgerCommitOutcome> {
  const revision = (base?.document.state_revision ?? 0) + 1;
  const history = [...(base?.document.history ?? []), commitId];
  const bytes = text(`${JSON.stringify({ state_revision: revision, commit_id: commitId, history })}\n`);
  return store.commit({ revision, commit_id: commitId as CommitId, base: base?.version ?? null, bytes });
}

async function commitNext(store: LedgerStore, commitId: string): Promise<LedgerCommitOutcome> {
  return commitOn(store, await readDocument(store), commitId);
}

/** Calls `run(k)` for k = 1, 2, 3 ... until it answers that the process had no k-th call. Answers how many there were. */
async function everyPause(run: (stopBefore: number) => Promise<"reached" | "over">): Promise<number> {
  for (let stopBefore = 1; stopBefore < CALLS_MAX; stopBefore += 1) {
    if ((await run(stopBefore)) === "over") return stopBefore - 1;
  }
  throw new Error(`a protocol needs more than ${CALLS_MAX} calls`);
}

/** Runs `victim`, stopped before call `stopBefore`; `meanwhile` runs while it is stopped. */
async function stopped<Value>(
  folder: string,
  stopBefore: number,
  victim: (root: FileRoot) => Promise<Value>,
  meanwhile: () => Promise<void>,
): Promise<{ reached: boolean; value: Value }> {
  const watched = pausedCalls(stopBefore);
  const pending = victim(openFileRoot(folder, clock, watched.calls));
  const first = await Promise.race([watched.paused.then(() => "paused"), pending.then(() => "over")]);
  if (first === "paused") await meanwhile();
  watched.resume();
  return { reached: first === "paused", value: await pending };
}

describe("a process that is stopped and continued", () => {
  const folders: TemporaryFolder[] = [];
  const fresh = async (): Promise<string> => {
    const folder = await temporaryFolder();
    folders.push(folder);
    return folder.path;
  };
  afterEach(async () => {
    for (const folder of folders.splice(0)) await folder.remove();
  });

  for (const successors of [0, 1, 2]) {
    it(`neither loses nor falsely acknowledges a commit at any pause point when ${successors} others commit meanwhile (L3, L4, L5, K4)`, async () => {
      const calls = await everyPause(async (stopBefore) => {
        const path = await fresh();
        const other = openFileRoot(path, clock).ledger;
        await commitOn(other, null, "first");
        const base = await readDocument(other);
        const acknowledged: string[] = ["first"];
        const { reached, value } = await stopped(
          path,
          stopBefore,
          (root) => commitOn(root.ledger, base, "victim"),
          async () => {
            for (let n = 0; n < successors; n += 1) {
              const outcome = await commitNext(other, `successor ${n}`);
              expect(outcome.tag).toBe("done");
              acknowledged.push(`successor ${n}`);
            }
          },
        );
        if (value.tag === "done") acknowledged.push("victim");
        const last = await commitNext(other, "last");
        expect(last.tag).toBe("done");
        const { document } = await readDocument(other);
        expect(["done", "refused"]).toContain(value.tag);
        expect([...document.history].sort()).toEqual([...acknowledged, "last"].sort());
        return reached ? "reached" : "over";
      });
      expect(calls).toBeGreaterThan(10);
    });
  }

  it("never takes a commit for landed that it made long after the chain had moved on (L4)", async () => {
    const path = await fresh();
    const other = openFileRoot(path, clock).ledger;
    await commitOn(other, null, "first");
    const base = await readDocument(other);
    // The link is among the first ten calls; one folder serves all pause points because the victims' base is the same.
    const victims = Array.from({ length: 10 }, (_, n) => pausedCalls(n + 1));
    const pending = victims.map(({ calls }, n) =>
      commitOn(openFileRoot(path, clock, calls).ledger, base, `victim ${n}`),
    );
    await Promise.all(victims.map((each, n) => Promise.race([each.paused, pending[n]])));
    for (let n = 0; n < 70; n += 1) await commitNext(other, `successor ${n}`);
    for (const each of victims) each.resume();
    const outcomes = await Promise.all(pending);
    const { document } = await readDocument(other);
    const late: string[] = [];
    for (const [n, outcome] of outcomes.entries()) {
      const contained = document.history.includes(`victim ${n}`);
      if (!contained) late.push(outcome.tag);
      expect(["done", "ambiguous"].includes(outcome.tag) || !contained).toBe(true);
    }
    expect(late).not.toContain("done");
    expect(late).toContain("ambiguous");
  }, 120_000);

  it("leaves a crash at every call of a first commit so that the next process commits on the truth (L1)", async () => {
    await everyPause(async (stopBefore) => {
      const path = await fresh();
      const other = openFileRoot(path, clock).ledger;
      let seen: LedgerCommitOutcome["tag"] | "none" = "none";
      const { reached, value } = await stopped(
        path,
        stopBefore,
        (root) => commitOn(root.ledger, null, "victim"),
        async () => {
          const read = await other.read();
          const base = read.tag === "absent" ? null : await readDocument(other);
          seen = (await commitOn(other, base, "successor")).tag;
        },
      );
      const { document } = await readDocument(other);
      if (seen !== "none") {
        expect(seen).toBe("done");
        const both = value.tag === "done" ? ["victim", "successor"] : ["successor"];
        expect(document.history).toEqual(both);
      }
      return reached ? "reached" : "over";
    });
  });

  it("takes what another tool has written for the truth wherever a commit of ours is stopped", async () => {
    await everyPause(async (stopBefore) => {
      const path = await fresh();
      const other = openFileRoot(path, clock).ledger;
      await commitOn(other, null, "first");
      const base = await readDocument(other);
      const { reached, value } = await stopped(
        path,
        stopBefore,
        (root) => commitOn(root.ledger, base, "victim"),
        async () => {
          const { document } = await readDocument(other);
          const foreign = {
            state_revision: document.state_revision + 1,
            commit_id: "foreign",
            history: [...document.history, "foreign"],
          };
          await writeFile(join(path, "__cluster/state.json"), `${JSON.stringify(foreign)}\n`);
          await other.read();
        },
      );
      const read = await other.read();
      expect(read.tag).toBe("found");
      const { document } = await readDocument(other);
      if (reached) {
        const both = value.tag === "done" ? ["first", "victim", "foreign"] : ["first", "foreign"];
        expect(document.history).toEqual(both);
      }
      return reached ? "reached" : "over";
    });
  });

  for (const expired of [false, true]) {
    it(`gives the lease to one process at every pause point of an acquire on ${expired ? "an expired" : "a free"} lease (K1, K2)`, async () => {
      const calls = await everyPause(async (stopBefore) => {
        const path = await fresh();
        const other = openFileRoot(path, clock).lease;
        let highest = 0;
        if (expired) {
          const old = await other.acquire(leaseRequest("old"));
          highest = old.tag === "done" ? old.value.item.token : 0;
          clock.advance(DURATION_MS + 1);
        }
        const done: { owner: string; token: number }[] = [];
        const note = (owner: string, outcome: Awaited<ReturnType<typeof other.acquire>>): void => {
          if (outcome.tag === "done") done.push({ owner, token: outcome.value.item.token });
        };
        const { reached, value } = await stopped(
          path,
          stopBefore,
          (root) => root.lease.acquire(leaseRequest("victim")),
          async () => note("successor", await other.acquire(leaseRequest("successor"))),
        );
        note("victim", value);
        const read = await other.read();
        expect(done).toHaveLength(1);
        expect(done[0]?.token).toBeGreaterThan(highest);
        expect(read.tag === "read" ? read.holder?.owner : read).toBe(done[0]?.owner);
        return reached ? "reached" : "over";
      });
      expect(calls).toBeGreaterThan(5);
    });
  }

  it("cannot renew or release at any pause point once a successor has taken the lease over (K3, K4)", async () => {
    for (const verb of ["renew", "release"] as const) {
      await everyPause(async (stopBefore) => {
        const path = await fresh();
        const other = openFileRoot(path, clock).lease;
        const mine = leaseRequest("victim");
        await other.acquire(mine);
        let landedBefore = false;
        let successor: string | null = null;
        const { reached, value } = await stopped(
          path,
          stopBefore,
          async (root) => {
            const { lease } = root;
            const outcome =
              verb === "renew" ? lease.renew(mine.lock_id, DURATION_MS) : lease.release(mine.lock_id);
            return (await outcome).tag;
          },
          async () => {
            clock.advance(3 * DURATION_MS);
            const outcome = await other.acquire(leaseRequest("successor"));
            if (outcome.tag !== "done") return;
            landedBefore = outcome.value.displaced?.deadline !== undefined;
            successor = outcome.value.item.owner;
          },
        );
        const read = await other.read();
        if (successor !== null) {
          expect(read.tag === "read" ? read.holder?.owner : read).toBe("successor");
          if (verb === "release" && landedBefore) expect(value).not.toBe("done");
        }
        return reached ? "reached" : "over";
      });
    }
  });

  it("replaces an object below __graphform/ exclusively at every pause point", async () => {
    const key = storeKey("__graphform/approvals/one.json");
    await everyPause(async (stopBefore) => {
      const path = await fresh();
      const other = openFileRoot(path, clock).store;
      const put = await other.putIfAbsent(key, text("base"));
      const version = put.tag === "done" ? put.value : ("" as Version);
      const outcomes: Record<string, WriteOutcome["tag"]> = {};
      const { reached, value } = await stopped(
        path,
        stopBefore,
        (root) => root.store.replace(key, text("victim"), version),
        async () => {
          outcomes["successor"] = (await other.replace(key, text("successor"), version)).tag;
        },
      );
      outcomes["victim"] = value.tag;
      const winners = Object.keys(outcomes).filter((each) => outcomes[each] === "done");
      const read = await other.get(key);
      expect(winners).toHaveLength(1);
      expect(read.tag === "found" ? new TextDecoder().decode(read.bytes) : read).toBe(winners[0]);
      return reached ? "reached" : "over";
    });
  });

  it("never acknowledges a put below __graphform/ into a key that was put and removed meanwhile", async () => {
    const key = storeKey("__graphform/approvals/one.json");
    const tags = new Set<string>();
    await everyPause(async (stopBefore) => {
      const path = await fresh();
      const other = openFileRoot(path, clock).store;
      let removed = false;
      const { reached, value } = await stopped(
        path,
        stopBefore,
        (root) => root.store.putIfAbsent(key, text("victim")),
        async () => {
          const put = await other.putIfAbsent(key, text("successor"));
          if (put.tag !== "done") return;
          removed = (await other.remove(key, put.value)).tag === "done";
        },
      );
      const read = await other.get(key);
      const listed = await other.list({ prefix: "__graphform/approvals/", limit: 10 });
      tags.add(value.tag);
      expect(read.tag).toBe(value.tag === "done" ? "found" : removed ? "absent" : "found");
      expect(listed.tag === "listed" ? listed.keys.length : listed).toBe(read.tag === "found" ? 1 : 0);
      return reached ? "reached" : "over";
    });
    expect(tags.has("done")).toBe(true);
    expect(tags.size).toBeGreaterThan(1);
  });
});

function leaseRequest(owner: string): LeaseRequest {
  return {
    lock_id: ids.next() as LockId,
    owner,
    operation: "apply",
    run_id: ids.next() as RunId,
    token_floor: 0,
    duration_ms: DURATION_MS,
  };
}

describe("a system call that fails", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  for (const fault of ["before", "after"] as const satisfies readonly Fault[]) {
    it(`${fault} its work never turns into a false answer about a commit (L4, L5)`, async () => {
      const tags = new Set<string>();
      for (let faulty = 1; faulty < CALLS_MAX; faulty += 1) {
        const path = join(folder.path, String(faulty));
        const other = openFileRoot(path, clock).ledger;
        await commitOn(other, null, "first");
        const base = await readDocument(other);
        const watched = faultyCalls(faulty, fault);
        const outcome = await commitOn(openWith(path, watched.calls), base, "victim");
        tags.add(outcome.tag);
        await commitNext(other, "last");
        const { document } = await readDocument(other);
        const contained = document.history.includes("victim");
        if (outcome.tag === "done") expect(contained).toBe(true);
        if (outcome.tag === "unavailable" || outcome.tag === "refused") expect(contained).toBe(false);
        if (watched.count() < faulty) break;
      }
      expect([...tags].sort()).toEqual(["ambiguous", "done", "unavailable"]);
    });
  }
});

function openWith(path: string, calls: FileCalls): LedgerStore {
  return openFileRoot(path, clock, calls).ledger;
}
