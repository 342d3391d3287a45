/**
 * The policies of the desired model (spec/cluster 1.9; spec/policy 3).
 *
 * Guarantees: pure; every complaint about a policy is collected. Exactly one bundle decides in each scope, and a
 * bundle is bound to the cluster or to graphs, never to both.
 */
import type { Bundle } from "../config/bundle.ts";
import type { PolicyDeclaration } from "../config/cluster-config.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import { isResourceId } from "../digest/ids.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import { checkBindingKind } from "../policy/kind.ts";
import { lintControl } from "../policy/lint-control.ts";
import { lintQueries, type QueryCatalogs } from "../policy/lint-queries.ts";
import { parsePolicy } from "../policy/parse.ts";
import type { QueryRef } from "../policy/query-scope.ts";
import { policyAddress } from "./address.ts";
import type { DesiredPolicy } from "./desired.ts";
import { placeInner } from "./inner-diagnostic.ts";
import { CLUSTER_TARGET, resolveTarget } from "./references.ts";
import { checkResourceId } from "./resource-id.ts";
import { loadSource, type SourceFile } from "./source-file.ts";

export interface LoadedPolicies {
  readonly resources: readonly DesiredPolicy[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads `declarations`, which come in name order; `graphs` are all declared graphs with their stored queries. */
export function loadPolicies(
  bundle: Bundle,
  declarations: readonly PolicyDeclaration[],
  graphs: ReadonlyMap<string, readonly QueryRef[]>,
): LoadedPolicies {
  const graphIds = new Set(graphs.keys());
  const owners = new Map<string, string>();
  const resources: DesiredPolicy[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const declaration of declarations) {
    const path = `policies.${declaration.name}`;
    const targets = resolveTargets(declaration, graphIds);
    diagnostics.push(
      ...checkResourceId(declaration.name, path, declaration.at),
      ...targets.diagnostics,
      ...claimScopes(declaration, targets.bindings, owners),
    );
    const loaded = loadSource(bundle, {
      declared: declaration.file,
      path: `${path}.file`,
      missing: "policy_file_missing",
      what: "policy file",
    });
    if (loaded.tag === "problem") {
      diagnostics.push(loaded.problem);
      continue;
    }
    const { source } = loaded;
    const content = loadContent(source, `${path}.file`, targets.binds, catalogsOf(targets.bindings, graphs));
    diagnostics.push(...content.diagnostics);
    if (!isResourceId(declaration.name)) continue;
    resources.push({
      kind: "policy",
      address: policyAddress(declaration.name),
      name: declaration.name,
      digest: source.digest,
      text: source.text,
      applies_to: targets.bindings,
      bundle: content.bundle,
      path: source.path,
    });
  }
  return { resources, diagnostics };
}

interface Targets {
  /** `cluster` or `graph.<id>`, sorted, each once; undeclared graphs stay in, for the run fails anyway. */
  readonly bindings: readonly string[];
  /** What kind of scope the bundle is bound to; null if that is not clear. */
  readonly binds: "cluster" | "graph" | null;
  readonly diagnostics: readonly Diagnostic[];
}

function resolveTargets(declaration: PolicyDeclaration, graphs: ReadonlySet<string>): Targets {
  const path = `policies.${declaration.name}.applies_to`;
  const source = declaration.applies_to_at;
  const diagnostics: Diagnostic[] = [];
  if (declaration.applies_to.length === 0) {
    const message = `The policy \`${declaration.name}\` applies to nothing.`;
    diagnostics.push(diagnostic("policy_missing_applies_to", { path, message, source }));
  }
  const bindings = new Set<string>();
  for (const [index, target] of declaration.applies_to.entries()) {
    const reference = resolveTarget(target, `${path}[${index}]`, graphs);
    if (reference.tag === "cluster") bindings.add(CLUSTER_TARGET);
    else diagnostics.push(...reference.found);
    if (reference.tag === "named") bindings.add(`graph.${reference.name}`);
  }
  const mixed = bindings.has(CLUSTER_TARGET) && bindings.size > 1;
  if (mixed) {
    const message = `The policy \`${declaration.name}\` applies to \`cluster\` and to a graph.`;
    diagnostics.push(diagnostic("policy_mixed_binding_kinds", { path, message, source }));
  }
  const kind = bindings.has(CLUSTER_TARGET) ? "cluster" : "graph";
  return {
    bindings: [...bindings].sort(compareBytes),
    binds: mixed || bindings.size === 0 ? null : kind,
    diagnostics,
  };
}

/** One complaint for each scope that an earlier policy owns; the others become this policy's. */
function claimScopes(
  declaration: PolicyDeclaration,
  bindings: readonly string[],
  owners: Map<string, string>,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const binding of bindings) {
    const owner = owners.get(binding);
    if (owner === undefined) {
      owners.set(binding, declaration.name);
      continue;
    }
    const message = `The policies \`${owner}\` and \`${declaration.name}\` both apply to \`${binding}\`.`;
    const path = `policies.${declaration.name}.applies_to`;
    const source = declaration.applies_to_at;
    found.push(diagnostic("duplicate_policy_binding", { path, message, source }));
  }
  return found;
}

interface LoadedContent {
  /** Null unless the bundle is valid and suits its bindings. */
  readonly bundle: PolicyBundle | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The queries of the declared graphs among `bindings`. */
function catalogsOf(
  bindings: readonly string[],
  graphs: ReadonlyMap<string, readonly QueryRef[]>,
): QueryCatalogs {
  return new Map([...graphs].filter(([graph]) => bindings.includes(`graph.${graph}`)));
}

function loadContent(
  source: SourceFile,
  path: string,
  binds: "cluster" | "graph" | null,
  catalogs: QueryCatalogs,
): LoadedContent {
  const parsed = parsePolicy(source.text, source.file);
  const place = (inner: readonly Diagnostic[]) => placeInner(inner, "policy_invalid", path);
  if (parsed.tag === "invalid") return { bundle: null, diagnostics: place(parsed.diagnostics) };
  const misfits = binds === null ? [] : checkBindingKind(parsed.bundle, binds);
  if (misfits.length > 0) return { bundle: null, diagnostics: place([...parsed.warnings, ...misfits]) };
  const lints = binds === "cluster" ? lintControl(parsed.bundle) : lintQueries(parsed.bundle, catalogs);
  return { bundle: parsed.bundle, diagnostics: place([...parsed.warnings, ...lints]) };
}
