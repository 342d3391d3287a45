/** The history and the ledger of a cluster of a deployment. */
import type { ApiClient } from "../../lib/client/api-client.ts";
import { PAGES_MAX } from "../../lib/client/limits.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { decodeLedger } from "../../lib/ledger/codec.ts";
import type { PastCommit } from "../../lib/ledger/follow-history.ts";
import { decodeReceipt, type Receipt } from "../../lib/ledger/receipt.ts";
import { gapDiagnostics, type HistoryGap } from "../../lib/observe/whole-history.ts";
import { type ApiContext, withClient } from "./api-cluster.ts";
import { type Answered, answered, type HistoryList, unanswered } from "./cluster.ts";

/** Receipts of one page: the most that a deployment sends at once. */
const PAGE_RECEIPTS_MAX = 200;

export async function historyApi(asked: ApiContext, receiptsMax: number): Promise<Answered<HistoryList>> {
  return withClient(asked, (client) => historyOf(client, receiptsMax));
}

async function historyOf(client: ApiClient, receiptsMax: number): Promise<Answered<HistoryList>> {
  const receipts: PastCommit[] = [];
  const diagnostics: Diagnostic[] = [];
  let page: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const limit = Math.min(PAGE_RECEIPTS_MAX, receiptsMax - receipts.length);
    const called = await client.getObject("history", { limit, page });
    if (called.tag === "failed") return unanswered(called.diagnostics);
    const { items, gaps, next } = called.value;
    if (!Array.isArray(items) || !Array.isArray(gaps)) return unusable("history", "it holds no receipts");
    receipts.push(...(items as readonly PastCommit[]));
    diagnostics.push(...gapDiagnostics(gaps as readonly HistoryGap[]));
    page = typeof next === "string" ? next : null;
    if (page === null || receipts.length >= receiptsMax) break;
  }
  return answered({ receipts, more: page !== null, diagnostics });
}

export async function revisionApi(asked: ApiContext, revision: number): Promise<Answered<Receipt>> {
  return withClient(asked, async (client) => {
    const path = `history/${revision}`;
    const called = await client.text(path);
    if (called.tag === "failed") return unanswered(called.diagnostics);
    const decoded = decodeReceipt(new TextEncoder().encode(called.value));
    return decoded.tag === "decoded" ? answered(decoded.receipt) : unusable(path, decoded.problem);
  });
}

/**
 * Checked and passed on as it came: numbers of the ledger may be larger than a number here. A deployment whose ledger is
 * damaged says so itself, so what is none here came from another program or a newer one, and nothing is to be restored.
 */
export async function ledgerApi(asked: ApiContext): Promise<Answered<string>> {
  return withClient(asked, async (client) => {
    const called = await client.text("ledger");
    if (called.tag === "failed") return unanswered(called.diagnostics);
    const decoded = decodeLedger(new TextEncoder().encode(called.value));
    return decoded.tag === "decoded"
      ? answered(called.value)
      : unusable("ledger", reasonOf(decoded.diagnostics));
  });
}

function reasonOf([first]: readonly Diagnostic[]): string {
  return first?.message.replace(/\.$/, "") ?? "it is no ledger";
}

function unusable(path: string, what: string): Answered<never> {
  const message = `The answer of the deployment cannot be used: ${what}.`;
  return unanswered([diagnostic("deployment_answer_invalid", { path, message })]);
}
