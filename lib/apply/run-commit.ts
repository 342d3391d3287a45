/**
 * How a run commits: the receipt says what changed; graphs that did not move stay as the parent has them, and so does
 * their protection, whose mirror in the ledger is put right by the way.
 */
import { parseAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import { assertNever } from "../digest/assert.ts";
import type { PlanId, RunId } from "../digest/ids.ts";
import { commitLedger } from "../ledger/commit.ts";
import type { CommitFacts } from "../ledger/commit-facts.ts";
import { protectionsOf, withProtections } from "../ledger/protection.ts";
import type { CommitBase } from "../ledger/reading.ts";
import type { GitOrigin, Receipt, RecordedGraph, RecordedGraphs } from "../ledger/receipt.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { RunCommit, RunCommitted } from "./apply-run.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import { ledgerChanges } from "./ledger-changes.ts";
import { observedGraph } from "./recorded-graph.ts";

export interface CommitIssuer {
  readonly run_id: RunId;
  readonly token: number;
  readonly plan_id: PlanId | null;
  readonly actor: string | null;
  /** What started the run: `cli`, `api`, `schedule`, `upload`. */
  readonly trigger: string;
  readonly git: GitOrigin | null;
  /** What the run applies; `NO_CONFIG` if it applies none. */
  readonly desired: Desired;
}

export async function runCommit(
  ports: ClusterPorts,
  issuer: CommitIssuer,
  base: CommitBase,
  next: LedgerState,
  commit: RunCommit,
): Promise<RunCommitted> {
  const { run_id, token, plan_id, actor, trigger, git, desired } = issuer;
  const protections = commit.protections ?? protectionsOf(receiptOf(base), next);
  const facts: CommitFacts = {
    ...{ kind: commit.kind, run_id, token, plan_id, actor, trigger, git },
    ...configOf(base, desired, commit.kind),
    changes: ledgerChanges(base, next, commit),
    approvals_consumed: commit.approvals,
    recovered: commit.recovered,
    graphs: { ...recordedGraphsOf(base), ...Object.fromEntries(commit.graphs) },
    protected: [...protections.keys()],
  };
  const state = withProtections(next, protections);
  const result = await commitLedger(ports, base, state, facts, commit.cleared);
  switch (result.tag) {
    case "committed":
      return { tag: "committed", ledger: result.reading };
    case "superseded":
      return { tag: "superseded", diagnostics: result.diagnostics };
    case "refused":
    case "unsent":
      return { tag: "stopped", diagnostics: result.diagnostics };
    case "unknown":
      return { tag: "unknown", diagnostics: result.diagnostics };
    default:
      return assertNever(result);
  }
}

/** Only what an apply does itself names its config; everything else leaves the one that was applied last in its place. */
function configOf(
  base: CommitBase,
  desired: Desired,
  kind: RunCommit["kind"],
): Pick<Receipt, "bundle_digest" | "config_digest"> {
  if (desired !== NO_CONFIG && (kind === "begin" || kind === "final")) {
    const { bundle_digest, config_digest } = desired;
    return { bundle_digest, config_digest };
  }
  const receipt = receiptOf(base);
  return { bundle_digest: receipt?.bundle_digest ?? null, config_digest: receipt?.config_digest ?? null };
}

function receiptOf(base: CommitBase): Receipt | null {
  return base.tag === "missing" ? null : base.receipt;
}

/** What the base records of every graph, deleted ones included. */
export function recordedGraphsOf(base: CommitBase): RecordedGraphs {
  if (base.tag === "missing") return {};
  if (base.receipt !== null) return base.receipt.graphs;
  return base.tag === "ready" ? observedGraphs(base.state) : {};
}

/** Without a receipt, what the observations mirror. */
function observedGraphs(state: LedgerState): RecordedGraphs {
  const graphs: Record<string, RecordedGraph> = {};
  for (const address of Object.keys(state.observations)) {
    const parts = parseAddress(address);
    const seen = parts?.kind === "graph" ? observedGraph(state, address) : null;
    if (parts?.kind === "graph" && seen !== null) graphs[parts.graph] = seen;
  }
  return graphs;
}
