/** Asks the policy of a graph again for a run that is about to touch its rows, with the caller who ordered it (design 9). */
import type { Access } from "../access/access.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import { decideForRun, outdatedGroups } from "./decide-for-run.ts";
import { callerOf } from "./run-caller.ts";

export interface GraphAsk {
  readonly action: "change" | "export";
  readonly graph: GraphId;
}

const VERBS = { change: "load into", export: "export" } as const satisfies Record<GraphAsk["action"], string>;

/** Null if the caller may; `run_access_undecided` if nobody can tell now. */
export async function deniedOnGraph(
  ports: ClusterPorts,
  record: RunRecord,
  { action, graph }: GraphAsk,
  access: Access,
): Promise<Diagnostic | null> {
  const path = `graph.${graph}`;
  const caller = callerOf(record);
  if (caller === null) {
    return diagnostic("run_denied", {
      path,
      message: `It is not known who ordered the ${record.operation}.`,
    });
  }
  const asked = { access, ports, record, caller };
  const decision = await decideForRun(asked, { kind: "graph", action, graph });
  switch (decision.tag) {
    case "allowed":
      return null;
    case "denied": {
      const message = `${caller.actor} may not ${VERBS[action]} ${path}: ${decision.message}`;
      return diagnostic("run_denied", { path, message });
    }
    case "outdated":
      return outdatedGroups(asked, path, `${decision.message}.`);
    case "failed": {
      const message = `It could not be decided whether ${caller.actor} may ${VERBS[action]} ${path}: ${decision.reason}.`;
      return diagnostic("run_access_undecided", { path, message });
    }
    default:
      return assertNever(decision);
  }
}
