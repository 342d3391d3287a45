/**
 * History of a world at rest, as its receipts and heads tell it: followed from the ledger's marker down to the first
 * revision.
 */
import { stateCas } from "../../lib/digest/digest.ts";
import { decodeLedger } from "../../lib/ledger/codec.ts";
import { foreignCommitId } from "../../lib/ledger/foreign-range.ts";
import { headKey, receiptKey } from "../../lib/ledger/keys.ts";
import { readMarker } from "../../lib/ledger/marker.ts";
import { decodeReceipt, type Receipt, receiptDigest } from "../../lib/ledger/receipt.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { textAt, type World } from "./world.ts";

export interface History {
  /** Null if there is no ledger, or none that can be read. */
  readonly state: LedgerState | null;
  /** Newest first. */
  readonly receipts: readonly Receipt[];
  readonly problems: readonly string[];
}

/** What cannot be followed is a problem (L1, L2, L9, S9). */
export function historyOf(world: World): History {
  const bytes = world.backend.objects.get("__cluster/state.json");
  if (bytes === undefined) return { state: null, receipts: [], problems: [] };
  const decoded = decodeLedger(bytes);
  if (decoded.tag === "invalid") {
    const why = decoded.diagnostics.map((each) => each.message).join(" ");
    return { state: null, receipts: [], problems: [`S1 the ledger is not valid: ${why}`] };
  }
  const { state } = decoded;
  const reading = readMarker(state);
  const marker = reading.tag === "marked" ? reading.marker : null;
  const own = marker !== null && marker.state_revision === state.state_revision;
  const newest = own ? marker.commit_id : foreignCommitId(stateCas(bytes));
  return { state, ...follow(world, state.state_revision, newest, own ? marker.receipt_digest : null) };
}

function follow(
  world: World,
  revision: number,
  commit: string,
  digest: string | null,
): Pick<History, "receipts" | "problems"> {
  const receipts: Receipt[] = [];
  const problems: string[] = [];
  let at: { revision: number; commit: string; digest: string | null } | null = { revision, commit, digest };
  while (at !== null) {
    const key = receiptKey(at.revision, at.commit as never);
    const bytes = world.backend.objects.get(key);
    const decoded = bytes === undefined ? null : decodeReceipt(bytes);
    if (bytes === undefined || decoded?.tag !== "decoded") {
      problems.push(`L9 the receipt of revision ${at.revision} is missing or broken`);
      break;
    }
    if (at.digest !== null && receiptDigest(bytes) !== at.digest) {
      problems.push(`S9 the receipt of revision ${at.revision} is not the one that its successor names`);
    }
    const head = textAt(world, headKey(at.revision));
    if (head === null || !head.includes(at.commit)) {
      problems.push(
        `L9 the head of revision ${at.revision} is ${head === null ? "missing" : "another commit's"}`,
      );
    }
    const { receipt } = decoded;
    receipts.push(receipt);
    const { parent_revision, parent_commit_id, parent_receipt_digest } = receipt;
    at =
      parent_revision === null || parent_commit_id === null
        ? null
        : { revision: parent_revision, commit: parent_commit_id, digest: parent_receipt_digest };
  }
  return { receipts, problems };
}
