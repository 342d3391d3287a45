/**
 * The protect and unprotect commands: nothing deletes a protected graph, approved or not, until somebody ends its
 * protection in a revision of its own (kind `settings`), which says who and when.
 *
 * Open intents are settled first, under the lease: after that no delete that began earlier can land any more, so
 * `protected` in the answer holds from that moment on. What cannot be settled is reported, because it may still land.
 * Protecting what is protected, and the other way round, writes nothing.
 */
import type { ApplyRun } from "../apply/apply-run.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { SettledLedger } from "../apply/recovery/settled-ledger.ts";
import { graphAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import { type Protection, type Protections, protectionsOf } from "../ledger/protection.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { recordTextProblems } from "../ledger/record-text.ts";
import { timestamp } from "../ports/clock.ts";
import { type Operated, type OperateOutput, refusedOperation } from "./operate-output.ts";
import { type OperateCommand, operateRun } from "./operate-run.ts";

export interface ProtectCommand extends OperateCommand {
  readonly verb: "protect" | "unprotect";
  /** As a person typed it: `graph.<id>` or the id alone. */
  readonly graph: string;
  readonly reason: string | null;
}

export interface ProtectedGraphs {
  readonly state_revision: number;
  /** Every protected graph by id, as it is afterwards. */
  readonly protected: Readonly<Record<string, Protection>>;
}

export function protectGraph(
  ports: ClusterPorts,
  command: ProtectCommand,
): Promise<OperateOutput<ProtectedGraphs>> {
  const { verb } = command;
  return operateRun<ProtectedGraphs>(ports, verb, command, verb, async (run, settled) => {
    const before = protectionsOf(settled.ledger.receipt, settled.ledger.state);
    const graph = parseGraphId(command.graph.replace(/^graph\./, ""));
    if (graph === null || !(before.has(graph) || isRecorded(graph, settled.ledger))) {
      return refusedOperation([unknown(command)]);
    }
    const unwritable = recordTextProblems(run.actor, command.reason);
    if (unwritable.length > 0) return refusedOperation(unwritable);
    if (before.has(graph) === (verb === "protect")) {
      const outcome = settled.recovered ? "done" : "noop";
      return { outcome, result: facts(settled.ledger, before), diagnostics: [] };
    }
    const own = { by: run.actor, at: timestamp(run.ports.clock), reason: command.reason };
    return commit(run, settled, changed(before, graph, verb === "protect" ? own : null));
  });
}

function isRecorded(graph: GraphId, { state }: ReadyLedger): boolean {
  return Object.hasOwn(state.applied_revision.resources, graphAddress(graph));
}

function unknown({ graph, verb }: ProtectCommand): Diagnostic {
  const message = `${graph} is neither in the ledger nor protected, so there is nothing to ${verb}.`;
  return diagnostic("protection_target_unknown", { path: graph, message });
}

function changed(before: Protections, graph: GraphId, protection: Protection | null): Protections {
  const after = new Map(before);
  if (protection === null) after.delete(graph);
  else after.set(graph, protection);
  return after;
}

async function commit(
  run: ApplyRun,
  { ledger }: Extract<SettledLedger, { tag: "settled" }>,
  protections: Protections,
): Promise<Operated<ProtectedGraphs>> {
  const committed = await run.commit(ledger, ledger.state, {
    kind: "settings",
    operations: new Map(),
    changes: [],
    recovered: [],
    approvals: [],
    graphs: new Map(),
    protections,
  });
  switch (committed.tag) {
    case "committed":
      return { outcome: "done", result: facts(committed.ledger, protections), diagnostics: [] };
    case "superseded":
    case "unknown":
      return { outcome: "unknown", result: null, diagnostics: committed.diagnostics };
    case "stopped":
      return refusedOperation(committed.diagnostics);
    default:
      return assertNever(committed);
  }
}

function facts({ state }: ReadyLedger, protections: Protections): ProtectedGraphs {
  return { state_revision: state.state_revision, protected: Object.fromEntries(protections) };
}
