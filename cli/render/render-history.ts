/** The history as a person reads it: a few lines for each receipt, or one receipt with all that it says. */
import type { PastCommit } from "../../lib/ledger/follow-history.ts";
import type { Receipt } from "../../lib/ledger/receipt.ts";
import { RECEIPTS_MAX } from "../arguments.ts";
import type { HistoryList } from "../cluster/cluster.ts";
import type { Style } from "../style.ts";
import { commandLine, type Place } from "./command-line.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";
import { changeLines, commitHead, commitIds } from "./render-commit.ts";

export function renderHistory(
  { receipts, more }: HistoryList,
  place: Place,
  style: Style,
): readonly string[] {
  if (receipts.length === 0) return ["no history: there is no ledger yet"];
  const older = commandLine(place, "history", "--limit", String(Math.min(RECEIPTS_MAX, receipts.length * 2)));
  return [
    ...receipts.flatMap((receipt) => [
      style.bold(commitHead(receipt)),
      ...idLines(receipt),
      ...changeLines(receipt, "  "),
    ]),
    ...(more ? ["", `There are older revisions: ${older}`] : []),
  ];
}

function idLines(receipt: Pick<PastCommit, "run_id" | "plan_id">): readonly string[] {
  const ids = commitIds(receipt);
  return ids.length === 0 ? [] : [`  ${ids.join(", ")}`];
}

export function renderReceipt(raw: Receipt, style: Style): readonly string[] {
  const receipt = printableFields(raw);
  const { changes, approvals_consumed, recovered, graphs, resources } = receipt;
  return [
    style.bold(commitHead(receipt)),
    ...idLines(receipt),
    ...originLines(receipt),
    ...changes.map(
      ({ operation, address, before_digest, after_digest }) =>
        `  ${operation} ${address}: ${before_digest ?? "nothing"} -> ${after_digest ?? "nothing"}`,
    ),
    ...approvals_consumed.map(({ approval_id, address }) => `  approval ${approval_id} used for ${address}`),
    ...recovered.map(
      ({ operation_id, graph, outcome }) => `  operation ${operation_id} on graph.${graph}: ${outcome}`,
    ),
    `  ${count(Object.keys(resources).length, "resource")} afterwards`,
    ...Object.entries(graphs).map(([graph, { manifest_version, incarnation }]) =>
      incarnation === null
        ? `  graph.${graph}: deleted`
        : `  graph.${graph}: recorded at version ${manifest_version}, life ${incarnation}`,
    ),
    ...receipt.protected.map((graph) => `  graph.${graph} is protected`),
  ];
}

function originLines(receipt: Receipt): readonly string[] {
  const { commit_id, parent_revision, parent_commit_id, trigger, git, config_digest, bundle_digest } =
    receipt;
  const parent =
    parent_revision === null ? "the first" : `after revision ${parent_revision} (${parent_commit_id})`;
  return [
    `  commit ${commit_id}, ${parent}`,
    ...(trigger === null ? [] : [`  started by: ${trigger}`]),
    ...(git === null
      ? []
      : [`  git: ${[git.repository, git.ref, git.commit].filter((each) => each !== null).join(" ")}`]),
    ...(config_digest === null ? [] : [`  config: ${config_digest}`]),
    ...(bundle_digest === null ? [] : [`  bundle: ${bundle_digest}`]),
  ];
}
