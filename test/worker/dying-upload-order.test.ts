/**
 * A worker meets trouble at any single call while two uploads come in the wrong order: when everybody has rested, what the
 * newer one wants is applied, and nothing of the older has come after it.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { RunId } from "../../lib/digest/ids.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { keysBelow, ledgerOf } from "../apply/cluster.ts";
import { ALL_PEOPLE, type ClusterFiles, FIND_PERSON, filesOf, PERSON } from "../apply/cluster-files.ts";
import { type Fault, pausedAt, recorder } from "../apply/faults.ts";
import { expectConverged, historyOf } from "../apply/invariants.ts";
import {
  appliedDeployment,
  copyOfShared,
  DEMO,
  INVOCATION_MS,
  openWorker,
  recordOf,
  type Shared,
  VISIBILITY_MS,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";
import { problemsAtEveryCall } from "./every-call.ts";

const BASE: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const OLDER: ClusterFiles = { graphs: { people: { schema: PERSON, queries: { all_people: ALL_PEOPLE } } } };
const NEWER: ClusterFiles = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };

/** Those that leave something behind or undone. */
const STRIKES: readonly Fault[] = ["lose_answer", "die_before", "die_after", "outage"];
const FROZEN = ["before", "after"] as const;
/** Of the calls that meet a fault, one in so many, each fault others; `EVERY_CALL=1` tries all. */
const PART = process.env["EVERY_CALL"] === undefined ? 3 : 1;

async function put({ inbox }: Shared, name: string, config: ClusterFiles, at: string): Promise<void> {
  const bytes = await zipOf(filesOf(config));
  const metadata = { "graphform-mode": "auto" };
  inbox.set(`inbox/demo/${name}.zip`, { bytes, metadata, version: name, uploaded_at: `2026-01-01T${at}Z` });
}

async function take(worker: Worker, name: string): Promise<RunId> {
  const event = { key: `inbox/demo/${name}.zip`, principal: "AWS:AROACI:7", versions: [name] };
  const taken = await takeUpload(worker.deployment, event, worker.context);
  if (taken.tag !== "ordered") throw new Error(taken.tag);
  return taken.record.run_id;
}

/** Other workers, when every message and lease of the first has come back; the schedule looks first if need be. */
async function rest(shared: Shared): Promise<void> {
  const worker = openWorker(shared);
  await work(worker);
  shared.clock.advance(VISIBILITY_MS + INVOCATION_MS);
  await work(worker);
  await promptSchedule(worker.deployment, DEMO, "watch");
  await work(worker);
}

interface Ready {
  readonly shared: Shared;
  readonly newer: RunId;
}

/** The newer has been taken, and nobody has worked on it. */
let taken: Ready;
/** It has been applied. */
let applied: Ready;

beforeAll(async () => {
  const worker = await appliedDeployment(BASE);
  await put(worker.shared, "older", OLDER, "00:00:10");
  await put(worker.shared, "newer", NEWER, "00:00:11");
  worker.shared.clock.advance(60_000);
  const newer = await take(worker, "newer");
  taken = { shared: copyOfShared(worker.shared), newer };
  await work(worker);
  applied = { shared: copyOfShared(worker.shared), newer };
});

async function callsOf({ shared }: Ready, act: (worker: Worker) => Promise<unknown>): Promise<number> {
  const recording = recorder();
  await act(openWorker(copyOfShared(shared), recording));
  return recording.count.calls;
}

async function everyCall(
  ready: Ready,
  fault: Fault,
  act: (worker: Worker) => Promise<unknown>,
  expectAfter: (shared: Shared) => Promise<void>,
): Promise<readonly string[]> {
  const calls = await callsOf(ready, act);
  const first = 1 + (STRIKES.indexOf(fault) % PART);
  return problemsAtEveryCall({ shared: ready.shared, act, calls, first, step: PART }, fault, expectAfter);
}

function queriesOf(shared: Shared): readonly string[] {
  const { resources } = ledgerOf(worldOf(shared)).applied_revision;
  return Object.keys(resources).filter((each) => each.startsWith("query."));
}

/** The newer is what is there, and no revision of the older comes after one of it. */
async function expectNewer(shared: Shared, older: RunId, newer: RunId): Promise<void> {
  expect(queriesOf(shared)).toEqual(["query.people.find_person"]);
  await expectConverged(worldOf(shared), ["people"]);
  expect(keysBelow(worldOf(shared), "__graphform/open-runs/")).toEqual([]);
  const runs = historyOf(worldOf(shared)).map((each) => each.run_id);
  expect(runs).toContain(newer);
  expect(runs.lastIndexOf(older)).toBeLessThan(runs.indexOf(newer));
  expect(recordOf(shared, newer)).toMatchObject({ state: "ended", outcome: "applied" });
}

describe("a worker that meets trouble at any single call of an upload that was taken too early", () => {
  test.each(STRIKES)(
    "%s: leaves it applied last, whenever the older one comes (A5, A7)",
    async (fault) => {
      const problems = await everyCall(taken, fault, work, async (shared) => {
        const older = await take(openWorker(shared), "older");
        await rest(shared);
        await expectNewer(shared, older, taken.newer);
        expect(["applied", "planned"]).toContain(recordOf(shared, older).outcome);
      });
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

describe("a worker that meets trouble at any single call of an upload that comes too late", () => {
  test.each(STRIKES)(
    "%s: applies nothing of it, and leaves its plan to people (A5, A7)",
    async (fault) => {
      const late = async (worker: Worker) => {
        await take(openWorker(worker.shared), "older");
        return work(worker);
      };
      const problems = await everyCall(applied, fault, late, async (shared) => {
        const older = await take(openWorker(shared), "older");
        await rest(shared);
        expect(ledgerOf(worldOf(shared))).toEqual(ledgerOf(worldOf(applied.shared)));
        expect(keysBelow(worldOf(shared), "__graphform/open-runs/")).toEqual([]);
        const { outcome, plan_id, diagnostics } = recordOf(shared, older);
        expect({ outcome, diagnostics }).toEqual({ outcome: "planned", diagnostics: ["upload_superseded"] });
        expect(keysBelow(worldOf(shared), "__graphform/plans/")).toContain(
          `__graphform/plans/${plan_id}.json`,
        );
      });
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

describe("a worker that is frozen at any single call of the older, and thawed when the newer is applied", () => {
  test.each(FROZEN)(
    "%s: changes nothing any more (A5, K4)",
    async (where) => {
      const waiting = { ...taken, shared: copyOfShared(taken.shared) };
      const older = await take(openWorker(waiting.shared), "older");
      const calls = await callsOf(waiting, work);
      for (let ordinal = 1 + FROZEN.indexOf(where); ordinal <= calls; ordinal += PART) {
        const shared = copyOfShared(waiting.shared);
        const paused = pausedAt(ordinal, where);
        const frozen = work(openWorker(shared, paused));
        await Promise.race([paused.reached, frozen]);
        await rest(shared);
        paused.resume();
        await frozen;
        await rest(shared);
        await expectNewer(shared, older, taken.newer);
      }
    },
    60_000,
  );
});
