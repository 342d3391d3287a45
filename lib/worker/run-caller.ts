/**
 * Who ordered a run, as a caller: policy is asked again when the run is at work. A record without verified facts gives
 * the least that its actor's name stands for: no group, no proof of who they are. Pure.
 */
import type { Caller } from "../access/caller.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";

/** Null: nobody is known to have ordered the run. */
export function callerOf({ caller, actor }: Pick<RunRecord, "caller" | "actor">): Caller | null {
  if (caller !== null) return caller;
  if (actor === null) return null;
  return { actor, source: "iam", canonical: actor, session: null, amr: [], claim_groups: [] };
}
