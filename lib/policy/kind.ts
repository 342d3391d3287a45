/**
 * Whether a bundle suits what it is bound to (spec/policy 1.3 row 17, 3 and 5.2): only actions on the server and the
 * control plane at the cluster, only per-graph actions at graphs; duties at the cluster, exposure of queries at graphs.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { actionKind } from "./action.ts";
import type { PolicyBundle } from "./bundle.ts";

/** One diagnostic for each action that could never be allowed under `binding`, at that action. */
export function checkBindingKind(bundle: PolicyBundle, binding: "cluster" | "graph"): readonly Diagnostic[] {
  const actions = bundle.rules.flatMap((rule, ruleIndex) =>
    rule.actions.flatMap(({ action, source }, actionIndex) => {
      if ((actionKind(action) === "graph") === (binding === "graph")) return [];
      const path = `rules[${ruleIndex}].${rule.effect}.actions[${actionIndex}]`;
      return [diagnostic("policy_wrong_kind", { path, source, message: describe(rule.id, action, binding) })];
    }),
  );
  return [...actions, ...checkDuties(bundle, binding), ...checkExposure(bundle, binding)];
}

function checkDuties(bundle: PolicyBundle, binding: "cluster" | "graph"): readonly Diagnostic[] {
  if (binding === "cluster") return [];
  return bundle.duties.map(({ id, source }, index) => {
    const message = `policy duty '${id}' stands in a bundle for graphs; move it to a bundle that applies to cluster`;
    return diagnostic("policy_wrong_kind", { path: `duties[${index}]`, source, message });
  });
}

function checkExposure(bundle: PolicyBundle, binding: "cluster" | "graph"): readonly Diagnostic[] {
  if (binding === "graph" || bundle.query_exposure === "read_gated") return [];
  const message = `query_exposure: ${bundle.query_exposure} stands in a bundle for the cluster; move it to a bundle that applies to graphs`;
  return [diagnostic("policy_wrong_kind", { path: "query_exposure", message })];
}

function describe(rule: string, action: string, binding: "cluster" | "graph"): string {
  return binding === "graph"
    ? `policy rule '${rule}' uses server-scoped action '${action}' in a bundle for graphs; move it to a bundle that applies to cluster`
    : `policy rule '${rule}' uses per-graph action '${action}' in a bundle for the cluster; move it to a bundle that applies to graphs`;
}
