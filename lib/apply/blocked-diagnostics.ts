/** One warning for each change that did not run, with what to do (spec/cluster 8.1, step 12). Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Change } from "../plan/change.ts";
import { blockedMessage, reasonAdvice } from "../plan/reason-text.ts";

/** Reasons that an error of the run already explains. */
const EXPLAINED: ReadonlySet<string> = new Set([
  "graph_create_failed",
  "schema_apply_failed",
  "payload_write_failed",
]);

export function blockedDiagnostics(changes: readonly Change[]): readonly Diagnostic[] {
  return changes.flatMap((change) => {
    const { reason, resource: path } = change;
    if (reason === undefined || EXPLAINED.has(reason)) return [];
    const facts = { path, message: blockedMessage(change), fix: `${capital(reasonAdvice(reason))}.` };
    if (change.disposition === "deferred") return [diagnostic("apply_unsupported_change", facts)];
    if (reason === "migration_unsupported") return [diagnostic("schema_apply_failed", facts)];
    return [diagnostic("apply_dependency_blocked", facts)];
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
