/**
 * Orders a run: its record is stored, then a message prompts a worker (design 7). What is ordered is checked for what
 * can be known at once; what it comes to is for the worker to say.
 *
 * Guarantees: with an idempotency key, however often and by however many processes the same is ordered, there is one run.
 * `unknown`: it may have been ordered; the same order with the same key settles it.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { planUser, storedPlan } from "../apply/planning/plan-store.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { openRun, readRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { ClusterName, PlanId, RunId } from "../digest/ids.ts";
import { bundleKey } from "../intake/bundle-key.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { retryRead, type StorePorts } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import type { Deployment } from "./deployment.ts";
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from "./limits.ts";
import { promptRun } from "./prompt.ts";
import { type KeyedRequest, keyRequest, readKeyedRequest, requestKey } from "./request-key.ts";
import { orderDigest, orderedRun, type RunOrdering, type RunOrigin } from "./run-ordering.ts";

export type OrderedRun =
  /** `repeated`: the run had been ordered before, and `record` is how it stands. */
  | { readonly tag: "ordered"; readonly record: RunRecord; readonly repeated: boolean }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

export async function orderRun(
  deployment: Deployment,
  cluster: ClusterName,
  ordering: RunOrdering,
): Promise<OrderedRun> {
  const ordered = await storeOrder(deployment.open(cluster), ordering);
  if (ordered.tag === "ordered" && ordered.record.state !== "ended") {
    await promptRun(deployment, cluster, ordered.record);
  }
  return ordered;
}

/** The same without a prompt. */
export function storeOrder(ports: ClusterPorts, ordering: RunOrdering): Promise<OrderedRun> {
  return storeKeyed(ports, ordering, orderDigest(ordering), () => firstRecord(ports, ordering));
}

/** Stores the record that `make` gives, or finds that of an earlier request with the same key. */
export async function storeKeyed(
  ports: ClusterPorts,
  { actor, idempotency_key }: Pick<RunOrigin, "actor" | "idempotency_key">,
  order_digest: Digest,
  make: () => Promise<MadeRecord>,
): Promise<OrderedRun> {
  if (idempotency_key === null) {
    const made = await make();
    return made.tag === "made" ? store(ports, made.record, false) : made;
  }
  if (idempotency_key === "" || idempotency_key.length > IDEMPOTENCY_KEY_CHARACTERS_MAX) {
    const message = `An idempotency key has 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters.`;
    return refused("run_order_invalid", "idempotency_key", message);
  }
  const key = requestKey(actor, idempotency_key);
  const earlier = await readKeyedRequest(ports, key);
  if (earlier.tag === "unknown") return unknown(key, earlier.reason);
  if (earlier.tag === "found") return repeat(ports, earlier.request, order_digest);
  const made = await make();
  if (made.tag !== "made") return made;
  const keyed = await keyRequest(ports, key, { order_digest, record: made.record });
  if (keyed.tag === "unknown") return unknown(key, keyed.reason);
  if (keyed.request.record.run_id !== made.record.run_id) return repeat(ports, keyed.request, order_digest);
  return store(ports, made.record, false);
}

/** The run of an earlier request with this key, if it was the same request. */
async function repeat(
  ports: StorePorts,
  { record, order_digest }: KeyedRequest,
  asked: Digest,
): Promise<OrderedRun> {
  if (order_digest !== asked) {
    const message = `The key was used for the run ${record.run_id}, and that was another request.`;
    return refused("idempotency_key_reused", "idempotency_key", message);
  }
  return store(ports, record, true);
}

/** Stores the first version of a record, unless the run has one already. */
async function store(ports: StorePorts, record: RunRecord, repeated: boolean): Promise<OrderedRun> {
  const { run_id } = record;
  if (repeated) {
    const present = await presentRun(ports, run_id);
    if (present !== null) return present;
  }
  const opened = await openRun(ports, record);
  switch (opened.tag) {
    case "opened":
      return { tag: "ordered", record: opened.stored.record, repeated };
    case "refused":
    case "unknown":
      // Somebody else may have stored it, and a worker may have begun already.
      return (await presentRun(ports, run_id)) ?? unknown(run_id, opened.reason);
    default:
      return assertNever(opened);
  }
}

/** The run as it stands; null if it has no record. */
async function presentRun(ports: StorePorts, id: RunId): Promise<OrderedRun | null> {
  const read = await readRun(ports, id);
  switch (read.tag) {
    case "absent":
      return null;
    case "found":
      return { tag: "ordered", record: read.stored.record, repeated: true };
    case "invalid":
      return unknown(id, read.detail);
    case "unavailable":
      return unknown(id, read.reason);
    default:
      return assertNever(read);
  }
}

export type MadeRecord =
  | { readonly tag: "made"; readonly record: RunRecord }
  | Exclude<OrderedRun, { tag: "ordered" }>;

async function firstRecord(ports: ClusterPorts, ordering: RunOrdering): Promise<MadeRecord> {
  const planned = ordering.kind === "apply_plan" ? await plannedBundle(ports, ordering.plan_id) : NO_PLAN;
  if (planned.tag !== "bundle") return planned;
  const wanted = "bundle_digest" in ordering ? ordering.bundle_digest : planned.digest;
  const problem = wanted === null ? null : await unkept(ports, wanted);
  if (problem !== null) return problem;
  const facts = {
    run_id: ports.ids.next() as RunId,
    change_id: ports.ids.next(),
    created_at: timestamp(ports.clock),
    planned_bundle: planned.digest,
    planned_git: planned.git,
  };
  return { tag: "made", record: orderedRun(ordering, facts) };
}

type PlannedBundle =
  | { readonly tag: "bundle"; readonly digest: Digest | null; readonly git: GitOrigin | null }
  | Exclude<OrderedRun, { tag: "ordered" }>;

const NO_PLAN: PlannedBundle = { tag: "bundle", digest: null, git: null };

/** The config of a stored plan that nobody has used, and where whoever had it planned said that it came from. */
async function plannedBundle(ports: ClusterPorts, id: PlanId): Promise<PlannedBundle> {
  const [stored, user] = await Promise.all([storedPlan(ports, id), planUser(ports, id)]);
  if (stored.tag === "invalid") {
    const unread = stored.diagnostics.some((each) => each.code === "plan_read_error");
    return { tag: unread ? "unknown" : "refused", diagnostics: stored.diagnostics };
  }
  if (user.tag === "read" && user.run_id !== null) {
    return refused("plan_already_used", id, `The plan ${id} has been used by the run ${user.run_id}.`);
  }
  const made = await readRun(ports, stored.plan.run_id);
  const git = made.tag === "found" ? made.stored.record.git : null;
  return { tag: "bundle", digest: stored.plan.made_from.bundle_digest as Digest, git };
}

/** Null if the config folder is kept, as far as its name says. */
async function unkept(ports: ClusterPorts, digest: Digest): Promise<MadeRecord | null> {
  const key = bundleKey(digest);
  const listed = await retryRead(ports.clock, () => ports.store.list({ prefix: key, limit: 1 }));
  if (listed.tag === "unavailable") return unknown(key, listed.reason);
  if (listed.keys.includes(key)) return null;
  return refused("bundle_not_found", key, `No config folder is kept under the digest ${digest}.`);
}

function refused(
  code: "run_order_invalid" | "idempotency_key_reused" | "plan_already_used" | "bundle_not_found",
  path: string,
  message: string,
): Extract<OrderedRun, { tag: "refused" }> {
  return { tag: "refused", diagnostics: [diagnostic(code, { path, message })] };
}

function unknown(path: string, reason: string): Extract<OrderedRun, { tag: "unknown" }> {
  return { tag: "unknown", diagnostics: [orderUnknown(path, reason)] };
}

export function orderUnknown(path: string, reason: string): Diagnostic {
  const message = `It is not known whether the run was ordered: ${reason}.`;
  return diagnostic("run_order_unknown", { path, message });
}
