/**
 * What the changes of a plan are, taken together, as policies of the control plane look at them (spec/policy 5.2, 5.7).
 *
 * Guarantees: pure. A change that cannot be told is taken for the severest: of tier `irreversible`, and of a graph that
 * nobody can name. An update of a graph that only follows from its parts is no change of its own, because the parts
 * are in the plan too.
 */
import { type AddressParts, parseAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import {
  type ChangeKind,
  type ChangeOperation,
  type ChangeTier,
  CLUSTER_SENTINEL,
  UNKNOWN_GRAPH,
  worseTier,
} from "../policy/change-scope.ts";
import type { ChangeFacts } from "../policy/control-facts.ts";
import { scopeOfBinding } from "../policy/scope.ts";
import type { MigrationStep } from "../schema/migration.ts";
import type { Change } from "./change.ts";

/** The facts of `changes`, all of them. */
export function changeFacts(changes: readonly Change[]): ChangeFacts {
  const kinds = new Set<ChangeKind>();
  const operations = new Set<ChangeOperation>();
  const graphs = new Set<string>();
  let tier: ChangeTier = "display_only";
  for (const change of changes) {
    const address = parseAddress(change.resource);
    if (address?.kind === "graph" && followsFromParts(change)) continue;
    if (address === null) graphs.add(UNKNOWN_GRAPH);
    else kinds.add(address.kind);
    operations.add(change.operation);
    for (const graph of address === null ? [] : graphsOf(change, address)) graphs.add(graph);
    tier = worseTier(tier, tierOf(change, address));
  }
  return { kinds: [...kinds], operations: [...operations], graphs: [...graphs].sort(), max_tier: tier };
}

/** The facts of what a run of this plan does; what is blocked or deferred is not done. */
export function runFacts(changes: readonly Change[]): ChangeFacts {
  return changeFacts(
    changes.filter((change) => change.disposition === "applied" || change.disposition === "derived"),
  );
}

/**
 * The facts of one gated change as its approval would make it: what approving a schema change adds is that its drops
 * destroy.
 */
export function approvalFacts(change: Change): ChangeFacts {
  const facts = changeFacts([change]);
  return parseAddress(change.resource)?.kind === "schema" ? { ...facts, max_tier: "irreversible" } : facts;
}

function followsFromParts(change: Change): boolean {
  return change.operation === "update" && change.rebound !== true;
}

/** A policy belongs to every graph that it was or will be bound to, and a bundle of the cluster to no graph. */
function graphsOf(change: Change, address: AddressParts): readonly string[] {
  switch (address.kind) {
    case "graph":
    case "schema":
    case "query":
      return [address.graph];
    case "embedding_provider":
      return [CLUSTER_SENTINEL];
    case "policy": {
      const scopes = (change.bound_to ?? []).map(scopeOfBinding);
      if (scopes.length === 0) return [CLUSTER_SENTINEL, UNKNOWN_GRAPH];
      return scopes.map((scope) => (scope?.kind === "graph" ? scope.graph : CLUSTER_SENTINEL));
    }
    default:
      return assertNever(address);
  }
}

function tierOf(change: Change, address: AddressParts | null): ChangeTier {
  if (address === null) return "irreversible";
  if (change.operation === "create") return "catalog";
  switch (address.kind) {
    case "graph":
      return change.operation === "delete" ? "irreversible" : "compatibility_narrowing";
    case "schema":
      return schemaTier(change);
    case "query":
      if (change.only_file_changed === true) return "display_only";
      // Whether an update takes a parameter away is not known here, so it may.
      return "compatibility_narrowing";
    case "policy":
      return policyTier(change);
    case "embedding_provider":
      return "compatibility_narrowing";
    default:
      return assertNever(address);
  }
}

function schemaTier(change: Change): ChangeTier {
  if (change.operation === "delete" || change.purge === true || change.data_loss === true) {
    return "irreversible";
  }
  if (change.migration === undefined || !change.migration.supported) return "irreversible";
  return change.migration.steps.map(stepTier).reduce(worseTier, "display_only");
}

function stepTier(step: MigrationStep): ChangeTier {
  switch (step.kind) {
    case "update_type_metadata":
    case "update_property_metadata":
      return "display_only";
    case "add_type":
    case "add_property":
    case "relax_property":
    case "extend_enum":
    case "drop_constraint":
      return "catalog";
    case "rename_type":
    case "rename_property":
    case "add_constraint":
      return "compatibility_narrowing";
    case "drop_type":
    case "drop_property":
      return step.mode === "soft" ? "recoverable_rewrite" : "irreversible";
    case "unsupported_change":
      return "irreversible";
    default:
      return assertNever(step);
  }
}

function policyTier(change: Change): ChangeTier {
  if (change.access === undefined) return "irreversible";
  return change.access.losses.length > 0 ? "compatibility_narrowing" : "catalog";
}
