/** Documents as a server, a proxy or a damaged record could send them: one text in every place that holds one. */
import { commandLine } from "../../cli/render/command-line.ts";
import { describeStep } from "../../cli/render/describe-step.ts";
import { renderApply } from "../../cli/render/render-apply.ts";
import { approvalLines, givenLines, givenUnseenLines, listLines } from "../../cli/render/render-approvals.ts";
import {
  renderBackup,
  renderBackups,
  renderRestoredCluster,
  renderVerifiedBackup,
} from "../../cli/render/render-backup.ts";
import { changeLines, commitHead, commitIds, commitLines } from "../../cli/render/render-commit.ts";
import { renderDiagnostics } from "../../cli/render/render-diagnostics.ts";
import { renderDoctor } from "../../cli/render/render-doctor.ts";
import { renderFsck } from "../../cli/render/render-fsck.ts";
import { renderHistory, renderReceipt } from "../../cli/render/render-history.ts";
import { protectionLines, renderRefresh, renderStatus } from "../../cli/render/render-ledger.ts";
import { renderLoad } from "../../cli/render/render-load.ts";
import { renderPlan } from "../../cli/render/render-plan.ts";
import { renderRun, renderRuns } from "../../cli/render/render-runs.ts";
import { unsettledLines } from "../../cli/render/render-unsettled.ts";
import { lineLog } from "../../cli/serve/line-log.ts";
import type { Style } from "../../cli/style.ts";
import { problemDiagnostics } from "../../lib/client/problem.ts";
import { EVIDENCE } from "../approval/sample-approval.ts";

type Rendering = readonly [name: string, lines: readonly string[]];

/** Every renderer on documents full of the text. Types end where a server is asked: nothing here keeps its form. */
export function renderings(text: string, style: Style): readonly Rendering[] {
  const place = { config_dir: text };
  return [
    ...changeRenderings(text, style),
    ...recordRenderings(text, style),
    ...clusterRenderings(text, style, place),
    ["command", [commandLine(place, "approve", text)]],
    ["log", logLines(text)],
  ];
}

function diagnosticsOf(text: string) {
  const source = { file: text, line: 1, column: 1 };
  const own = { code: text, severity: "error", path: text, message: text, why: text, fix: text };
  const sent = problemDiagnostics(502, { detail: text, request_id: text, diagnostics: [own] }, text);
  return [{ ...own, source, rule: text }, { ...own, severity: "warning" }, ...sent] as never;
}

function changesOf(text: string): readonly object[] {
  const steps = [
    { kind: "drop_property", type_name: text, property_name: text, mode: "soft" },
    { kind: "add_constraint", type_name: text, constraint: { Check: { property: text, pattern: text } } },
    { kind: "unsupported_change", entity: text, code: text, reason: text },
  ];
  const impact = [{ step: 0, rows: 3, violations: 3, values_lost: 0, violating_ids: [text, `a${text}`] }];
  const entry = {
    action: text,
    scopes: [text],
    branches: { kind: "named", branch: text },
    queries: [{ patterns: [text], kind: text }],
    because: [text],
    actors: [text],
  };
  const update = { resource: `schema.${text}`, operation: "update", disposition: "applied" };
  const query = { operation: "create", disposition: "applied" };
  return [
    { ...update, migration: { steps, impact }, access: { gains: [entry], losses: [entry] } },
    { ...update, resource: text, disposition: "blocked", reason: "dependency_not_applied" },
    ...Array.from({ length: 20 }, (_, index) => ({ ...query, resource: `query.brain.${text}${index}` })),
  ];
}

function changeRenderings(text: string, style: Style): readonly Rendering[] {
  const changes = changesOf(text);
  const blast_radius = [{ resource: `schema.${text}`, affected: [text, `query.a.${text}`] }];
  const diagnostics = diagnosticsOf(text);
  const seen = { state_revision: 1 };
  const apply = { outcome: "partial", changes, diagnostics, state_observations: seen, converged: false };
  const step = { kind: "extend_enum", type_name: text, property_name: text, added_values: [text] };
  const {
    symbol,
    text: told,
    data,
  } = describeStep(step as never, { rows: 1, violations: 1, violating_ids: [text] } as never);
  return [
    ["plan", renderPlan({ changes, blast_radius } as never, style)],
    ["apply", renderApply(apply as never, style, false)],
    ["step", [`${symbol} ${told} ${data}`]],
    ["diagnostics", renderDiagnostics(diagnostics, style)],
  ];
}

function recordRenderings(text: string, style: Style): readonly Rendering[] {
  const git = { repository: text, ref: text, commit: text };
  const changes = (["create", "update", "delete"] as const).map((operation) => ({
    ...{ operation, address: text, before_digest: text, after_digest: text },
  }));
  const who = { actor: text, at: text, run_id: text, plan_id: text, trigger: text };
  const commit = { ...who, revision: 3, kind: "final", commit_id: text, config_digest: text, changes };
  const receipt = {
    ...commit,
    ...{ git, parent_revision: 2, parent_commit_id: text, bundle_digest: text, protected: [text] },
    approvals_consumed: [{ approval_id: text, address: text }],
    recovered: [{ operation_id: text, graph: text, outcome: text }],
    resources: { [text]: text },
    graphs: { [text]: { manifest_version: 1, incarnation: text } },
  };
  const attempt = { number: 1, owner: text, actor: text, started_at: text, ended_at: text };
  const run = {
    ...{ ...who, git, state: text, outcome: null, bundle_digest: text, created_at: text, targets: [text] },
    ...{ kind: "apply", diagnostics: [text], attempts: [{ ...attempt, stop_after_ms: null }] },
  };
  const backup = { backup_id: text, at: text, ledger: { revision: 1 }, objects: 1, bytes: 1, root: text };
  return [
    ["commit", commitLines("last commit", commit as never)],
    [
      "head",
      [commitHead(commit as never), ...commitIds(commit as never), ...changeLines(commit as never, "")],
    ],
    ["history", renderHistory({ receipts: [receipt], more: true } as never, text, style)],
    ["receipt", renderReceipt(receipt as never, style)],
    ["runs", renderRuns([run as never, { ...run, outcome: text } as never], style)],
    ["run", renderRun(run as never, diagnosticsOf(text), text, style)],
    ["backups", renderBackups([{ record: backup, digest: text } as never], text)],
    ["no backups", renderBackups([], text)],
    ...approvalRenderings(text, style),
  ];
}

function approvalRenderings(text: string, style: Style): readonly Rendering[] {
  const named = { approval_id: text, resource: text, approved_by: text, expires_at: text, created_at: text };
  const digests = { config_digest: text, before_digest: text, after_digest: text, plan_id: text };
  const evidence = { ...EVIDENCE, ...named, ...digests, submitted_by: text, graph: text, incarnation: text };
  const standings = [
    { state: "open" },
    { state: "reserved", run_id: text, operation_id: text },
    { state: "consumed", operation_id: text, at: text },
    { state: "revoked", by: text, at: text, reason: text },
  ];
  const summaries = standings.map((standing) => ({ ...named, operation: "delete", standing, reason: text }));
  const detail = { summary: summaries[3], consumed_in_revision: 1, evidence };
  return [
    ["given", givenLines(evidence as never)],
    ["given unseen", givenUnseenLines(evidence as never)],
    ["approvals", listLines({ approvals: summaries, over_count: 1 } as never, style)],
    ["approval", approvalLines(detail as never)],
  ];
}

function clusterRenderings(
  text: string,
  style: Style,
  place: { readonly config_dir: string },
): readonly Rendering[] {
  const diagnostics = diagnosticsOf(text);
  const lock = { lock_id: text, lock_operation: text, lock_created_at: text, locked: true };
  const seen = { ...lock, state_found: true, state_revision: 1, resource_count: 1, state_cas: text };
  const gone = { kind: "tombstone", deleted_at: text, actor: text };
  const view = {
    ...{
      ok: true,
      operation: text,
      diagnostics,
      state_observations: { ...seen, applied_config_digest: text },
    },
    resource_digests: { [`graph.${text}`]: text },
    resource_statuses: { [text]: { status: text, conditions: [text], message: text } },
    observations: { [`graph.old${text}`]: gone, [text]: { error: text } },
    protected: { [text]: { by: text, at: text, reason: text } },
    ...{ last_commit: null, last_change: null },
  };
  const unseen = { ...view, resource_statuses: { [text]: { status: text } } };
  const facts = [{ area: "ledger", verdict: "contradicted", subject: text, statement: text, fix: text }];
  const repair = [{ command: [text, text], why: [text], facts: 2 }];
  const fsck = { ...view, facts, repair, counts: { proven: 0, consistent: 0, unknown: 0, contradicted: 1 } };
  const promises = [{ promise: text, verdict: "broken", statement: text, means: text }];
  const copied = { ...view, root: text, to: text, from: text, owner: text, backup_id: text, revision: 1 };
  const restored = { ...copied, lease_table: { kind: text, name: text } };
  const load = {
    ...view,
    graph: text,
    mode: text,
    manifest_version: 1,
    counts: [{ type_name: text, rows: 1 }],
  };
  return [
    ["status", renderStatus(view as never, style)],
    ["refresh", renderRefresh(view as never, style, place)],
    ["protections", protectionLines(view.protected as never)],
    ["unsettled", [...unsettledLines(view as never, style), ...unsettledLines(unseen as never, style)]],
    ["fsck", renderFsck(fsck as never, style, place)],
    ["doctor", renderDoctor({ ok: false, root: text, promises, diagnostics } as never, style)],
    ["backup", renderBackup(copied as never, style)],
    ["verified backup", renderVerifiedBackup({ ...copied, damaged: [] } as never, style)],
    ["restored", renderRestoredCluster(restored as never, { out: style } as never)],
    ["load", renderLoad(load as never, style)],
    ["failed load", renderLoad({ ...load, ok: false } as never, style)],
  ];
}

/** What is written, without the line end that ends it. */
function logLines(text: string): readonly string[] {
  const lines: string[] = [];
  const log = lineLog({ nowMs: () => 0 } as never, (line) => lines.push(line.replace(/\n$/, "")));
  log.warn({ event: "inbox.ignored", path: text, reason: text, codes: [text] as never });
  return lines;
}
