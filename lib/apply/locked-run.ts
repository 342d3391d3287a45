/**
 * Runs the body of a command that changes the ledger: lease, then ledger, then open intents, settled, then the body,
 * always in this order (design 7). What stops it before the body comes back as `stopped` with the reasons.
 */
import type { Desired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import type { PlanId, RunId } from "../digest/ids.ts";
import { awaitedLater } from "../ledger/awaited-later.ts";
import { checkDeployment, claimDeployment, type DeploymentCheck } from "../ledger/deployment.ts";
import { type HeldLease, withLease } from "../ledger/lease.ts";
import { observeLock } from "../ledger/lock-observation.ts";
import { proveCommit } from "../ledger/prove-commit.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { type LockFacts, NO_LOCK } from "../plan/state-observations.ts";
import type { ApplyProgress, ApplyRun } from "./apply-run.ts";
import { listEvidence } from "./approvals/approval-store.ts";
import type { ClusterPorts, Holding } from "./cluster-ports.ts";
import { LEASE_MS } from "./limits.ts";
import { lockFacts } from "./lock-facts.ts";
import { lostRecords } from "./lost-records.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { openIntents } from "./recovery/open-intents.ts";
import { runCommit } from "./run-commit.ts";

const RENEWED: Holding = { duration_ms: LEASE_MS, renew: true };

export interface RunRequest {
  readonly operation: "apply" | "refresh" | "import" | "recover";
  readonly desired: Desired;
  readonly actor: string | null;
  readonly trigger: string;
  /** Where the config came from, for the history: shown, never trusted. */
  readonly git?: GitOrigin | null;
  readonly plan_id: PlanId | null;
  /** A run that goes on; absent: a new one. */
  readonly run_id?: RunId;
  /** What was read while the config was loaded; absent: it is read now. */
  readonly ahead?: ReadAhead;
  /** True once somebody asked the run to stop; looked at between two effects. */
  readonly interrupted: () => boolean;
  readonly progress: (progress: ApplyProgress) => void;
}

export type LockedRun<Value> =
  | {
      readonly tag: "ran";
      readonly run_id: RunId;
      readonly value: Value;
      readonly lock: LockFacts;
      /** The last commit landed, and it is not known whether it will stay: its outcome is unknown (L4). */
      readonly unproven: boolean;
      readonly diagnostics: readonly Diagnostic[];
    }
  | {
      readonly tag: "stopped";
      readonly run_id: RunId;
      readonly lock: LockFacts;
      readonly diagnostics: readonly Diagnostic[];
    };

export async function lockedRun<Value>(
  ports: ClusterPorts,
  request: RunRequest,
  body: (run: ApplyRun, reading: LedgerReading) => Promise<Value>,
): Promise<LockedRun<Value>> {
  const run_id = request.run_id ?? (ports.ids.next() as RunId);
  let lock: LockFacts = NO_LOCK;
  let lost: readonly Diagnostic[] = [];
  const { operation, ahead } = request;
  const hold = {
    operation,
    run_id,
    owner: ports.owner,
    pid: ports.pid,
    ...(ports.holding?.() ?? RENEWED),
    wait_ms: 0,
    token_floor: ahead?.token_floor,
  };
  const lock_file = request.desired.settings?.lock ?? true;
  // Nobody changes the record once it is there, so it is read while the lease is taken; the ledger is read from then on.
  const deployment = ahead?.deployment ?? awaitedLater(checkDeployment(ports, ports.lease_table));
  const readings: ReturnType<typeof readUnderLease>[] = [];
  const onTaken = () => void readings.push(awaitedLater(readUnderLease(ports)));
  const ran = await withLease(ports, { ...hold, lock_file, onTaken }, async (lease) => {
    lock = ownLock(lease);
    const found = await deployment;
    const owned = await ownership(ports, request, found);
    if (owned.length > 0) return { tag: "refused", diagnostics: owned } as const;
    const { reading, left } = await readings[0]!;
    const late = overtaken(reading, lease);
    if (late.length > 0) return { tag: "refused", diagnostics: late } as const;
    lost = found.tag === "absent" ? lostRecords(ports, reading) : [];
    const newest: ReadyLedger[] = [];
    const run = applyRun(ports, request, run_id, lease, (ledger) => void newest.push(ledger));
    const value = await body({ ...run, ...left }, reading);
    const last = newest.at(-1);
    return {
      tag: "value",
      value,
      unproven: last === undefined ? [] : await proveCommit(ports, last),
    } as const;
  });
  // Nothing goes on after the answer, also where the lock file could not be put.
  await deployment;
  for (const each of readings) await (await each).ended;
  switch (ran.tag) {
    case "ran":
      if (ran.value.tag === "refused") {
        return { tag: "stopped", run_id, lock, diagnostics: [...ran.diagnostics, ...ran.value.diagnostics] };
      }
      return ranWith(ran.value.value, { run_id, lock }, ran.value.unproven, [...ran.diagnostics, ...lost]);
    case "busy":
      return { tag: "stopped", run_id, lock: await heldLock(ports), diagnostics: ran.diagnostics };
    case "failed":
      return { tag: "stopped", run_id, lock: NO_LOCK, diagnostics: ran.diagnostics };
    default:
      return assertNever(ran);
  }
}

function ranWith<Value>(
  value: Value,
  facts: { readonly run_id: RunId; readonly lock: LockFacts },
  unproven: readonly Diagnostic[],
  diagnostics: readonly Diagnostic[],
): LockedRun<Value> {
  const all = [...diagnostics, ...unproven];
  return { tag: "ran", ...facts, value, unproven: unproven.length > 0, diagnostics: all };
}

/**
 * Why this client may not write: another lease table protects the root (design 3). Whoever writes first claims the
 * root, so that a ledger that another tool made is protected from then on too.
 */
async function ownership(
  ports: ClusterPorts,
  request: RunRequest,
  found: DeploymentCheck,
): Promise<readonly Diagnostic[]> {
  const check =
    found.tag === "absent"
      ? await claimDeployment(ports, request.actor ?? ports.owner, ports.lease_table)
      : found;
  return check.tag === "refused" ? check.diagnostics : [];
}

/** What earlier runs may have left open. */
type LeftBehind = Pick<ApplyRun, "intents" | "evidence">;

/**
 * The ledger, and what was left open: listed after the document was read, beside the reading of its proofs. Whoever
 * reserved an approval or put an intent after that can only commit on that document, and then this run cannot (L3).
 */
async function readUnderLease(ports: ClusterPorts) {
  const asked: LeftBehind[] = [];
  const onDocument = () => {
    const [intents, evidence] = [awaitedLater(openIntents(ports)), awaitedLater(listEvidence(ports))];
    asked.push({ intents, evidence });
  };
  const reading = await readLedger(ports, { repair: true, onDocument });
  const left = asked.at(-1);
  assert(left !== undefined, "a ledger is judged by a document that was read");
  return { reading, left, ended: awaitedLater(allAnswered(asked)) };
}

async function allAnswered(asked: readonly LeftBehind[]): Promise<void> {
  for (const { intents, evidence } of asked) await Promise.all([intents, evidence]);
}

/**
 * A holder that slept between taking the lease and reading the ledger may read what its successor has committed. The
 * newer fencing token in the marker tells; going on would be to write without the lease (K4). An equal one says that the
 * lease table was lost after the token floor was read, and that the token is not above every earlier one (K1).
 */
function overtaken(reading: LedgerReading, lease: HeldLease): readonly Diagnostic[] {
  if (reading.tag !== "ready" || reading.marker === null || reading.marker.token < lease.token) return [];
  const message = `The lock ${lease.lock_id} counts no more: it ended before the ledger was read and another command has committed since, or the lease table was lost.`;
  return [diagnostic("state_lock_lost", { path: "__cluster/lock.json", message, severity: "error" })];
}

function applyRun(
  ports: ClusterPorts,
  request: RunRequest,
  run_id: RunId,
  lease: HeldLease,
  committed: (ledger: ReadyLedger) => void,
): Omit<ApplyRun, keyof LeftBehind> {
  const { desired, actor, trigger, plan_id, progress } = request;
  const git = request.git ?? null;
  const applied = request.operation === "apply" ? desired : NO_CONFIG;
  const issuer = { run_id, token: lease.token, plan_id, actor, trigger, git, desired: applied };
  return {
    ...{ ports, run_id, actor, plan_id, desired, progress, lock: ownLock(lease) },
    commit: async (base, next, commit) => {
      const by = { ...issuer, plan_id: commit.plan_id ?? plan_id };
      const result = await runCommit(ports, by, base, next, commit);
      if (result.tag === "committed") committed(result.ledger);
      return result;
    },
    interrupted: () => request.interrupted() || lease.isLost(),
  };
}

function ownLock({ lock_id }: HeldLease): LockFacts {
  return { locked: false, lock_acquired: true, acquired_lock_id: lock_id };
}

/** What lock file and lease say of whoever holds them. */
async function heldLock(ports: ClusterPorts): Promise<LockFacts> {
  return { ...lockFacts(await observeLock(ports)), locked: true };
}

/** The warning of a run that was told to stop. */
export function interruptedDiagnostic(): Diagnostic {
  const message = "The run was asked to stop; it recorded what it had done and began nothing more.";
  return diagnostic("apply_interrupted", { path: "changes", message });
}
