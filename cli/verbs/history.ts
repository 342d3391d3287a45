/** `graphform history [REVISION]`: who changed what, when and by which run: the receipts of the ledger. Reads only. */
import { hasErrors } from "../../lib/diagnostic/diagnostic.ts";
import type { Receipt } from "../../lib/ledger/receipt.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderHistory, renderReceipt } from "../render/render-history.ts";
import { noAnswer } from "./verb-failure.ts";

export async function history(context: CommandContext, receiptsMax: number): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).history(receiptsMax);
  if (asked.tag !== "answered") return noAnswer(context, "history", asked, { receipts: [], more: false });
  const { receipts, more, diagnostics } = asked.output;
  const ok = !hasErrors(diagnostics);
  if (context.json) {
    const { config_dir } = context;
    printJson(context, { ok, format_version: 1, config_dir, receipts, more, diagnostics });
  } else {
    printLines(context, [
      ...renderHistory(asked.output, context, context.out),
      ...renderDiagnostics(diagnostics, context.out),
    ]);
  }
  return ok ? 0 : 1;
}

/** What the output promises when there is no receipt to show. */
const NO_RECEIPT: { readonly receipt: Receipt | null } = { receipt: null };

export async function showRevision(context: CommandContext, revision: number): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).revision(revision);
  if (asked.tag !== "answered") return noAnswer(context, "history", asked, NO_RECEIPT);
  const receipt = asked.output;
  const { config_dir } = context;
  if (context.json) printJson(context, { ok: true, format_version: 1, config_dir, receipt, diagnostics: [] });
  else printLines(context, renderReceipt(receipt, context.out));
  return 0;
}
