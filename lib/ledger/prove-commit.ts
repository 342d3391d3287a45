/**
 * ProveCommit: the last thing that a writer does before it answers. A revision without its head stands, but an older
 * document that is put in its place would not be noticed (design 4.6); so whoever could not put the head does not say
 * that the revision is recorded for ever (L4). The next writer supplies it before it commits.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { encodeHead } from "./head.ts";
import { headKey } from "./keys.ts";
import type { ReadyLedger } from "./reading.ts";
import { rolledBackDiagnostic } from "./reading-problems.ts";
import { putOnce, type StorePorts } from "./retry.ts";

/** Empty if the head of the commit is there, now or already. */
export async function proveCommit(
  ports: StorePorts,
  { identity, head_missing }: ReadyLedger,
): Promise<readonly Diagnostic[]> {
  if (!head_missing) return [];
  const { revision } = identity;
  const path = headKey(revision);
  const put = await putOnce(ports, path, encodeHead(identity));
  if (put.tag === "present") return [];
  if (put.tag === "other") return [rolledBackDiagnostic(revision, identity)];
  const message = `Revision ${revision} was written, but the record that proves it was not: ${put.reason}.`;
  return [diagnostic("state_head_missing", { path, message })];
}
