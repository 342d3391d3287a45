/**
 * The serving snapshot (spec/cluster 12): everything that a server needs of what was applied, verified, or the reasons
 * why it must not start. No lock, no sweep, no writes, and no graph is opened.
 *
 * Intents are read before the ledger. A run records what it did before it removes its intents, so a graph whose intent
 * is not seen is in the ledger that is read afterwards.
 *
 * An intent file that cannot be read but names its graph quarantines that graph only; one that names none refuses
 * everything, because any graph could be meant (W12). The snapshot is of one storage root; whoever derives the root
 * from a config folder refuses a broken config first (W19).
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readIntents, type UnreadableIntent } from "../apply/recovery/intents.ts";
import { inWaves } from "../apply/wave.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { sha256 } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import { payloadKey } from "../ledger/payload-key.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { decideServing, type ServedGraph, type ServedPayload } from "./serving-decision.ts";

export type Served<Payload extends ServedPayload> = Payload & { readonly source: string };

export interface ServingSnapshot {
  readonly state_revision: number;
  readonly state_cas: string;
  readonly graphs: readonly ServedGraph[];
  readonly queries: readonly Served<Extract<ServedPayload, { kind: "query" }>>[];
  readonly policies: readonly Served<Extract<ServedPayload, { kind: "policy" }>>[];
  /** Graphs that are left out until their intents are settled. */
  readonly quarantined: readonly GraphId[];
}

/** `diagnostics` of a servable snapshot are warnings; a strict server may refuse them (spec/cluster 12.3). */
export type ServingOutcome =
  | {
      readonly tag: "servable";
      readonly snapshot: ServingSnapshot;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

type ServingPorts = Pick<ClusterPorts, "store" | "ledger" | "clock" | "root">;

export async function servingSnapshot(ports: ServingPorts): Promise<ServingOutcome> {
  const quarantine = await readQuarantine(ports);
  if (hasErrors(quarantine.diagnostics)) return { tag: "refused", diagnostics: quarantine.diagnostics };
  const reading = await readLedger(ports, { repair: false });
  const unusable = ledgerProblems(reading);
  if (reading.tag !== "ready") return refused(unusable, quarantine.diagnostics);
  const { state, cas } = reading;
  const { graphs: quarantined } = quarantine;
  const { graphs, payloads, problems } = decideServing({ state, quarantined, root: ports.root });
  const sources = await inWaves(payloads, (payload) => readPayload(ports.store, payload));
  const broken = sources.flatMap((source) => (source.tag === "broken" ? [source.diagnostic] : []));
  const errors = [...problems, ...broken];
  const warnings = [...quarantine.diagnostics, ...reading.diagnostics];
  if (errors.length > 0) return refused(errors, warnings);
  const served = sources.flatMap((source) => (source.tag === "verified" ? [source.payload] : []));
  const snapshot: ServingSnapshot = {
    state_revision: state.state_revision,
    state_cas: cas,
    graphs,
    queries: served.filter((each) => each.kind === "query"),
    policies: served.filter((each) => each.kind === "policy"),
    quarantined: [...quarantined].sort(),
  };
  return { tag: "servable", snapshot, diagnostics: warnings };
}

/** The reasons first, then what else is worth knowing. */
function refused(errors: readonly Diagnostic[], warnings: readonly Diagnostic[]): ServingOutcome {
  return { tag: "refused", diagnostics: [...errors, ...warnings] };
}

interface Quarantine {
  readonly graphs: ReadonlySet<GraphId>;
  readonly diagnostics: readonly Diagnostic[];
}

async function readQuarantine(ports: ServingPorts): Promise<Quarantine> {
  const intents = await readIntents(ports);
  if (intents.tag === "unavailable") {
    const message = `The open intents cannot be read: ${intents.reason}.`;
    const facts = { path: "__cluster/recoveries", message, severity: "error" } as const;
    return { graphs: new Set(), diagnostics: [diagnostic("recovery_sidecar_read_error", facts)] };
  }
  const named = [...intents.open, ...intents.unreadable].flatMap(({ graph }) =>
    graph === null ? [] : [graph],
  );
  const graphs = new Set(named);
  const pending = [...graphs].map((graph) => {
    const path = `graph.${graph}`;
    const message = `An earlier operation on ${path} is not settled, so it is not served.`;
    return diagnostic("cluster_recovery_pending", { path, message });
  });
  return { graphs, diagnostics: [...intents.unreadable.map(unreadable), ...pending] };
}

/** A warning where the graph is known and can be left out; an error where it is not. */
function unreadable(intent: UnreadableIntent): Diagnostic {
  const found = intent.diagnostic;
  if (intent.graph !== null) return found;
  if (intent.cause !== "unattributed") return { ...found, severity: "error" };
  return diagnostic("cluster_recovery_unattributed", { path: found.path, message: found.message });
}

function ledgerProblems(reading: LedgerReading): readonly Diagnostic[] {
  if (reading.tag !== "missing") return reading.diagnostics;
  const message = "There is no ledger at the storage root, so nothing was applied that could be served.";
  return [diagnostic("cluster_state_missing", { path: STATE_KEY, message })];
}

type PayloadRead =
  | { readonly tag: "verified"; readonly payload: Served<ServedPayload> }
  | { readonly tag: "broken"; readonly diagnostic: Diagnostic };

async function readPayload(store: ObjectStore, payload: ServedPayload): Promise<PayloadRead> {
  const { address: path, digest } = payload;
  const broken = (code: Diagnostic["code"], detail: string): PayloadRead => {
    const message = `The payload of ${path} cannot be served: ${detail}.`;
    return { tag: "broken", diagnostic: diagnostic(code, { path, message, severity: "error" }) };
  };
  const key = payloadKey(path, digest);
  const read = key === null ? null : await store.get(key);
  if (read === null || read.tag === "absent") return broken("catalog_payload_missing", "it is not there");
  if (read.tag === "unavailable") return broken("catalog_payload_read_error", read.reason);
  if (sha256(read.bytes) !== digest) {
    const advice = "the cluster refresh command notes it and apply replaces it";
    return broken("catalog_payload_digest_mismatch", `its content has another digest; ${advice}`);
  }
  return { tag: "verified", payload: { ...payload, source: textOf(read.bytes) } };
}

/** The bytes were hashed, so a byte order mark belongs to the text. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
