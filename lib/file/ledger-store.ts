/**
 * Ledger store on a folder, by the contract of lib/ports/ledger-store.
 *
 * The truth is the head of the generation chain `__graphform/commits/` (generation-chain.ts); a commit lands by
 * claiming the generation after its base, and nothing else decides. `__cluster/state.json` is a mirror of the head,
 * renamed into place after the commit landed, for OmniGraph and for people. Whoever reads completes a mirror that is
 * missing or behind, whether its writer died or was stopped.
 *
 * The chain is numbered by generation and not by revision, because revisions jump where another tool has written or
 * where `import` rebuilds a ledger: in a chain of revisions a stopped writer could claim a number inside such a gap
 * and believe that its commit landed. A generation never has a gap.
 *
 * OmniGraph writes `state.json` only. Read against the head, by `state_revision`:
 * - higher: another tool has built on the ledger. Its document is taken into the chain and is the truth.
 * - lower: a rename that came late, or an old copy. The head is renamed over it.
 * - equal, with other bytes, or not readable at all: `forked`, for a person to decide.
 *
 * Limit: OmniGraph does not look at the chain. A rename of ours that is stopped in the middle and comes after
 * OmniGraph's own write, before any Graphform command has seen that write, takes it back (W11; its own compare and
 * rename has the same window).
 */
import { join } from "node:path";
import type { LedgerCommit, LedgerCommitOutcome, LedgerRead, LedgerStore } from "../ports/ledger-store.ts";
import type { ReadOutcome } from "../ports/object-store.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { overwrite } from "./claim.ts";
import { append, readHead } from "./generation-chain.ts";
import { READ_ATTEMPTS_MAX } from "./limits.ts";
import { readPlain, versionOf } from "./plain-objects.ts";
import { internalPath } from "./root-folder.ts";
import type { FileContext } from "./staging.ts";
import { revisionOf } from "./state-revision.ts";

/** What `read` found, and the generation that a commit on it claims next. */
interface Truth {
  readonly read: LedgerRead;
  readonly generation: number;
}

interface Files {
  readonly context: FileContext;
  readonly commits: string;
  readonly state: string;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function found(bytes: Uint8Array): LedgerRead {
  return { tag: "found", bytes, version: versionOf(bytes) };
}

function unavailable(reason: string): Truth {
  return { read: { tag: "unavailable", reason }, generation: 0 };
}

type Look = { readonly tag: "truth"; readonly truth: Truth } | { readonly tag: "again" };

/** Judges `state.json` against the head of the chain, and mends what was left half done. */
async function settle(
  files: Files,
  head: { readonly generation: number; readonly bytes: Uint8Array },
  present: ReadOutcome,
): Promise<Look> {
  const { generation, bytes } = head;
  const truth = (read: LedgerRead): Look => ({ tag: "truth", truth: { read, generation } });
  if (present.tag === "unavailable") return { tag: "truth", truth: unavailable(present.reason) };
  if (present.tag === "found" && sameBytes(present.bytes, bytes)) return truth(found(bytes));
  const committedRevision = revisionOf(bytes);
  const presentRevision = present.tag === "found" ? revisionOf(present.bytes) : -1;
  if (present.tag === "absent" || (presentRevision !== null && presentRevision < (committedRevision ?? 0))) {
    // The answer does not depend on the mirror: on a folder that cannot be written the head is still the truth.
    await overwrite(files.context, files.state, bytes);
    return truth(found(bytes));
  }
  if (presentRevision === null || presentRevision === committedRevision) {
    return truth({ tag: "forked", committed: bytes, present: present.bytes });
  }
  const adopted = await append(files.context, files.commits, generation + 1, present.bytes);
  if (adopted.tag === "unavailable") return truth(found(present.bytes));
  return { tag: "again" };
}

async function readTruth(files: Files): Promise<Truth> {
  for (let i = 0; i < READ_ATTEMPTS_MAX; i += 1) {
    const head = await readHead(files.context, files.commits);
    if (head.tag === "unavailable") return unavailable(head.reason);
    const present = await readPlain(files.context, files.state);
    if (head.tag === "empty") {
      // A first commit may have landed between the two reads; its mirror is then not another tool's document.
      const check = await readHead(files.context, files.commits);
      if (check.tag === "empty") return { read: present, generation: 0 };
      continue;
    }
    const look = await settle(files, head, present);
    if (look.tag === "truth") return look.truth;
  }
  return unavailable("the ledger changes faster than it can be read");
}

async function commit(files: Files, request: LedgerCommit): Promise<LedgerCommitOutcome> {
  const bytes = Uint8Array.from(request.bytes);
  const truth = await readTruth(files);
  if (truth.read.tag === "unavailable") return truth.read;
  const version = truth.read.tag === "found" ? truth.read.version : null;
  if (truth.read.tag === "forked" || version !== request.base) {
    return { tag: "refused", current: truth.read };
  }
  const claimed = await append(files.context, files.commits, truth.generation + 1, bytes);
  if (claimed.tag === "taken") return { tag: "refused", current: (await readTruth(files)).read };
  if (claimed.tag !== "claimed") return claimed;
  // Landed. Reading completes the mirror, and leaves it alone where another tool has written meanwhile.
  await readTruth(files);
  return { tag: "done", value: versionOf(bytes) };
}

/** A client of the folder's ledger. */
export function createFileLedgerStore(context: FileContext): LedgerStore {
  const files: Files = {
    context,
    commits: internalPath(context.root, "commits"),
    state: join(context.root.path, ...STATE_KEY.split("/")),
  };
  return {
    read: async () => (await readTruth(files)).read,
    commit: (request) => commit(files, request),
  };
}
