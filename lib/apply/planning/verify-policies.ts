/**
 * Cedar's own word on the bundles that a run is about to put into force (spec/policy 1.3 row 18): strict validation of
 * what they compile to, for every scope they are bound to. Our checks leave nothing for it to find; if it finds
 * something, the compiler is wrong, and a bundle that would fail when somebody calls must not be recorded as applied.
 */
import type { Desired } from "../../desired/desired.ts";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Change } from "../../plan/change.ts";
import { scopeOfBinding } from "../../policy/scope.ts";
import { verifyBundle } from "../../policy/verify.ts";

/** Empty if every policy that `changes` creates or updates is valid. Loads Cedar only if there is one. */
export function verifyPolicies(changes: readonly Change[], desired: Desired): readonly Diagnostic[] {
  return changes.flatMap((change) => {
    const policy = desired.resources.get(change.resource);
    if (change.disposition !== "applied" || policy?.kind !== "policy" || policy.bundle === null) return [];
    const { bundle, applies_to } = policy;
    const scopes = applies_to.map(scopeOfBinding).filter((scope) => scope !== null);
    const problems = scopes.flatMap((scope) => verifyBundle(bundle, scope));
    return problems.map((problem) => ({ ...problem, path: change.resource }));
  });
}
