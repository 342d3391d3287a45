/** What becomes of runs that had not ended when a backup was taken: a restored cluster begins nothing by itself. */
import { beforeEach, describe, expect, it } from "vitest";
import { attemptedRun, pausedRun, queuedRun, type RunRecord } from "../../lib/apply/runs/run-record.ts";
import { closeRun, listOpenRuns, listRuns, moveRun, openRun } from "../../lib/apply/runs/run-store.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { cancelRun } from "../../lib/operate/cancel-run.ts";
import { timestamp } from "../../lib/ports/clock.ts";
import { keepRunOutput, readRunOutput, refusedAnswer } from "../../lib/worker/run-output.ts";
import { type Client, codesOf, keysBelow, newWorld, putText, textOf, type World } from "../apply/cluster.ts";
import { faultAt, recorder } from "../apply/faults.ts";
import { type Backing, backUp, newBacking, objectsOf, openRestored, restoreInto } from "./backed-up.ts";
import { CLAIM, deployed } from "./deployed.ts";

const MARKS = "__graphform/open-runs/";

let client: Client;
let backing: Backing;
let queued: RunId;
let waiting: RunId;
let over: RunId;

async function opened(operation: "apply" | "refresh") {
  const { ports } = client;
  const order = {
    ...{ run_id: ports.ids.next() as RunId, idempotency_key: null, operation, mode: "auto" as const },
    ...{ bundle_digest: null, actor: "ana", trigger: "api", git: null, targets: null },
    ...{ allow_mass_delete: false, created_at: timestamp(ports.clock) },
  };
  const made = await openRun(ports, queuedRun(order, ports.ids.next()));
  if (made.tag !== "opened") throw new Error(made.reason);
  return made.stored;
}

async function waits(): Promise<RunId> {
  const { ports } = client;
  const stored = await opened("apply");
  const at = timestamp(ports.clock);
  const attempt = { owner: "w", actor: "ana", trigger: "api", started_at: at, stop_after_ms: null };
  const running = attemptedRun(stored.record, attempt, ports.ids.next());
  const end = { at, codes: ["approval_required"] };
  const moved = await moveRun(ports, stored, pausedRun(running, "waiting_approval", end, ports.ids.next()));
  expect(moved.tag).toBe("moved");
  expect(await keepRunOutput(ports, stored.record.run_id, refusedAnswer([]))).toBe(true);
  return stored.record.run_id;
}

beforeEach(async () => {
  client = await deployed();
  over = (await opened("refresh")).record.run_id;
  expect((await cancelRun(client.ports, over)).diagnostics).toEqual([]);
  await closeRun(client.ports, over);
  queued = (await opened("refresh")).record.run_id;
  waiting = await waits();
  backing = newBacking(client.world);
  expect(codesOf(await backUp(backing))).toEqual([]);
});

async function runsIn(world: World): Promise<readonly RunRecord[]> {
  const listed = await listRuns(openRestored(world, client.world).ports, 100);
  if (listed.tag === "unavailable") throw new Error(listed.reason);
  expect(listed.diagnostics).toEqual([]);
  return listed.records;
}

async function openIn(world: World): Promise<readonly RunId[]> {
  const listed = await listOpenRuns(openRestored(world, client.world).ports);
  return listed.tag === "listed" ? listed.records.map((each) => each.run_id) : [];
}

describe("a restore", () => {
  it("ends the runs that had not ended, says so, and leaves nothing that would go on", async () => {
    const target = newWorld();
    target.clock.advance(86_400_000);
    const restored = await restoreInto(target, backing.place);

    expect(restored).toMatchObject({ ok: true, open_runs: 0, ended_runs: [queued, waiting].sort() });
    expect(codesOf(restored)).toEqual(["restored_runs_ended"]);
    expect(restored.diagnostics[0]?.message).toContain(queued);
    expect(keysBelow(target, MARKS)).toEqual([]);
    expect(await openIn(target)).toEqual([]);
    const { at } = JSON.parse(textOf(target, CLAIM));
    const end = { state: "ended", outcome: "canceled", ended_at: at };
    expect(await runsIn(target)).toMatchObject([
      { run_id: over, outcome: "canceled", diagnostics: [] },
      { run_id: queued, ...end, diagnostics: ["run_ended_by_restore"] },
      { run_id: waiting, ...end, diagnostics: ["approval_required", "run_ended_by_restore"] },
    ]);
    // The original goes on as if nothing had been.
    expect(await openIn(client.world)).toEqual([queued, waiting]);
  });

  it("leaves what a run had answered, and has one that had answered nothing say what became of it", async () => {
    const target = newWorld();
    await restoreInto(target, backing.place);
    const { ports } = openRestored(target, client.world);

    const codes = async (id: RunId) => {
      const told = (await readRunOutput(ports, id)).answer?.output["diagnostics"] ?? [];
      return (told as readonly { readonly code: string }[]).map(({ code }) => code);
    };
    expect(await codes(queued)).toEqual(["run_ended_by_restore"]);
    expect(await codes(waiting)).toEqual([]);
    expect((await readRunOutput(ports, over)).answer).toBeNull();
  });

  it("lets them go on as they were if they are to be kept", async () => {
    const target = newWorld();
    const restored = await restoreInto(target, backing.place, { keep_open_runs: true });

    expect(restored).toMatchObject({ ok: true, open_runs: 2, ended_runs: [] });
    expect(codesOf(restored)).toEqual(["restored_runs_open"]);
    expect(await openIn(target)).toEqual([queued, waiting]);
    expect(await runsIn(target)).toEqual(await runsIn(client.world));
  });

  it("leaves a record that it cannot read as it is, without its mark", async () => {
    const id = client.ports.ids.next();
    putText(client.world, `__graphform/runs/${id}.json`, '{"format_version": 2}');
    putText(client.world, `${MARKS}${id}.json`, "{}");
    await backUp(backing);
    const target = newWorld();
    expect(await restoreInto(target, backing.place)).toMatchObject({ ok: true });

    expect(textOf(target, `__graphform/runs/${id}.json`)).toBe('{"format_version": 2}');
    expect(keysBelow(target, MARKS)).toEqual([]);
  });

  it("that broke off at any call ends in the same records when it is repeated, however much later", async () => {
    const by = recorder();
    await restoreInto(newWorld(), backing.place, {}, by);
    for (const { ordinal, writes } of by.seen.filter(({ key }) => key.startsWith("__graphform/"))) {
      const target = newWorld();
      const interference = faultAt(ordinal, writes ? "die_after" : "die_before");
      await Promise.race([restoreInto(target, backing.place, {}, interference), interference.died]);
      const before = Object.entries(objectsOf(target)).filter(([key]) => key.includes("/runs/"));
      target.clock.advance(3_600_000);
      const next = await restoreInto(target, backing.place);
      expect({ ok: next.ok, ended: next.ended_runs.length }, `${ordinal}`).toEqual({ ok: true, ended: 2 });
      expect(await openIn(target), `${ordinal}`).toEqual([]);
      expect(objectsOf(target)).toMatchObject(Object.fromEntries(before));
    }
  });
});
