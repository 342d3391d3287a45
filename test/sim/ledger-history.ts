/**
 * Histories of one ledger under several clients who read and commit through production's own reader and committer, over
 * a store that loses answers, for the check that all of it behaves as one register (L8). The value of the register is the
 * run that made the newest commit; each commit is a run of its own.
 */
import type { RunId } from "../../lib/digest/ids.ts";
import { commitLedger } from "../../lib/ledger/commit.ts";
import type { CommitFacts } from "../../lib/ledger/commit-facts.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { emptyLedger } from "../../lib/observe/empty-ledger.ts";
import { baseWorld } from "./base-worlds.ts";
import { randomFates } from "./fates.ts";
import { type RegisterCall, UNWRITTEN } from "./linearizability.ts";
import { type Random, seededRandom } from "./random.ts";
import { type Actor, createScheduler, type Scheduler } from "./scheduler.ts";
import { openPorts, type PortsChange } from "./sim-ports.ts";

export interface HistoryOptions {
  readonly clients: number;
  readonly calls: number;
  readonly ports?: PortsChange | undefined;
}

interface Recorder {
  /** Starts and ends so far. */
  position: number;
  readonly calls: RegisterCall[];
  /** Calls that will still be made. */
  left: number;
}

/** So bad that even five attempts leave some commits unknown. */
const LOSSES = {
  error_before: 0.1,
  error_after: 0.18,
  error_late: 0.22,
  conflict: 0.05,
  throttle: 0.05,
  pause: 0.01,
};
/** Of a hundred reads, those after which nothing is committed. */
const LOOKS_OF_100 = 30;

/** The calls of the clients in one seeded run, in the order of their ends. */
export async function ledgerHistory(seed: number, options: HistoryOptions): Promise<readonly RegisterCall[]> {
  const world = await baseWorld("nothing");
  const scheduler = createScheduler(world, {
    seed,
    faults: randomFates(LOSSES),
    stepMs: (random) => 1 + random.below(100),
  });
  const recorder: Recorder = { position: 0, calls: [], left: options.calls };
  const clients = Array.from({ length: options.clients }, (_, index) =>
    act(scheduler, scheduler.actor(`c${index}`), recorder, seededRandom(seed * 31 + index), options.ports),
  );
  await Promise.all([scheduler.run(), ...clients]);
  return recorder.calls;
}

function tick(recorder: Recorder): number {
  recorder.position += 1;
  return recorder.position;
}

/** Reads, and mostly commits on what it has read, until all calls are made. */
async function act(
  scheduler: Scheduler,
  actor: Actor,
  recorder: Recorder,
  random: Random,
  change: PortsChange | undefined,
): Promise<void> {
  const client = actor.name;
  const ports = openPorts(scheduler, actor, change);
  await ports.clock.sleep(0);
  while (recorder.left > 0) {
    recorder.left -= 1;
    const start = tick(recorder);
    const reading = await readLedger(ports, { repair: true });
    if (reading.tag !== "ready" && reading.tag !== "missing") continue;
    const base = reading.tag === "ready" ? (reading.marker?.run_id ?? UNWRITTEN) : UNWRITTEN;
    recorder.calls.push({ client, start, end: tick(recorder), what: { kind: "read", value: base } });
    if (random.below(100) < LOOKS_OF_100) continue;
    recorder.left -= 1;
    const begun = tick(recorder);
    const state = reading.tag === "ready" ? reading.state : emptyLedger();
    const value = ports.ids.next() as RunId;
    const committed = await commitLedger(ports, reading, state, factsOf(value));
    if (committed.tag === "refused" || committed.tag === "unsent") continue;
    const result = committed.tag === "unknown" ? "unknown" : "landed";
    const end = result === "unknown" ? Number.POSITIVE_INFINITY : tick(recorder);
    recorder.calls.push({ client, start: begun, end, what: { kind: "commit", base, value, result } });
  }
}

function factsOf(run_id: RunId): CommitFacts {
  return {
    ...{ kind: "refresh", run_id, token: 1, plan_id: null, actor: null, trigger: null, git: null },
    ...{ bundle_digest: null, config_digest: null, changes: [], approvals_consumed: [], recovered: [] },
    ...{ graphs: {}, protected: [] },
  };
}
