/**
 * Whether a bundle suits what it is bound to (spec/policy 1.3 row 17, and 3): only server-scoped actions at the
 * cluster, only per-graph actions at graphs.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { actionKind } from "./action.ts";
import type { PolicyBundle } from "./bundle.ts";

/** One diagnostic for each action that could never be allowed under `binding`, at that action. */
export function checkBindingKind(bundle: PolicyBundle, binding: "cluster" | "graph"): readonly Diagnostic[] {
  const wanted = binding === "cluster" ? "server" : "graph";
  return bundle.rules.flatMap((rule, ruleIndex) =>
    rule.actions.flatMap(({ action, source }, actionIndex) => {
      if (actionKind(action) === wanted) return [];
      const path = `rules[${ruleIndex}].allow.actions[${actionIndex}]`;
      return [diagnostic("policy_wrong_kind", { path, source, message: describe(rule.id, action, binding) })];
    }),
  );
}

function describe(rule: string, action: string, binding: "cluster" | "graph"): string {
  return binding === "graph"
    ? `policy rule '${rule}' uses server-scoped action '${action}' in a bundle for graphs; move it to a bundle that applies to cluster`
    : `policy rule '${rule}' uses per-graph action '${action}' in a bundle for the cluster; move it to a bundle that applies to graphs`;
}
