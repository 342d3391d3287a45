/**
 * Reads OmniGraph's approval files (spec/cluster 10.1). What cannot be read is reported, left in place, and counts for
 * nothing.
 */
import { decodeArtifact } from "../../approval/artifact.ts";
import type { SeenArtifact } from "../../approval/match.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { ApprovalId } from "../../digest/ids.ts";
import { APPROVALS_PREFIX, approvalIdOf } from "../../ledger/payload-key.ts";
import { readObjectRetrying, retryRead } from "../../ledger/retry.ts";
import type { StoreKey } from "../../ports/object-store.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { APPROVALS_MAX } from "../limits.ts";
import { listAll } from "../list-all.ts";
import { inWaves } from "../wave.ts";

export type ArtifactsRead =
  | {
      readonly tag: "read";
      /** By the id that names the file. */
      readonly artifacts: ReadonlyMap<ApprovalId, SeenArtifact>;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "unavailable"; readonly reason: string };

/** All of them, but those of the ids in `skip`. If one cannot be fetched, the whole reading is `unavailable`. */
export async function readArtifacts(
  ports: Pick<ClusterPorts, "store" | "clock" | "root">,
  skip: ReadonlySet<string>,
): Promise<ArtifactsRead> {
  const listing = await retryRead(ports.clock, () =>
    listAll(ports.store, APPROVALS_PREFIX, APPROVALS_MAX, true),
  );
  if (listing.tag === "unavailable") return listing;
  const files = listing.keys.filter((key) => key.endsWith(".json") && !skip.has(approvalIdOf(key) ?? ""));
  const reads = await inWaves(files, (key) => readObjectRetrying(ports, key));
  const artifacts = new Map<ApprovalId, SeenArtifact>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, read] of reads.entries()) {
    if (read.tag === "unavailable") return read;
    if (read.tag === "absent") continue;
    const key = files[index]!;
    const id = approvalIdOf(key);
    const { seen, problem } = see(key, id, read.bytes, `${ports.root}/${key}`);
    if (id !== null) artifacts.set(id, seen);
    if (problem !== null) diagnostics.push(problem);
  }
  return { tag: "read", artifacts, diagnostics };
}

interface Seen {
  readonly seen: SeenArtifact;
  readonly problem: Diagnostic | null;
}

function see(key: StoreKey, id: ApprovalId | null, bytes: Uint8Array, path: string): Seen {
  const decoded = decodeArtifact(bytes);
  switch (decoded.tag) {
    case "decoded": {
      const { artifact } = decoded;
      if (artifact.approval_id === id) return { seen: { tag: "found", artifact }, problem: null };
      return invalid(path, `${key} holds the approval ${artifact.approval_id}`);
    }
    case "unknown_version": {
      const message = `The approval file has version ${decoded.version}, and this program reads version 1.`;
      return unreadable(diagnostic("unsupported_approval_version", { path, message }));
    }
    case "invalid":
      return invalid(path, `it cannot be read: ${decoded.detail}`);
    default:
      return assertNever(decoded);
  }
}

function invalid(path: string, detail: string): Seen {
  const message = `The approval file is ignored: ${detail}.`;
  return unreadable(diagnostic("invalid_approval_artifact", { path, message }));
}

function unreadable(problem: Diagnostic): Seen {
  return { seen: { tag: "unreadable" }, problem };
}
