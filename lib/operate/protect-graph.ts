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
import { ledgerFacts } from "../apply/ledger-facts.ts";
import { lockedRun, type RunRequest } from "../apply/locked-run.ts";
import { settledLedger } from "../apply/settled-ledger.ts";
import { graphAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import { type Protection, type Protections, protectionsOf } from "../ledger/protection.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import { NO_LEDGER, type StateObservations, stateObservations } from "../plan/state-observations.ts";
import { timestamp } from "../ports/clock.ts";

export const PROTECT_OUTPUT_FORMAT_VERSION = 1;

export interface ProtectCommand extends Pick<RunRequest, "desired" | "actor" | "trigger"> {
  readonly verb: "protect" | "unprotect";
  /** As a person typed it: `graph.<id>` or the id alone. */
  readonly graph: string;
  readonly reason: string | null;
}

/** Field order is the JSON order. */
export interface ProtectOutput {
  readonly ok: boolean;
  readonly format_version: typeof PROTECT_OUTPUT_FORMAT_VERSION;
  readonly operation: "protect" | "unprotect";
  readonly config_dir: string;
  readonly state_observations: StateObservations;
  /** Every protected graph, as it is afterwards. */
  readonly protected: Readonly<Record<string, Protection>>;
  /** False if it was so already. */
  readonly state_written: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

interface Done {
  readonly reading: LedgerReading;
  readonly protections: Protections;
  readonly written: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export async function protectGraph(ports: ClusterPorts, command: ProtectCommand): Promise<ProtectOutput> {
  const idle = { interrupted: () => false, progress: () => undefined };
  const request = { ...command, ...idle, operation: "settings", plan_id: null } as const;
  const ran = await lockedRun(ports, request, (run, reading) => change(run, reading, command));
  const value = ran.tag === "ran" ? ran.value : null;
  const diagnostics = [...ran.diagnostics, ...(value?.diagnostics ?? [])];
  const facts = value === null ? NO_LEDGER : ledgerFacts(value.reading);
  return {
    ok: !hasErrors(diagnostics),
    format_version: PROTECT_OUTPUT_FORMAT_VERSION,
    operation: command.verb,
    config_dir: command.desired.config_dir,
    state_observations: stateObservations(ports.root, facts, ran.lock),
    protected: Object.fromEntries(value?.protections ?? []),
    state_written: value?.written ?? false,
    diagnostics,
  };
}

async function change(run: ApplyRun, reading: LedgerReading, command: ProtectCommand): Promise<Done> {
  const settled = await settledLedger(run, reading, command.verb);
  if (settled.tag === "stopped") {
    return { reading, protections: new Map(), written: false, diagnostics: settled.diagnostics };
  }
  const { ledger, diagnostics } = settled;
  const before = protectionsOf(ledger.receipt, ledger.state);
  const unchanged = { reading: ledger, protections: before, written: settled.recovered, diagnostics };
  const graph = parseGraphId(command.graph.replace(/^graph\./, ""));
  if (graph === null || !(before.has(graph) || isRecorded(graph, ledger.state.applied_revision))) {
    return { ...unchanged, diagnostics: [...diagnostics, unknown(command)] };
  }
  if (before.has(graph) === (command.verb === "protect")) return unchanged;
  const own = { by: run.actor, at: timestamp(run.ports.clock), reason: command.reason };
  const protections = changed(before, graph, command.verb === "protect" ? own : null);
  const facts = {
    operations: new Map(),
    changes: [],
    recovered: [],
    approvals: [],
    graphs: new Map(),
    protections,
  };
  const committed = await run.commit(ledger, ledger.state, { kind: "settings", ...facts });
  switch (committed.tag) {
    case "committed":
      return { reading: committed.ledger, protections, written: true, diagnostics };
    case "superseded":
      return {
        ...unchanged,
        protections,
        written: true,
        diagnostics: [...diagnostics, ...committed.diagnostics],
      };
    case "stopped":
    case "unknown":
      return { ...unchanged, diagnostics: [...diagnostics, ...committed.diagnostics] };
    default:
      return assertNever(committed);
  }
}

function isRecorded(graph: GraphId, applied: { readonly resources: object }): boolean {
  return Object.hasOwn(applied.resources, graphAddress(graph));
}

function changed(before: Protections, graph: GraphId, protection: Protection | null): Protections {
  const after = new Map(before);
  if (protection === null) after.delete(graph);
  else after.set(graph, protection);
  return after;
}

function unknown({ graph, verb }: ProtectCommand): Diagnostic {
  const message = `${graph} is neither in the ledger nor protected, so there is nothing to ${verb}.`;
  return diagnostic("protection_target_unknown", { path: graph, message });
}
