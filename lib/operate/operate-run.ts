/**
 * How the commands around plan and apply run: under the lease, on a ledger on which everything that earlier runs left
 * open has been settled first (design 7). They need the config folder only to find the cluster, so they also work while
 * the config has errors.
 */
import type { ApplyRun } from "../apply/apply-run.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { lockedRun } from "../apply/locked-run.ts";
import { type SettledLedger, settledLedger } from "../apply/recovery/settled-ledger.ts";
import type { Desired } from "../desired/desired.ts";
import type { RunId } from "../digest/ids.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import { type Operated, type OperateOutput, operateOutput } from "./operate-output.ts";

export interface OperateCommand {
  /** `NO_CONFIG` where there is none at hand. */
  readonly desired: Desired;
  readonly actor: string | null;
  /** What started the command: `cli`, `api`, `schedule`. */
  readonly trigger: string;
  /** A run that was ordered; absent: a new one. */
  readonly run_id?: RunId;
}

/** `purpose` completes "there is no ledger yet, so there is nothing to ...". */
export async function operateRun<Facts>(
  ports: ClusterPorts,
  operation: OperateOutput<Facts>["operation"],
  command: OperateCommand,
  purpose: string,
  body: (run: ApplyRun, settled: Extract<SettledLedger, { tag: "settled" }>) => Promise<Operated<Facts>>,
): Promise<OperateOutput<Facts>> {
  const { desired, actor, trigger } = command;
  const idle = { interrupted: () => false, progress: () => undefined };
  const id = command.run_id === undefined ? {} : { run_id: command.run_id };
  const request = { operation: "recover", desired, actor, trigger, plan_id: null, ...id, ...idle } as const;
  const settle = async (run: ApplyRun, reading: LedgerReading): Promise<Operated<Facts>> => {
    const settled = await settledLedger(run, reading, purpose);
    if (settled.tag === "stopped") {
      const outcome = settled.unknown ? "unknown" : "refused";
      return { outcome, result: null, diagnostics: settled.diagnostics };
    }
    const operated = await body(run, settled);
    return { ...operated, diagnostics: [...settled.diagnostics, ...operated.diagnostics] };
  };
  return operateOutput(operation, await lockedRun(ports, request, settle));
}
