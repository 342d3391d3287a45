/**
 * Judges an intent that OmniGraph wrote, which names no manifest version of ours (deviation 4): by what is there now
 * and by schema digests (spec/cluster 9.3). Pure.
 *
 * It can be asked about a graph of ours only: OmniGraph cannot open one, so its effect can no longer land there, and no
 * fence is needed. A schema change whose graph is proven gone is over (W6). A delete whose graph is gone while the
 * ledger still has it is left open, because it would take entries out of the ledger on another tool's word.
 */
import { assertNever } from "../digest/assert.ts";
import type { Observation } from "../engine/engine.ts";
import type { Verdict } from "./judge.ts";
import type { Sidecar } from "./sidecar.ts";

export interface RecordedEntries {
  /** The ledger has an entry for the graph. */
  readonly graph: boolean;
  /** Digest of its schema entry; null for none. */
  readonly schema_digest: string | null;
}

/** True if the sidecar cannot be judged by versions: it does not say which one its effect was to publish. */
export function isJudgedByDigest(sidecar: Sidecar): boolean {
  const { kind, observed_manifest_version: observed, expected_manifest_version: expected } = sidecar;
  return observed === null || (kind !== "graph_delete" && expected === null);
}

/** Null: it cannot be settled now. */
export function judgeByDigest(
  sidecar: Sidecar,
  observation: Observation,
  recorded: RecordedEntries,
): Verdict | null {
  switch (observation.tag) {
    case "unreadable":
    case "unavailable":
      return null;
    case "absent":
    case "never":
    case "deleted":
      return sidecar.kind === "graph_delete" && recorded.graph ? null : "never";
    case "live":
      return sidecar.kind === "graph_delete" ? "never" : judgeLive(sidecar, observation, recorded);
    default:
      return assertNever(observation);
  }
}

function judgeLive(
  sidecar: Sidecar,
  { schema }: Extract<Observation, { tag: "live" }>,
  recorded: RecordedEntries,
): Verdict {
  if (recorded.schema_digest === schema.digest) return "landed_recorded";
  return schema.digest === sidecar.desired_schema_digest ? "landed" : "overtaken";
}
