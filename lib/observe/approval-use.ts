/** What the chain of a graph says of the operation that is said to have used an approval: did it really happen? */
import { LIFE_VERSIONS_MAX } from "../apply/limits.ts";
import { inWaves } from "../apply/wave.ts";
import type { ApprovedOperation, Evidence } from "../approval/evidence.ts";
import { assertNever } from "../digest/assert.ts";
import type { Engine } from "../engine/engine.ts";
import type { ManifestCause } from "../engine/manifest.ts";

export type ApprovalUse =
  /** `version`: the manifest that carries the operation; null where no chain is concerned. */
  | { readonly tag: "happened"; readonly version: number | null }
  | { readonly tag: "never"; readonly head: number }
  | { readonly tag: "unknown"; readonly reason: string };

/** For evidence that calls itself consumed. */
export async function approvalUse(
  engine: Pick<Engine, "at" | "observe">,
  evidence: Evidence,
): Promise<ApprovalUse> {
  const { graph, manifest_version: reviewed, state } = evidence;
  const cause = causeOf(evidence.operation);
  if (graph === null || cause === null || state.tag !== "consumed") return { tag: "happened", version: null };
  const observation = await engine.observe(graph);
  if (observation.tag === "absent") return { tag: "never", head: 0 };
  if (observation.tag === "unreadable") return { tag: "unknown", reason: observation.detail };
  if (observation.tag === "unavailable") return { tag: "unknown", reason: observation.reason };
  const { version: head } = observation.head;
  const first = (reviewed ?? 0) + 1;
  const count = Math.min(head - first + 1, LIFE_VERSIONS_MAX);
  const versions = Array.from({ length: Math.max(0, count) }, (_, index) => first + index);
  const reads = await inWaves(versions, (version) => engine.at(graph, version));
  for (const read of reads) {
    if (read.tag === "unavailable") return { tag: "unknown", reason: read.reason };
    if (read.tag === "unreadable") return { tag: "unknown", reason: read.detail };
    if (read.tag === "absent" || read.manifest.operation_id !== state.operation_id) continue;
    if (read.manifest.cause === cause) return { tag: "happened", version: read.manifest.version };
  }
  if (first + count <= head)
    return { tag: "unknown", reason: `more than ${LIFE_VERSIONS_MAX} versions were published since` };
  return { tag: "never", head };
}

/** Null: the operation moves no graph. */
function causeOf(operation: ApprovedOperation): ManifestCause | null {
  switch (operation) {
    case "delete":
      return "remove";
    case "data_loss":
    case "purge":
      return "migrate";
    case "access":
      return null;
    default:
      return assertNever(operation);
  }
}
