/**
 * One diagnostic for each change that did not run, with what to do (spec/cluster 8.1, step 12). Pure.
 *
 * What waits for something is a warning. What cannot be done as declared is an error, although the plan knew it before
 * the engine was asked: a migration with an unsupported step, and a graph whose place is taken or cannot be seen
 * (spec/cluster 8.2, step 4).
 */
import { parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Change } from "../plan/change.ts";
import { blockedMessage, reasonAdvice } from "../plan/reason-text.ts";

/** Reasons that an error of the run already explains. */
const EXPLAINED: ReadonlySet<string> = new Set([
  "graph_create_failed",
  "schema_apply_failed",
  "payload_write_failed",
]);

/** Reasons for which the engine would have refused to create the graph. */
const NOT_CREATABLE: ReadonlySet<string> = new Set([
  "graph_exists",
  "graph_unreadable",
  "graph_observation_error",
]);

export function blockedDiagnostics(changes: readonly Change[]): readonly Diagnostic[] {
  return changes.flatMap((change) => {
    const { reason, resource: path } = change;
    if (reason === undefined || EXPLAINED.has(reason)) return [];
    const facts = { path, message: blockedMessage(change), fix: `${capital(reasonAdvice(reason))}.` };
    if (change.disposition === "deferred") return [diagnostic("apply_unsupported_change", facts)];
    if (reason === "migration_unsupported") return [diagnostic("schema_apply_failed", facts)];
    if (creates(change) && NOT_CREATABLE.has(reason)) return [diagnostic("graph_create_failed", facts)];
    return [diagnostic("apply_dependency_blocked", facts)];
  });
}

function creates(change: Change): boolean {
  return change.operation === "create" && parseAddress(change.resource)?.kind === "graph";
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
