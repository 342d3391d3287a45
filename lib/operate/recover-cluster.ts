/** The recover command: settles what earlier runs left open, and nothing else (design 7). */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { GraphId } from "../digest/ids.ts";
import type { OperateOutput } from "./operate-output.ts";
import { type OperateCommand, operateRun } from "./operate-run.ts";

export interface Recovered {
  readonly state_revision: number;
  /** The sweep has committed a revision of its own. */
  readonly state_written: boolean;
  /** Graphs that stay blocked: no program can judge what was left of them. */
  readonly pending: readonly GraphId[];
}

export function recoverCluster(
  ports: ClusterPorts,
  command: OperateCommand,
): Promise<OperateOutput<Recovered>> {
  return operateRun<Recovered>(ports, "recover", command, "recover", (_run, settled) => {
    const { ledger, recovered } = settled;
    const result = {
      state_revision: ledger.state.state_revision,
      state_written: recovered,
      pending: [...settled.pending].sort(),
    };
    return Promise.resolve({ outcome: recovered ? "done" : "noop", result, diagnostics: [] });
  });
}
