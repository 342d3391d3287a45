/** The ledger protocol of lib/ledger on a real folder: lease, commit and lock file together. */
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunId } from "../../lib/digest/ids.ts";
import { isUlid } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { processIdentity } from "../../lib/file/owner.ts";
import { commitLedger } from "../../lib/ledger/commit.ts";
import { withLease } from "../../lib/ledger/lease.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { sampleFacts, sampleLedger } from "../ledger/sample-ledger.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

describe("the ledger on a folder", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const client = () => ({ ...openFileRoot(folder.path), clock: SYSTEM_CLOCK, ids: createUlids() });
  type Client = ReturnType<typeof client>;
  const hold = (ports: Client) => ({
    operation: "apply" as const,
    run_id: ports.ids.next() as RunId,
    ...processIdentity(),
    duration_ms: 30_000,
    renew: true,
    wait_ms: 20_000,
    lock_file: true,
  });
  const commitOnce = (ports: Client) =>
    withLease(ports, hold(ports), async ({ token }) => {
      const base = await readLedger(ports, { repair: true });
      if (base.tag !== "ready" && base.tag !== "missing") return base;
      const next = base.tag === "ready" ? base.state : sampleLedger();
      return commitLedger(ports, base, next, sampleFacts({ token }));
    });

  it("is changed by several clients one after the other, without a gap and with rising tokens (L1, K1)", async () => {
    const runs = await Promise.all([client(), client(), client()].map(commitOnce));
    const readings = runs.flatMap((run) =>
      run.tag === "ran" && run.value.tag === "committed" ? [run.value.reading] : [],
    );
    expect(readings.map((each) => each.state.state_revision).sort()).toEqual([1, 2, 3]);
    const byRevision = [...readings].sort((a, b) => a.state.state_revision - b.state.state_revision);
    const tokens = byRevision.map((each) => each.marker?.token ?? 0);
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    expect(await readdir(join(folder.path, "__cluster"))).toEqual(["state.json"]);
  });

  it("can be moved to another folder with everything below it (W13)", async () => {
    await commitOnce(client());
    const moved = `${folder.path}-moved`;
    await rename(folder.path, moved);
    const there = { ...openFileRoot(moved), clock: SYSTEM_CLOCK, ids: createUlids() };
    const run = await commitOnce(there);
    await rename(moved, folder.path);
    expect(run).toMatchObject({
      tag: "ran",
      value: { tag: "committed", reading: { identity: { revision: 2 } } },
    });
  });

  it("is rebuilt above a document that passed a commit of ours (state_rolled_back)", async () => {
    await commitOnce(client());
    const state = join(folder.path, "__cluster/state.json");
    const first = await readFile(state, "utf8");
    await commitOnce(client());
    await writeFile(
      state,
      first.replace('"state_revision": 1,\n  "applied', '"state_revision": 8,\n  "applied'),
    );
    const ports = client();
    const reading = await readLedger(ports, { repair: true });
    if (reading.tag !== "rolled_back") throw new Error(reading.tag);
    const result = await commitLedger(ports, reading, reading.state, sampleFacts({ kind: "import" }));
    expect(result.tag).toBe("committed");
    expect(await readLedger(client(), { repair: true })).toMatchObject({
      tag: "ready",
      identity: { revision: 9 },
    });
    expect(JSON.parse(await readFile(state, "utf8")).state_revision).toBe(9);
  });

  it("reports an edited state.json as a fork, with the way out (state_forked)", async () => {
    await commitOnce(client());
    const state = join(folder.path, "__cluster/state.json");
    const edited = (await readFile(state, "utf8")).replace('"status": "applied"', '"status": "drifted"');
    await writeFile(state, edited);
    const reading = await readLedger(client(), { repair: true });
    expect(reading).toMatchObject({ tag: "forked", diagnostics: [{ code: "state_forked" }] });
  });

  it("names its process and makes ids that ascend", () => {
    const ids = createUlids();
    const made = Array.from({ length: 100 }, () => ids.next());
    expect(made.every(isUlid)).toBe(true);
    expect([...made].sort()).toEqual(made);
    expect(processIdentity().owner).toMatch(new RegExp(`:${process.pid}$`));
  });

  it("wakes a sleeper at once when it is told to, and in time otherwise", async () => {
    const wake = new AbortController();
    const started = Date.now();
    const sleeping = SYSTEM_CLOCK.sleep(60_000, wake.signal);
    wake.abort();
    await sleeping;
    await SYSTEM_CLOCK.sleep(60_000, wake.signal);
    await SYSTEM_CLOCK.sleep(5);
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});
