/**
 * JudgeHeads: comparing a ledger document with the heads of the history, which prove whether it is the newest one
 * (design 4.6, rolled back).
 */
import { stateCas } from "../digest/digest.ts";
import { type CommitIdentity, encodeHead } from "./head.ts";
import { readHeadOf, readHighestHead, readReceipt } from "./history.ts";
import { headKey } from "./keys.ts";
import type { LedgerDocument, LedgerPorts, ReadLedgerOptions } from "./ledger-document.ts";
import { REVISION_MAX } from "./limits.ts";
import type { LedgerReading } from "./reading.ts";
import { rolledBackDiagnostic, unavailableReading } from "./reading-problems.ts";
import { putOnce } from "./retry.ts";

export type HeadJudgement =
  | { readonly tag: "fits"; readonly head_missing: boolean }
  | { readonly tag: "stopped"; readonly reading: LedgerReading };

/**
 * Compares the ledger with the heads: one above its revision, or another commit at `identity`'s revision, means that
 * an old copy was put in its place.
 */
export async function judgeHeads(
  ports: LedgerPorts,
  document: LedgerDocument,
  identity: CommitIdentity,
  options: ReadLedgerOptions,
): Promise<HeadJudgement> {
  const { state_revision } = document.state;
  const [above, own] = await Promise.all([
    readHeadOf(ports, state_revision + 1),
    readHeadOf(ports, identity.revision),
  ]);
  if (above.tag === "unavailable") return stopped(unavailableReading(above.reason));
  if (own.tag === "unavailable") return stopped(unavailableReading(own.reason));
  const mismatch = own.tag === "head" && own.head.commit_id !== identity.commit_id;
  if (above.tag === "head" || mismatch) return stopped(await rolledBack(ports, document));
  if (own.tag === "head") return { tag: "fits", head_missing: false };
  if (!options.repair) return { tag: "fits", head_missing: true };
  const put = await putOnce(ports, headKey(identity.revision), encodeHead(identity));
  if (put.tag === "present") return { tag: "fits", head_missing: false };
  return stopped(put.tag === "other" ? await rolledBack(ports, document) : unavailableReading(put.reason));
}

function stopped(reading: LedgerReading): HeadJudgement {
  return { tag: "stopped", reading };
}

/** The reading of an old copy, with the commit that `import` continues from. */
export async function rolledBack(ports: LedgerPorts, document: LedgerDocument): Promise<LedgerReading> {
  const { state, version, bytes } = document;
  const highest = await readHighestHead(ports, REVISION_MAX);
  if (highest.tag === "unavailable") return unavailableReading(highest.reason);
  if (highest.tag === "absent") return unavailableReading("a head was seen and is gone");
  const found = await readReceipt(ports, highest.head);
  if (found.tag === "unavailable") return unavailableReading(found.reason);
  return {
    tag: "rolled_back",
    state,
    version,
    cas: stateCas(bytes),
    highest: highest.head,
    receipt: found.tag === "receipt" ? found.receipt : null,
    diagnostics: [rolledBackDiagnostic(state.state_revision, highest.head)],
  };
}
