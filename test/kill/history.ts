/** The history of a cluster on a folder, read from its files and judged without the code that wrote it. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface ReceiptFacts {
  readonly revision: number;
  readonly commit_id: string;
  readonly parent_revision: number | null;
  readonly parent_commit_id: string | null;
  readonly parent_receipt_digest: string | null;
  readonly kind: string;
  readonly run_id: string;
  readonly actor: string | null;
  readonly changes: readonly { readonly operation_id: string | null }[];
  readonly approvals_consumed: readonly { readonly approval_id: string; readonly operation_id: string }[];
}

export interface StoredCommit {
  readonly revision: number;
  readonly commit_id: string;
  readonly receipt_digest: string;
  readonly receipt: ReceiptFacts;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The commits that a head names, oldest first. */
export function storedHistory(folder: string): readonly StoredCommit[] {
  const heads = join(folder, "__graphform", "heads");
  if (!existsSync(heads)) return [];
  return readdirSync(heads)
    .sort()
    .map((name) => {
      const head = JSON.parse(readFileSync(join(heads, name), "utf8"));
      const file = join(
        folder,
        "__graphform",
        "receipts",
        `${name.slice(0, -".json".length)}-${head.commit_id}.json`,
      );
      const bytes = readFileSync(file);
      return {
        revision: Number.parseInt(name, 10),
        commit_id: head.commit_id,
        receipt_digest: sha256(bytes),
        receipt: JSON.parse(bytes.toString("utf8")),
      };
    });
}

/** L1, L3, L7, S9: revisions without a gap, each one commit, each on the one before, and the ledger is the last. */
export function historyProblems(folder: string): readonly string[] {
  const history = storedHistory(folder);
  const problems: string[] = [];
  for (const [index, { revision, commit_id, receipt }] of history.entries()) {
    const parent = index === 0 ? null : history[index - 1];
    if (revision !== index + 1) problems.push(`the head after ${index} is ${revision}`);
    if (receipt.revision !== revision || receipt.commit_id !== commit_id) {
      problems.push(`the receipt of revision ${revision} is of ${receipt.revision}, ${receipt.commit_id}`);
    }
    const named = [receipt.parent_revision, receipt.parent_commit_id, receipt.parent_receipt_digest];
    const before = [parent?.revision, parent?.commit_id, parent?.receipt_digest].map((each) => each ?? null);
    if (named.join() !== before.join())
      problems.push(`revision ${revision} names ${named} and follows ${before}`);
  }
  if (new Set(history.map((each) => each.commit_id)).size !== history.length) {
    problems.push("one commit has two revisions");
  }
  const state = JSON.parse(readFileSync(join(folder, "__cluster", "state.json"), "utf8"));
  const marker = state.observations.graphform;
  const last = history.at(-1);
  const ledger = [state.state_revision, marker.commit_id, marker.receipt_digest].join();
  if (ledger !== [last?.revision, last?.commit_id, last?.receipt_digest].join()) {
    problems.push(`the ledger is ${ledger}, the newest head is ${last?.revision}, ${last?.commit_id}`);
  }
  return problems;
}

/** Where a command was when it died, told by what it has left. */
export type Phase = "before_lock" | "locked" | "intents" | "begun" | "published" | "recorded" | "over";

/** `before`: the history when the command started. */
export function phaseReached(
  folder: string,
  before: readonly StoredCommit[],
  locked: boolean,
  moved: boolean,
): Phase {
  const last = storedHistory(folder).slice(before.length).at(-1);
  if (last?.receipt.kind === "begin") return moved ? "published" : "begun";
  if (last !== undefined) return locked ? "recorded" : "over";
  if (intentsOf(folder).length > 0) return "intents";
  return locked ? "locked" : "before_lock";
}

export function intentsOf(folder: string): readonly string[] {
  const recoveries = join(folder, "__cluster", "recoveries");
  return existsSync(recoveries) ? readdirSync(recoveries) : [];
}
