/**
 * Long lists of changes, folded for people: the queries of one graph that share everything but their name become one
 * entry. What differs, and few queries, are always listed one by one; --json lists everything.
 */
import { parseAddress } from "../../lib/desired/address.ts";
import type { Change } from "../../lib/plan/change.ts";
import { count } from "./describe-step.ts";

/** So many queries with one fate are listed one by one; those that do not run sooner become noise. */
const RUNNING_QUERIES_LISTED_MAX = 12;
const STOPPED_QUERIES_LISTED_MAX = 3;
const UNTOUCHED_QUERIES_LISTED_MAX = 1;
const NAMES_SHOWN_MAX = 3;

export type ChangeEntry =
  | { readonly tag: "single"; readonly change: Change }
  /** `first` stands for all of them. */
  | { readonly tag: "folded"; readonly first: Change; readonly address: string; readonly text: string };

export function foldChanges(changes: readonly Change[]): readonly ChangeEntry[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const key = groupKey(change);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return changes.flatMap((change): readonly ChangeEntry[] => {
    const group = groups.get(groupKey(change) ?? "") ?? [];
    if (group.length <= listedMax(change)) return [{ tag: "single", change }];
    return group[0] === change ? [folded(change, group)] : [];
  });
}

function groupKey(change: Change): string | null {
  const address = parseAddress(change.resource);
  if (address?.kind !== "query") return null;
  const { operation, disposition, reason, only_file_changed } = change;
  return JSON.stringify([address.graph, operation, disposition, reason ?? null, only_file_changed ?? false]);
}

function listedMax(change: Change): number {
  if (change.only_file_changed) return UNTOUCHED_QUERIES_LISTED_MAX;
  return change.reason === undefined ? RUNNING_QUERIES_LISTED_MAX : STOPPED_QUERIES_LISTED_MAX;
}

function folded(first: Change, group: readonly Change[]): ChangeEntry {
  const address = parseAddress(first.resource);
  const graph = address?.kind === "query" ? address.graph : "";
  return {
    tag: "folded",
    first,
    address: `query.${graph}.*`,
    text: queryList(group.map((each) => each.resource)),
  };
}

/** `23 queries (add_note, colleagues, decisions_about, ...)`, from addresses of queries of one graph. */
export function queryList(addresses: readonly string[]): string {
  const names = addresses.slice(0, NAMES_SHOWN_MAX).map((address) => address.split(".").slice(2).join("."));
  const more = addresses.length > NAMES_SHOWN_MAX ? ", ..." : "";
  return `${count(addresses.length, "query", "queries")} (${names.join(", ")}${more})`;
}
