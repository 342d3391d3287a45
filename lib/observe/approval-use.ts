/** What the chain of a graph says of the operation that is said to have used an approval: did it really happen? */
import { LIFE_VERSIONS_MAX, WAVE_CALLS_MAX } from "../apply/limits.ts";
import { inWaves } from "../apply/wave.ts";
import type { ApprovedOperation, Evidence } from "../approval/evidence.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId, OperationId } from "../digest/ids.ts";
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
  if (observation.tag === "absent") return { tag: "unknown", reason: "it is gone" };
  if (observation.tag === "unreadable") return { tag: "unknown", reason: observation.detail };
  if (observation.tag === "unavailable") return { tag: "unknown", reason: observation.reason };
  return searched(
    engine,
    { graph, operation_id: state.operation_id, cause },
    reviewed ?? 0,
    observation.head.version,
  );
}

interface Wanted {
  readonly graph: GraphId;
  readonly operation_id: OperationId;
  readonly cause: ManifestCause;
}

/** Most uses follow their review closely, so the versions above it are read wave by wave until it is found. */
async function searched(
  engine: Pick<Engine, "at">,
  { graph, operation_id, cause }: Wanted,
  reviewed: number,
  head: number,
): Promise<ApprovalUse> {
  const last = Math.min(head, reviewed + LIFE_VERSIONS_MAX);
  for (let first = reviewed + 1; first <= last; first += WAVE_CALLS_MAX) {
    const count = Math.min(WAVE_CALLS_MAX, last - first + 1);
    const versions = Array.from({ length: count }, (_, index) => first + index);
    for (const read of await inWaves(versions, (version) => engine.at(graph, version))) {
      if (read.tag === "unavailable") return { tag: "unknown", reason: read.reason };
      if (read.tag === "unreadable") return { tag: "unknown", reason: read.detail };
      if (read.tag === "absent") return { tag: "unknown", reason: "a version is missing" };
      const { manifest } = read;
      if (manifest.operation_id === operation_id && manifest.cause === cause)
        return { tag: "happened", version: manifest.version };
    }
  }
  if (last < head)
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
    case "change":
      return null;
    default:
      return assertNever(operation);
  }
}
