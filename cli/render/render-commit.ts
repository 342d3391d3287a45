/** One commit of the history as a person reads it: which revision, what kind of run, who, when, and what it changed. */

import type { CommitKind } from "../../lib/ledger/receipt.ts";
import type { CommitSummary } from "../../lib/observe/last-commits.ts";
import { printable, printableFields } from "./printable.ts";

const NAMES_SHOWN_MAX = 3;
const RUNS: Readonly<Record<CommitKind, string>> = {
  begin: "apply, begun",
  final: "apply",
  recovery: "recovery of an earlier run",
  refresh: "refresh",
  import: "import",
  settings: "a setting of the deployment",
  foreign: "another tool",
};

export function commitLines(title: string, commit: CommitSummary): readonly string[] {
  const ids = commitIds(commit);
  return [
    `  ${title}: ${commitHead(commit)}`,
    ...(ids.length === 0 ? [] : [`    ${ids.join(", ")}`]),
    ...changeLines(commit, "    "),
  ];
}

export function commitHead(raw: Pick<CommitSummary, "revision" | "kind" | "actor" | "at">): string {
  const commit = printableFields(raw);
  const who = commit.actor === null ? "" : ` by ${commit.actor}`;
  const when = commit.at === null ? "" : `, ${commit.at}`;
  return `revision ${commit.revision}, ${RUNS[commit.kind]}${who}${when}`;
}

export function commitIds(raw: Pick<CommitSummary, "run_id" | "plan_id">): readonly string[] {
  const commit = printableFields(raw);
  return [
    ...(commit.run_id === null ? [] : [`run ${commit.run_id}`]),
    ...(commit.plan_id === null ? [] : [`plan ${commit.plan_id}`]),
  ];
}

/** One line for each kind of change. */
export function changeLines({ changes }: Pick<CommitSummary, "changes">, indent: string): readonly string[] {
  return (["create", "update", "delete"] as const).flatMap((operation) => {
    const addresses = changes
      .filter((each) => each.operation === operation)
      .map((each) => printable(each.address));
    if (addresses.length === 0) return [];
    const shown = addresses.slice(0, NAMES_SHOWN_MAX).join(", ");
    const more = addresses.length > NAMES_SHOWN_MAX ? ` and ${addresses.length - NAMES_SHOWN_MAX} more` : "";
    return [`${indent}${operation} ${shown}${more}`];
  });
}
