/**
 * The ledger that an import starts from where one was lost or put back to an older copy (design 4.6): what the newest
 * receipt of the history records, and what all receipts together say of approvals, recoveries and deletes. Pure.
 *
 * The receipt carries digests and bindings, and the digest of the whole definition: a definition that has it is proven
 * to be the lost one, with the config that it had converged to. Receipts without bindings come from an older program;
 * then bindings come from the older copy where the digest is the same, and from the next apply where it is not. What is
 * not proven claims no config (W26). Statuses are not kept in receipts; what was recorded had been applied.
 */
import { tombstone } from "../apply/graph-observations.ts";
import { sha256 } from "../digest/digest.ts";
import { withBinding } from "../ledger/binding.ts";
import { compactApplied } from "../ledger/codec.ts";
import type { PastCommit } from "../ledger/follow-history.ts";
import { type Protections, protectionsOf, withProtections } from "../ledger/protection.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { JsonValue, LedgerResource, LedgerState, StatusRecord } from "../ledger/state.ts";
import { emptyLedger } from "./empty-ledger.ts";
import { CONFIGS_TRIED_MAX } from "./limits.ts";
import { recordsOf } from "./records-of-history.ts";

export interface RebuiltLedger {
  readonly state: LedgerState;
  /** The definition is the lost one, to the byte. */
  readonly proven: boolean;
}

/** What is known of a history: its newest receipt whole, and all commits, newest first. */
export interface KnownHistory {
  readonly newest: Receipt | null;
  readonly commits: readonly PastCommit[];
}

/** `older`: the copy that was put in the place of the ledger. */
export function rebuiltLedger(history: KnownHistory, older: LedgerState | null): RebuiltLedger {
  const start = older ?? emptyLedger();
  const { newest, commits } = history;
  if (newest === null) {
    const applied_revision = { ...start.applied_revision, config_digest: null };
    return { state: { ...start, applied_revision }, proven: false };
  }
  const resources = entriesOf(newest, start.applied_revision.resources);
  const config_digest = provenConfig(resources, newest, commits, start);
  const records = recordsOf(commits);
  const statuses = Object.keys(resources).map((address) => [address, APPLIED] as const);
  const state: LedgerState = {
    ...start,
    applied_revision: { config_digest: config_digest ?? null, resources },
    resource_statuses: Object.fromEntries(statuses),
    approval_records: { ...records.approvals, ...start.approval_records },
    recovery_records: { ...records.recoveries, ...start.recovery_records },
    observations: { ...start.observations, ...tombstonesOf(newest, commits, resources) },
  };
  const protections = protectionsIn(newest, commits, start);
  return { state: withProtections(state, protections), proven: config_digest !== undefined };
}

const APPLIED: StatusRecord = { status: "applied" };

type Resources = Readonly<Record<string, LedgerResource>>;

function entriesOf(newest: Receipt, known: Resources): Resources {
  const entries = Object.entries(newest.resources).map(([address, digest]) => {
    const before = Object.hasOwn(known, address) ? known[address] : undefined;
    const binding = Object.hasOwn(newest.bindings, address) ? newest.bindings[address] : undefined;
    if (binding === undefined && before?.digest === digest) return [address, before] as const;
    return [address, withBinding(digest, binding)] as const;
  });
  return Object.fromEntries(entries);
}

/** The config digest with which the definition has the digest that the receipt names; undefined if none has. */
function provenConfig(
  resources: Resources,
  newest: Receipt,
  commits: readonly PastCommit[],
  start: LedgerState,
): string | null | undefined {
  const configs = [null, start.applied_revision.config_digest, ...commits.map((each) => each.config_digest)];
  return [...new Set(configs)].slice(0, CONFIGS_TRIED_MAX).find((config_digest) => {
    const applied = compactApplied({ ...start, applied_revision: { config_digest, resources } });
    return sha256(applied) === newest.applied_digest_after;
  });
}

/** Of the graphs that the history saw deleted and that the ledger does not hold again. */
function tombstonesOf(
  newest: Receipt,
  commits: readonly PastCommit[],
  resources: Resources,
): Readonly<Record<string, JsonValue>> {
  const graphs = Object.entries(newest.graphs).flatMap(([id, { incarnation, manifest_version }]) => {
    const address = `graph.${id}`;
    if (incarnation !== null || Object.hasOwn(resources, address)) return [];
    const deletion = commits.find((each) => each.changes.some((change) => change.address === address));
    const change = deletion?.changes.find((each) => each.address === address);
    if (change?.operation !== "delete" || !isDelete(deletion)) return [];
    const used = deletion.approvals_consumed.find((each) => each.address === address);
    const facts = { deleted_at: deletion.at ?? "", approval_id: used?.approval_id ?? null };
    return [[address, tombstone(facts, { actor: deletion.actor, version: manifest_version })] as const];
  });
  return Object.fromEntries(graphs);
}

/** A refresh that misses a graph drops it too, but deletes nothing. */
function isDelete(commit: PastCommit | undefined): commit is PastCommit {
  return commit?.kind === "final" || commit?.kind === "recovery";
}

/** Who protected a graph and when stands in the oldest of the newest receipts that say so; why stands in the mirror. */
function protectionsIn(newest: Receipt, commits: readonly PastCommit[], start: LedgerState): Protections {
  const mirrored = protectionsOf(null, start);
  const found = [...protectionsOf(newest, start)].map(([graph, protection]) => {
    if (mirrored.has(graph)) return [graph, protection] as const;
    const until = commits.findIndex((each) => !each.protected.includes(graph));
    const begun = commits.at(until < 0 ? -1 : until - 1);
    return [graph, { by: begun?.actor ?? null, at: begun?.at ?? null, reason: null }] as const;
  });
  return new Map(found);
}
