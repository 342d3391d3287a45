/**
 * A plan as a person reads it (Terraform's way): a symbol for each change, what happens to data, who gains and loses
 * access, what is blocked and what to do next, and the counts.
 */
import { parseAddress } from "../../lib/desired/address.ts";
import type { BlastRadius } from "../../lib/plan/blast-radius.ts";
import type { Change, ChangeReason } from "../../lib/plan/change.ts";
import { blockedMessage, reasonAdvice } from "../../lib/plan/reason-text.ts";
import type { AccessEntry } from "../../lib/policy/diff.ts";
import type { Style } from "../style.ts";
import { count, describeStep } from "./describe-step.ts";
import { foldChanges, queryList } from "./fold-changes.ts";
import { printableFields } from "./printable.ts";

const AFFECTED_LISTED_MAX = 6;
const SYMBOLS = { create: "+", update: "~", delete: "-" } as const;
const BLOCKED_SYMBOL = "x";

export interface PlanView {
  readonly changes: readonly Change[];
  readonly blast_radius: readonly BlastRadius[];
}

export function renderPlan({ changes, blast_radius }: PlanView, style: Style): readonly string[] {
  const plan = printableFields({ changes, blast_radius });
  if (plan.changes.length === 0) return ["  no changes"];
  const affected = new Map(plan.blast_radius.map((row) => [row.resource, row.affected]));
  const planned = new Set<string>(plan.changes.map((change) => change.resource));
  const advised = new Set<ChangeReason>();
  const lines = foldChanges(plan.changes).flatMap((entry) => {
    if (entry.tag === "single") {
      const { change } = entry;
      const unplanned = (affected.get(change.resource) ?? []).filter((address) => !planned.has(address));
      return renderChange(change, unplanned, advised, style);
    }
    const note = [stoppedNote(entry.first), entry.text, noteOf(entry.first)].filter(Boolean).join(", ");
    const head = `  ${paint(entry.first, style)} ${style.bold(entry.address)}  ${note}`;
    return [head, ...blockedLines(entry.first, advised, style)];
  });
  return [legend(plan.changes, style), "", ...lines, "", summary(plan.changes, style)];
}

/** The symbols that this plan uses, and no others. */
function legend(changes: readonly Change[], style: Style): string {
  const words = (["create", "update", "delete"] as const)
    .map((operation) =>
      changes.find((each) => each.operation === operation && each.disposition !== "blocked"),
    )
    .filter((change) => change !== undefined)
    .map((change) => `${paint(change, style)} ${change.operation}`);
  const blocked = changes.some((each) => each.disposition === "blocked");
  return `  ${[...words, ...(blocked ? [`${style.red(BLOCKED_SYMBOL)} blocked`] : [])].join("   ")}`;
}

function paint(change: Change, style: Style): string {
  const symbol = SYMBOLS[change.operation];
  if (change.disposition === "blocked") return style.red(BLOCKED_SYMBOL);
  if (symbol === "+") return style.green(symbol);
  return symbol === "-" ? style.red(symbol) : style.yellow(symbol);
}

function renderChange(
  change: Change,
  affected: readonly string[],
  advised: Set<ChangeReason>,
  style: Style,
): readonly string[] {
  const notes = [
    stoppedNote(change),
    noteOf(change),
    change.disposition === "derived" ? "follows from its parts" : "",
  ].filter(Boolean);
  const head = `  ${paint(change, style)} ${style.bold(change.resource)}${notes.length > 0 ? `  ${style.dim(notes.join(", "))}` : ""}`;
  return [
    head,
    ...migrationLines(change, style),
    ...rowLines(change),
    ...accessLines(change, style),
    ...blockedLines(change, advised, style),
    ...affectedLines(change, affected, style),
  ];
}

/** The symbol of what does not run says that it does not; what it would be must be said beside it. */
function stoppedNote(change: Change): string {
  return change.disposition === "blocked" ? `to ${change.operation}` : "";
}

function noteOf(change: Change): string {
  if (change.binding_change) return "bindings only";
  if (change.purge) return "destroys what is hidden";
  if (change.data_loss) return "destroys what it drops, as approved";
  if (change.only_file_changed) return "only the file changed, not the query";
  return change.metadata_change === "embedding_profile" ? "profile" : "";
}

function migrationLines(change: Change, style: Style): readonly string[] {
  return (change.migration?.steps ?? []).map((step, index) => {
    const impact = change.migration?.impact.find((each) => each.step === index);
    const { symbol, text, data } = describeStep(step, impact);
    return `      ${symbol} ${text}${data === "" ? "" : style.dim(`  (${data})`)}`;
  });
}

function rowLines(change: Change): readonly string[] {
  if (change.rows === undefined) return [];
  return [
    change.rows === null
      ? "      its rows could not be counted"
      : `      ${count(change.rows, "row")} would go with it`,
  ];
}

function accessLines(change: Change, style: Style): readonly string[] {
  const gains = (change.access?.gains ?? []).map(
    (entry) => `      ${style.green("gains")} ${accessText(entry)}`,
  );
  const losses = (change.access?.losses ?? []).map(
    (entry) => `      ${style.red("loses")} ${accessText(entry)}`,
  );
  return [...gains, ...losses];
}

function accessText(entry: AccessEntry): string {
  const { branches, via, because } = entry;
  const limits = [
    ...(branches.kind === "any"
      ? []
      : [`${branches.kind === "named" ? branches.branch : branches.kind} branches`]),
    ...(via === undefined ? [] : [via === "stored" ? "through stored queries" : "with inline text"]),
    ...queryTexts(entry),
    ...(because === undefined ? [] : [`by ${because.join(", ")}`]),
  ];
  const where = limits.length === 0 ? "" : ` (${limits.join(", ")})`;
  return `${entry.action} on ${entry.scopes.join(", ")}${where}: ${entry.actors.join(", ")}`;
}

function queryTexts({ queries, coarse }: AccessEntry): readonly string[] {
  if (queries === undefined) return [];
  const texts = queries.map(({ patterns, kind }) => {
    const names = patterns.length === 0 ? "all other queries" : patterns.join(" and ");
    return kind === "any" ? names : `${names} if a ${kind}`;
  });
  return coarse ? [...texts, "the graph as a whole"] : texts;
}

/** Why it does not run; what to do about it is said once for each reason. */
function blockedLines(change: Change, advised: Set<ChangeReason>, style: Style): readonly string[] {
  const { reason } = change;
  if (reason === undefined) return [];
  const word = change.disposition === "deferred" ? style.yellow("deferred") : style.red("blocked");
  const line = `      ${word} (${reason}): ${blockedMessage(change)}`;
  if (advised.has(reason)) return [line];
  advised.add(reason);
  return [line, `      to do: ${reasonAdvice(reason)}.`];
}

/** What depends on the change without being in the plan itself: it keeps running, on something else. */
function affectedLines(change: Change, affected: readonly string[], style: Style): readonly string[] {
  if (change.operation === "create" || change.disposition === "derived" || affected.length === 0) return [];
  const queries = affected.filter((address) => parseAddress(address)?.kind === "query");
  const others = affected.filter((address) => !queries.includes(address));
  const names = [...others, ...(queries.length > AFFECTED_LISTED_MAX ? [queryList(queries)] : queries)];
  return [style.dim(`      affects ${names.join(", ")}`)];
}

function summary(changes: readonly Change[], style: Style): string {
  const running = changes.filter(
    (change) => change.disposition === "applied" || change.disposition === "derived",
  );
  const number = (operation: Change["operation"]) =>
    running.filter((each) => each.operation === operation).length;
  const stopped = changes.length - running.length;
  const counts = `${number("create")} to create, ${number("update")} to update, ${number("delete")} to delete`;
  return `${style.bold("Plan:")} ${counts}${stopped === 0 ? "." : `, ${style.red(`${stopped} blocked or deferred`)}.`}`;
}
