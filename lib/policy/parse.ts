/**
 * Policy YAML, version 1: text in, a PolicyBundle or everything that is wrong with it out (spec/policy 1, 5.2).
 *
 * Guarantees: pure and total for any text; the parser sees nothing that the guard refused (reliability 4.2). All
 * problems come at once, in the order of the file, each with file, line, column and what to do. Where this is
 * stricter than OmniGraph: `version` is only ever a plain `1`, a key may not stand twice even in `groups`, an action
 * may not stand twice in one rule, names hold no control characters, tags that change a type are refused, and files
 * have limits.
 */
import type { Document } from "yaml";
import { LineCounter, parseDocument } from "yaml";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { guardYaml } from "../diagnostic/yaml-guard.ts";
import { assert } from "../digest/assert.ts";
import type { AuthScope, PolicyBundle, PolicyDuty, PolicyRule } from "./bundle.ts";
import type { ChangeScope } from "./change-scope.ts";
import { checkDraft, lintDraft } from "./check.ts";
import type { BundleDraft, RuleDraft } from "./draft.ts";
import { readDraft } from "./draft.ts";
import { POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX, POLICY_SYNTAX_ERRORS_MAX } from "./limits.ts";
import type { QueryScope } from "./query-scope.ts";
import type { AuthDraft, ChangeScopeDraft, DutyDraft, ListDraft, QueryScopeDraft } from "./scope-draft.ts";
import { YamlReader } from "./yaml-reader.ts";

export type ParsedPolicy =
  | { readonly tag: "parsed"; readonly bundle: PolicyBundle; readonly warnings: readonly Diagnostic[] }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const LIMITS = { bytes_max: POLICY_BYTES_MAX, depth_max: POLICY_DEPTH_MAX, nodes_max: POLICY_NODES_MAX };

/** Reads the policy file `text`; `file` is the name that diagnostics give. */
export function parsePolicy(text: string, file: string): ParsedPolicy {
  const verdict = guardYaml(text, file, LIMITS);
  if (verdict.tag === "refused") {
    const facts = { path: "", message: verdict.message, source: verdict.position };
    return { tag: "invalid", diagnostics: [diagnostic("policy_limit_exceeded", facts)] };
  }
  const lines = new LineCounter();
  const document = parseFailsafe(text, lines);
  const reader = new YamlReader(document, lines, file);
  reportSyntax(document, reader);
  if (reader.problems.length > 0) return { tag: "invalid", diagnostics: reader.problems };

  const draft = readDraft(reader, reader.root(document));
  const errors = [...reader.problems, ...checkDraft(draft)].sort(comparePlaces);
  if (errors.length > 0) return { tag: "invalid", diagnostics: errors };
  return { tag: "parsed", bundle: buildBundle(draft), warnings: [...lintDraft(draft)].sort(comparePlaces) };
}

/**
 * The failsafe schema knows no type but text, so nothing is ever resolved to a number or a truth value. Duplicate
 * keys are left to the reader, which finds them in linear time and can name them. The log level stays at its
 * default: "silent" would also silence the error about a second document.
 */
function parseFailsafe(text: string, lines: LineCounter): Document {
  return parseDocument(text, {
    schema: "failsafe",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
}

function reportSyntax(document: Document, reader: YamlReader): void {
  for (const error of [...document.errors, ...document.warnings].slice(0, POLICY_SYNTAX_ERRORS_MAX)) {
    const place = { value: null, path: "", source: reader.positionAt(error.pos[0]) };
    reader.report(
      "policy_shape",
      place,
      `the file is not valid YAML: ${describe(error.code, error.message)}`,
    );
  }
}

function describe(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here, and only one is allowed";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function comparePlaces(a: Diagnostic, b: Diagnostic): number {
  const [from, to] = [a.source, b.source];
  if (from === undefined || to === undefined) return 0;
  return from.line - to.line || from.column - to.column;
}

function buildBundle(draft: BundleDraft): PolicyBundle {
  return {
    version: 1,
    groups: (draft.groups ?? []).map((group) => ({
      name: group.name.value,
      members: (group.members?.value ?? []).map((member) => member.value),
    })),
    protected_branches: draft.protected_branches.map((branch) => branch.value),
    rules: draft.rules.map(buildRule),
    query_exposure: draft.query_exposure?.value ?? "read_gated",
    duties: draft.duties.map(buildDuty),
  };
}

function buildRule(draft: RuleDraft): PolicyRule {
  const { id, group, actions } = draft;
  assert(
    id !== null && group !== null && actions !== null,
    "a rule without problems has an id, a group and actions",
  );
  return {
    id: id.value,
    effect: draft.effect,
    group: group.value,
    actions: actions.value.map((each) => ({ action: each.value, source: each.source })),
    branch_scope: draft.branch_scope?.value ?? null,
    target_branch_scope: draft.target_branch_scope?.value ?? null,
    query_scope: draft.query_scope === null ? null : buildQueryScope(draft.query_scope),
    via: draft.via?.value ?? "any",
    change_scope: draft.change_scope === null ? null : buildChangeScope(draft.change_scope),
    auth: draft.auth === null ? null : buildAuth(draft.auth),
    lock_min_age_seconds: draft.lock_min_age_seconds?.value ?? null,
    source: id.source,
  };
}

function buildQueryScope(draft: QueryScopeDraft): QueryScope {
  return { names: valuesOf(draft.names), except: valuesOf(draft.except), kind: draft.kind?.value ?? "any" };
}

function buildChangeScope(draft: ChangeScopeDraft): ChangeScope {
  return {
    kinds: valuesOf(draft.kinds),
    operations: valuesOf(draft.operations),
    graphs: valuesOf(draft.graphs),
    max_tier: draft.max_tier?.value ?? null,
    min_tier: draft.min_tier?.value ?? null,
  };
}

function buildAuth(draft: AuthDraft): AuthScope {
  return { sources: valuesOf(draft.sources), amr_any: valuesOf(draft.amr_any) };
}

function buildDuty(draft: DutyDraft): PolicyDuty {
  const { id, actions } = draft;
  assert(id !== null && actions !== null, "a duty without problems has an id and actions");
  return {
    id: id.value,
    actions: actions.value.map((each) => each.value),
    actor_not_in: valuesOf(draft.actor_not_in) ?? [],
    min_approvals: draft.min_approvals?.value ?? 0,
    change_scope: draft.change_scope === null ? null : buildChangeScope(draft.change_scope),
    source: id.source,
  };
}

function valuesOf<Value>(list: ListDraft<Value> | null): readonly Value[] | null {
  return list === null ? null : list.value.map((each) => each.value);
}
