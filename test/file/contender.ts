/**
 * A process that contends for commits or for the lease on a folder; started by processes.test.ts.
 * Arguments: what, folder, name, number of successes wanted. Prints one JSON line for every success.
 */
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { CommitId, LockId, RunId } from "../../lib/digest/ids.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";

const [what = "", folder = "", name = "", wanted = "0"] = process.argv.slice(2);
const root = openFileRoot(folder);
const ids = createUlids();
const DURATION_MS = 60_000;

interface Committed {
  readonly state_revision: number;
  readonly commit_id: string;
}

function report(line: object): void {
  process.stdout.write(`${JSON.stringify({ name, ...line })}\n`);
}

async function commitOnce(): Promise<boolean> {
  const read = await root.ledger.read();
  if (read.tag !== "found" && read.tag !== "absent") return false;
  const text = read.tag === "found" ? new TextDecoder().decode(read.bytes) : "null";
  const parent: Committed | null = JSON.parse(text);
  const revision = (parent?.state_revision ?? 0) + 1;
  const commit_id = ids.next();
  const document = { state_revision: revision, commit_id, parent: parent?.commit_id ?? null };
  const base = read.tag === "found" ? read.version : null;
  const bytes = new TextEncoder().encode(`${JSON.stringify(document)}\n`);
  const outcome = await root.ledger.commit({ revision, commit_id: commit_id as CommitId, base, bytes });
  if (outcome.tag !== "done") return false;
  report(document);
  return true;
}

async function holdOnce(): Promise<boolean> {
  const lockId = ids.next() as LockId;
  const outcome = await root.lease.acquire({
    lock_id: lockId,
    owner: name,
    operation: "apply",
    run_id: ids.next() as RunId,
    token_floor: 0,
    duration_ms: DURATION_MS,
  });
  if (outcome.tag !== "done") return false;
  const inside = join(folder, "inside");
  await (await open(inside, "wx")).close();
  await unlink(inside);
  report({ token: outcome.value.item.token });
  for (;;) {
    const released = await root.lease.release(lockId);
    if (released.tag === "done" || released.tag === "refused") return true;
  }
}

let left = Number(wanted);
while (left > 0) {
  if (await (what === "commit" ? commitOnce() : holdOnce())) left -= 1;
  else await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
}
