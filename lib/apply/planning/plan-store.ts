/**
 * Stored plans (design 3, 5): `__graphform/plans/<plan id>.json`, immutable, and beside it
 * `__graphform/plans/<plan id>-used.json`, which says that the plan was used and by which run.
 *
 * A plan is used once: the record is put, if absent, before the first thing that the run changes. Of two runs that use
 * one plan exactly one goes on; a run that dies after the record has used its plan up, for everybody but itself.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { PlanId, RunId } from "../../digest/ids.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "../../ledger/retry.ts";
import { decodePlan, type PlanDecoded } from "../../plan/plan-codec.ts";
import { encodePlan, type PlanDocument } from "../../plan/plan-document.ts";
import { timestamp } from "../../ports/clock.ts";
import { type StoreKey, storeKey } from "../../ports/object-store.ts";

export const PLAN_USE_FORMAT_VERSION = 1;
export const PLANS_PREFIX = "__graphform/plans/";

function planKey(id: PlanId): StoreKey {
  return storeKey(`${PLANS_PREFIX}${id}.json`);
}

function useKey(id: PlanId): StoreKey {
  return storeKey(`${PLANS_PREFIX}${id}-used.json`);
}

/** Stores the plan, so that it can be approved and applied by its id. Empty if it is there afterwards. */
export async function keepPlan(ports: StorePorts, plan: PlanDocument): Promise<readonly Diagnostic[]> {
  const path = planKey(plan.plan_id);
  const put = await putOnce(ports, path, new TextEncoder().encode(encodePlan(plan)));
  switch (put.tag) {
    case "present":
      return [];
    case "other": {
      const message = `Another plan is stored under the id ${plan.plan_id}.`;
      return [diagnostic("plan_invalid", { path, message })];
    }
    case "unavailable":
    case "ambiguous": {
      const message = `The plan ${plan.plan_id} could not be stored: ${put.reason}.`;
      return [diagnostic("plan_write_error", { path, message })];
    }
    default:
      return assertNever(put);
  }
}

/** The stored plan of an id. */
export async function storedPlan(ports: StorePorts, id: PlanId): Promise<PlanDecoded> {
  const path = planKey(id);
  const read = await readObjectRetrying(ports, path);
  switch (read.tag) {
    case "found":
      return decodePlan(new TextDecoder().decode(read.bytes), path);
    case "absent": {
      const message = `No plan is stored under the id ${id}.`;
      return { tag: "invalid", diagnostics: [diagnostic("plan_not_found", { path, message })] };
    }
    case "unavailable": {
      const message = `The plan ${id} could not be read: ${read.reason}.`;
      return { tag: "invalid", diagnostics: [diagnostic("plan_read_error", { path, message })] };
    }
    default:
      return assertNever(read);
  }
}

/** Why the run cannot use the plan any more; empty if no other run has used it, as far as can be seen. */
export async function earlierUse(
  ports: StorePorts,
  plan: PlanDocument,
  run_id: RunId,
): Promise<readonly Diagnostic[]> {
  const read = await readObjectRetrying(ports, useKey(plan.plan_id));
  return read.tag === "found" ? usedByAnother(plan.plan_id, read.bytes, run_id) : [];
}

/** Uses the plan up for one run; empty if that run may go on. */
export async function usePlan(
  ports: StorePorts,
  plan: PlanDocument,
  run_id: RunId,
): Promise<readonly Diagnostic[]> {
  const kept = await keepPlan(ports, plan);
  if (kept.length > 0) return kept;
  const used_at = timestamp(ports.clock);
  const use = { format_version: PLAN_USE_FORMAT_VERSION, plan_id: plan.plan_id, run_id, used_at };
  const key = useKey(plan.plan_id);
  const put = await putOnce(ports, key, new TextEncoder().encode(`${JSON.stringify(use, null, 2)}\n`));
  switch (put.tag) {
    case "present":
      return [];
    case "other":
      return usedByAnother(plan.plan_id, put.bytes, run_id);
    case "unavailable":
    case "ambiguous": {
      const message = `The use of the plan ${plan.plan_id} could not be recorded: ${put.reason}.`;
      return [diagnostic("plan_write_error", { path: key, message })];
    }
    default:
      return assertNever(put);
  }
}

export type PlanUser =
  /** Null: nobody has used the plan, as far as can be seen. */
  | { readonly tag: "read"; readonly run_id: RunId | null }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Which run the plan was used by. */
export async function planUser(ports: StorePorts, id: PlanId): Promise<PlanUser> {
  const read = await readObjectRetrying(ports, useKey(id));
  if (read.tag === "unavailable") return read;
  return { tag: "read", run_id: read.tag === "found" ? runIn(read.bytes) : null };
}

function runIn(record: Uint8Array): RunId | null {
  const id = /"run_id": "([0-9A-Z]{26})"/.exec(new TextDecoder().decode(record))?.[1];
  return id === undefined ? null : (id as RunId);
}

/** A run that goes on uses its own plan again (design 7). */
function usedByAnother(id: PlanId, record: Uint8Array, run_id: RunId): readonly Diagnostic[] {
  const run = runIn(record);
  if (run === run_id) return [];
  const by = run === null ? "" : ` by the run ${run}`;
  const message = `The plan ${id} has been used${by}.`;
  return [diagnostic("plan_already_used", { path: useKey(id), message })];
}
