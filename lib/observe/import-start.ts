/**
 * What an import starts from: nothing, or the history of a ledger that was lost or put back to an older copy (design
 * 4.6). Says what could be proven and what could not.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { CommitBase, LedgerReading, LostLedger, RolledBackLedger } from "../ledger/reading.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { LedgerState } from "../ledger/state.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { emptyLedger } from "./empty-ledger.ts";
import { rebuiltLedger } from "./rebuild-ledger.ts";
import { gapDiagnostics, type WholeHistory, wholeHistory } from "./whole-history.ts";

export type ImportStart =
  | {
      readonly tag: "start";
      readonly base: CommitBase;
      readonly state: LedgerState;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** Not for a program to decide, or nothing to decide it by. */
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function importStart(
  ports: StorePorts,
  reading: Exclude<LedgerReading, { tag: "ready" }>,
): Promise<ImportStart> {
  switch (reading.tag) {
    case "missing":
      return { tag: "start", base: reading, state: emptyLedger(), diagnostics: [] };
    case "lost":
      return startOf(reading, null, await wholeHistory(ports, reading.highest));
    case "rolled_back":
      return startOf(reading, reading.state, await wholeHistory(ports, reading.highest));
    case "forked":
    case "invalid":
    case "unavailable":
      return { tag: "refused", diagnostics: reading.diagnostics };
    default:
      return assertNever(reading);
  }
}

function startOf(
  reading: LostLedger | RolledBackLedger,
  older: LedgerState | null,
  history: WholeHistory,
): ImportStart {
  if (history.tag === "unavailable") {
    const message = `The history could not be read: ${history.reason}.`;
    return { tag: "refused", diagnostics: [diagnostic("state_read_error", { path: STATE_KEY, message })] };
  }
  const { state, proven } = rebuiltLedger(history, older);
  // A receipt that is lost says nothing; the next older one still knows the graphs.
  const base = { ...reading, receipt: history.newest };
  return { tag: "start", base, state, diagnostics: [...origin(history, proven), ...gapsOf(history)] };
}

type Found = Extract<WholeHistory, { tag: "history" }>;

function origin({ newest }: Found, proven: boolean): readonly Diagnostic[] {
  const from =
    newest === null ? "from what is there alone" : `from the receipt of revision ${newest.revision}`;
  const certainty = proven
    ? "its definition is proven to be the one that was lost"
    : "its definition could not be proven, so the next apply records again what differs";
  const message = `The ledger is made again ${from}; ${certainty}.`;
  return [diagnostic("state_rebuilt", { path: STATE_KEY, message })];
}

function gapsOf({ gaps, limit }: Found): readonly Diagnostic[] {
  const cut =
    limit === null ? [] : [`Revision ${limit.revision} and what is older was not read: it is too much.`];
  const beyond = cut.map((message) => diagnostic("history_incomplete", { path: STATE_KEY, message }));
  return [...gapDiagnostics(gaps), ...beyond];
}
