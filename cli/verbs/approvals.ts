/** `graphform approvals list|show|revoke`: what is approved, who holds it, and taking one back. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { listApprovals, showApproval } from "../../lib/operate/list-approvals.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { approvalLines, listLines } from "../render/render-approvals.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { failure } from "./verb-failure.ts";

export function list(context: CommandContext, all: boolean): Promise<ExitCode> {
  const { config_dir } = context;
  return answer(
    context,
    "approvals list",
    (ports) => listApprovals(ports, { config_dir, all }),
    (output) => listLines(output, context.out),
  );
}

export function show(context: CommandContext, approval_id: string): Promise<ExitCode> {
  const { config_dir } = context;
  return answer(
    context,
    "approvals show",
    (ports) => showApproval(ports, { config_dir, approval_id }),
    ({ approval }) => (approval === null ? [] : approvalLines(approval)),
  );
}

export function revoke(
  context: CommandContext,
  approval_id: string,
  reason: string | null,
): Promise<ExitCode> {
  const { config_dir, actor } = context;
  return answer(
    context,
    "approvals revoke",
    (ports) => revokeApproval(ports, { config_dir, approval_id, actor, reason }),
    (output) => [
      `cluster approvals revoke: ${output.approval_id} of ${output.resource} was taken back by ${output.revoked_by}`,
    ],
  );
}

interface Answer {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Opens the cluster, asks, and prints the answer as JSON or as lines under a headline of failure. */
async function answer<Output extends Answer>(
  context: CommandContext,
  verb: string,
  ask: (ports: ClusterPorts) => Promise<Output>,
  lines: (output: Output) => readonly string[],
): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") return failure(context, verb, storage.diagnostics);
  const output = await ask(openCluster(storage));
  if (context.json) printJson(context, output);
  else {
    const body = output.ok ? lines(output) : [context.out.red(`cluster ${verb} failed`)];
    printLines(context, [...body, ...renderDiagnostics(output.diagnostics, context.out)]);
  }
  return output.ok ? 0 : 1;
}
