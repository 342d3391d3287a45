/**
 * Open intents: the sidecars that no commit has settled yet (design 7). Reading them is the first half of recovery;
 * whoever does not settle them leaves their graphs alone.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import { type ApprovalId, type GraphId, isUlid, parseGraphId } from "../../digest/ids.ts";
import { RECOVERIES_PREFIX } from "../../ledger/payload-key.ts";
import type { ReadOutcome, StoreKey } from "../../ports/object-store.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { OPEN_INTENTS_MAX } from "../limits.ts";
import { listAll } from "../list-all.ts";
import { decodeSidecar, type Sidecar } from "../sidecar.ts";
import { inWaves } from "../wave.ts";

/** One operation that may have moved a graph, or still may, and that no commit has settled. */
export interface OpenIntent {
  /** Where it is written: its sidecar, or the evidence that it reserved if the sidecar is not there. */
  readonly key: StoreKey;
  readonly written_in: "sidecar" | "reservation";
  readonly graph: GraphId;
  /** A ULID if it is ours; another tool's may be any text. */
  readonly operation_id: string;
  readonly kind: Sidecar["kind"];
  /** P, the head that its effect expects; null: another tool wrote it, and it names no version of ours. */
  readonly expect: number | null;
  readonly actor: string | null;
  /** The approval that its effect uses up. */
  readonly approval_id: ApprovalId | null;
}

/** A sidecar that cannot be judged (J7): its graph is blocked if it can be named. */
export interface UnreadableIntent {
  readonly key: StoreKey;
  readonly graph: GraphId | null;
  /** `unattributed`: it can be read, but names no legal graph id. */
  readonly cause: "unattributed" | "unknown_version" | "invalid";
  readonly diagnostic: Diagnostic;
}

export interface Intents {
  readonly open: readonly OpenIntent[];
  readonly unreadable: readonly UnreadableIntent[];
}

export type IntentsRead =
  | ({ readonly tag: "read" } & Intents)
  | { readonly tag: "unavailable"; readonly reason: string };

/** All sidecars in ULID order. If one cannot be read, the whole reading is `unavailable`. */
export async function readIntents(ports: Pick<ClusterPorts, "store" | "root">): Promise<IntentsRead> {
  const listing = await listAll(ports.store, RECOVERIES_PREFIX, OPEN_INTENTS_MAX, true);
  if (listing.tag === "unavailable") return listing;
  const keys = listing.keys.filter((key) => key.endsWith(".json"));
  const reads = await inWaves(keys, (key) => ports.store.get(key));
  const open: OpenIntent[] = [];
  const unreadable: UnreadableIntent[] = [];
  for (const [index, read] of reads.entries()) {
    if (read.tag === "unavailable") return read;
    if (read.tag === "found") sort(keys[index]!, read, ports.root, open, unreadable);
  }
  return { tag: "read", open, unreadable };
}

function sort(
  key: StoreKey,
  read: Extract<ReadOutcome, { tag: "found" }>,
  root: string,
  open: OpenIntent[],
  unreadable: UnreadableIntent[],
): void {
  const decoded = decodeSidecar(read.bytes);
  const path = `${root}/${key}`;
  switch (decoded.tag) {
    case "decoded": {
      const graph = parseGraphId(decoded.sidecar.graph_id);
      if (graph !== null) open.push(openIntent(key, graph, decoded.sidecar));
      else unreadable.push(unattributed(key, path));
      return;
    }
    case "unknown_version": {
      const message = `${path} was written by a newer program and cannot be judged by this one.`;
      const unknown = diagnostic("unsupported_recovery_sidecar_version", { path, message });
      const graph = parseGraphId(decoded.graph_id ?? "");
      unreadable.push({ key, graph, cause: "unknown_version", diagnostic: unknown });
      return;
    }
    case "invalid":
      unreadable.push({
        key,
        graph: parseGraphId(decoded.graph_id ?? ""),
        cause: "invalid",
        diagnostic: invalid(path, decoded.detail),
      });
      return;
    default:
      assertNever(decoded);
  }
}

function openIntent(key: StoreKey, graph: GraphId, sidecar: Sidecar): OpenIntent {
  const { operation_id, kind, actor, approval_id } = sidecar;
  const approval = approval_id !== null && isUlid(approval_id) ? (approval_id as ApprovalId) : null;
  const facts = { graph, operation_id, kind, actor, approval_id: approval };
  return { key, written_in: "sidecar", expect: decidedOn(sidecar), ...facts };
}

/**
 * P of a sidecar of ours. OmniGraph fills in what it expects only after its effect, and never for a delete, for which
 * it has no version of our graphs either; such an intent is kept and reported, never judged (design 7).
 */
function decidedOn(sidecar: Sidecar): number | null {
  const { kind, observed_manifest_version: observed, expected_manifest_version: expected } = sidecar;
  if (observed === null) return null;
  if (kind === "graph_delete") return expected === null ? observed : null;
  return expected === observed + 1 ? observed : null;
}

function unattributed(key: StoreKey, path: string): UnreadableIntent {
  const why = invalid(path, "it names no legal graph id");
  return { key, graph: null, cause: "unattributed", diagnostic: why };
}

function invalid(path: string, detail: string): Diagnostic {
  return diagnostic("invalid_recovery_sidecar", { path, message: `${path} cannot be read: ${detail}.` });
}

/** The graphs that must be left alone until their intents are settled. */
export function pendingGraphs(intents: Intents): ReadonlySet<GraphId> {
  const graphs = [...intents.open.map((each) => each.graph), ...intents.unreadable.map((each) => each.graph)];
  return new Set(graphs.filter((graph) => graph !== null));
}

/** One warning for each open intent, at its file (status, plan), and what is wrong with those that cannot be read. */
export function pendingWarnings(intents: Intents, root: string): readonly Diagnostic[] {
  const pending = (key: StoreKey, message: string) =>
    diagnostic("cluster_recovery_pending", { path: `${root}/${key}`, message });
  const open = intents.open.map(({ key, graph, kind, operation_id }) =>
    pending(key, `An earlier ${kind} of graph.${graph} (${operation_id}) is not settled.`),
  );
  const unreadable = intents.unreadable.flatMap(({ key, graph, diagnostic: why }) => {
    const whose = graph === null ? "" : ` of graph.${graph}`;
    return [pending(key, `An earlier operation${whose} is not settled and cannot be judged.`), why];
  });
  return [...open, ...unreadable];
}
