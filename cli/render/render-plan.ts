/**
 * A plan as a person reads it (Terraform's way): a symbol for each change, what happens to data, who gains and loses
 * access, what is blocked and what to do next, and the counts.
 */
import { parseAddress } from "../../lib/desired/address.ts";
import type { BlastRadius } from "../../lib/plan/blast-radius.ts";
import type { Change } from "../../lib/plan/change.ts";
import { blockedMessage, reasonAdvice } from "../../lib/plan/reason-text.ts";
import type { AccessEntry } from "../../lib/policy/diff.ts";
import type { Style } from "../style.ts";
import { count, describeStep } from "./describe-step.ts";

/** Unblocked query changes of one graph and one operation beyond this number are counted instead of listed. */
const QUERIES_LISTED_MAX = 12;
const AFFECTED_LISTED_MAX = 6;
const SYMBOLS = { create: "+", update: "~", delete: "-" } as const;

export interface PlanView {
  readonly changes: readonly Change[];
  readonly blast_radius: readonly BlastRadius[];
}

export function renderPlan(plan: PlanView, style: Style): readonly string[] {
  if (plan.changes.length === 0) return ["  no changes"];
  const affected = new Map(plan.blast_radius.map((row) => [row.resource, row.affected]));
  const folded = foldQueries(plan.changes);
  const lines = plan.changes.flatMap((change) => {
    const fold = folded.get(change.resource);
    if (fold === "hidden") return [];
    if (fold !== undefined) return [`  ${paint(change, style)} ${fold}`];
    return renderChange(change, affected.get(change.resource) ?? [], style);
  });
  return [...lines, "", summary(plan.changes, style)];
}

/** For each folded query: the line that stands for its group at the first of them, "hidden" at the others. */
function foldQueries(changes: readonly Change[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const address = parseAddress(change.resource);
    if (address?.kind !== "query" || change.disposition !== "applied") continue;
    const key = `${address.graph}\0${change.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const folds = new Map<string, string>();
  for (const [key, group] of groups) {
    if (group.length <= QUERIES_LISTED_MAX) continue;
    const graph = key.slice(0, key.indexOf("\0"));
    for (const change of group) folds.set(change.resource, "hidden");
    folds.set(
      group[0]!.resource,
      `query.${graph}.*  ${count(group.length, "query").replace(/querys$/, "queries")}`,
    );
  }
  return folds;
}

function paint(change: Change, style: Style): string {
  const symbol = SYMBOLS[change.operation];
  if (change.disposition === "blocked") return style.red("x");
  if (symbol === "+") return style.green(symbol);
  return symbol === "-" ? style.red(symbol) : style.yellow(symbol);
}

function renderChange(change: Change, affected: readonly string[], style: Style): readonly string[] {
  const notes = [noteOf(change), change.disposition === "derived" ? "follows from its parts" : ""].filter(
    Boolean,
  );
  const head = `  ${paint(change, style)} ${style.bold(change.resource)}${notes.length > 0 ? `  ${style.dim(notes.join(", "))}` : ""}`;
  return [
    head,
    ...migrationLines(change, style),
    ...rowLines(change),
    ...accessLines(change, style),
    ...blockedLines(change, style),
    ...affectedLines(change, affected, style),
  ];
}

function noteOf(change: Change): string {
  if (change.binding_change) return "bindings only";
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
  const { branches } = entry;
  const where =
    branches.kind === "any"
      ? ""
      : ` (${branches.kind === "named" ? branches.branch : branches.kind} branches)`;
  return `${entry.action} on ${entry.scopes.join(", ")}${where}: ${entry.actors.join(", ")}`;
}

function blockedLines(change: Change, style: Style): readonly string[] {
  if (change.reason === undefined) return [];
  const word = change.disposition === "deferred" ? style.yellow("deferred") : style.red("blocked");
  return [
    `      ${word} (${change.reason}): ${blockedMessage(change)}`,
    `      to do: ${reasonAdvice(change.reason)}.`,
  ];
}

function affectedLines(change: Change, affected: readonly string[], style: Style): readonly string[] {
  if (change.operation === "create" || change.disposition === "derived" || affected.length === 0) return [];
  const listed = affected.slice(0, AFFECTED_LISTED_MAX).join(", ");
  const more =
    affected.length > AFFECTED_LISTED_MAX ? ` and ${affected.length - AFFECTED_LISTED_MAX} more` : "";
  return [style.dim(`      affects ${listed}${more}`)];
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
