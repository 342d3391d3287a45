/**
 * CheckBackup: is the copy whole? Read from the copy alone: the ledger fits its history, every payload is the one that it
 * names, every chain of manifests has no gap and reaches what the ledger records, and each file that a reader of a head,
 * or of a deleted graph that may be restored, opens is there.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import { readVersion } from "../engine/chain.ts";
import type { Manifest, TablePin } from "../engine/manifest.ts";
import {
  datasetPath,
  graphOfKey,
  manifestKey,
  manifestVersion,
  schemaCopyKey,
  schemaRecordKey,
} from "../engine/paths.ts";
import type { RowFiles } from "../engine/row-files.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import { verifyPayloads } from "../observe/verify-payloads.ts";
import type { Clock } from "../ports/clock.ts";
import { createLedgerStoreOver } from "../ports/ledger-over-objects.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { InventoryEntry } from "./backup-record.ts";
import { PROBLEMS_SHOWN_MAX } from "./limits.ts";
import { done, type Step, stopped } from "./step.ts";

export interface CheckedBackup {
  /** The copy, as a cluster. */
  readonly view: ObjectStore;
  readonly inventory: ReadonlyMap<string, InventoryEntry>;
  readonly rows: RowFiles;
  readonly clock: Clock;
}

/** The newest version of each chain in a copy. */
export function headsOf(inventory: ReadonlyMap<string, InventoryEntry>): ReadonlyMap<GraphId, number> {
  const heads = new Map<GraphId, number>();
  for (const key of inventory.keys()) {
    const graph = graphOfKey(key);
    const version = graph === null ? null : manifestVersion(graph, key);
    if (graph !== null && version !== null) heads.set(graph, Math.max(heads.get(graph) ?? 0, version));
  }
  return heads;
}

export async function checkBackup(copy: CheckedBackup): Promise<Step<null>> {
  const { view, clock } = copy;
  const ports = { store: view, ledger: createLedgerStoreOver(view), clock };
  const reading = await readLedger(ports, { repair: false });
  if (reading.tag === "missing") return incomplete("the ledger is not there");
  if (reading.tag !== "ready") return { tag: "stopped", diagnostics: reading.diagnostics };
  const payloads = await verifyPayloads(view, reading.state);
  const problems: Diagnostic[] = payloads.diagnostics.map(({ path, message }) =>
    diagnostic("backup_incomplete", { path, message }),
  );
  const heads = headsOf(copy.inventory);
  const recorded = Object.entries(reading.receipt?.graphs ?? {});
  for (const [graph, { manifest_version }] of recorded) {
    const head = heads.get(graph as GraphId) ?? 0;
    if (head < manifest_version)
      problems.push(flaw(graph, `it ends at version ${head} and not at ${manifest_version}`));
  }
  for (const [graph, head] of heads) problems.push(...(await checkGraph(copy, graph, head)));
  if (problems.length === 0) return done(null);
  return { tag: "stopped", diagnostics: problems.slice(0, PROBLEMS_SHOWN_MAX) };
}

function incomplete(detail: string) {
  return stopped("backup_incomplete", "backup", `The copy is not whole: ${detail}.`);
}

function flaw(graph: string, detail: string): Diagnostic {
  const message = `The copy of graph ${graph} is not whole: ${detail}.`;
  return diagnostic("backup_incomplete", { path: `graph.${graph}`, message });
}

async function checkGraph(copy: CheckedBackup, graph: GraphId, head: number): Promise<readonly Diagnostic[]> {
  const { inventory, view: store, clock } = copy;
  for (let version = head; version >= 1; version -= 1) {
    if (!inventory.has(manifestKey(graph, version))) return [flaw(graph, `version ${version} is not there`)];
  }
  const newest = await readVersion({ store, clock }, graph, head);
  if (newest.tag !== "found") return [flaw(graph, `version ${head} cannot be read`)];
  const lives: Manifest[] = [newest.manifest];
  for (const { since, reclaiming } of newest.manifest.dead) {
    if (reclaiming) continue;
    const last = await readVersion({ store, clock }, graph, since);
    if (last.tag !== "found") return [flaw(graph, `version ${since} cannot be read`)];
    lives.push(last.manifest);
  }
  const found = await Promise.all(lives.map((manifest) => checkLife(copy, manifest)));
  return found.flat();
}

async function checkLife(copy: CheckedBackup, manifest: Manifest): Promise<readonly Diagnostic[]> {
  const { graph, schema_record: record, tables, version } = manifest;
  const problems: Diagnostic[] = [];
  const kept = record === null ? [] : [schemaRecordKey(record), schemaCopyKey(record)];
  if (kept.length > 0 && !kept.some((key) => copy.inventory.has(key))) {
    problems.push(flaw(graph, `the schema of version ${version} is not there`));
  }
  for (const pin of tables) {
    const detail = await missingOf(copy, graph, pin);
    if (detail !== null) problems.push(flaw(graph, `the rows of type ${pin.type_id}: ${detail}`));
  }
  return problems;
}

/** What a reader of the pin would not find; null if all is there. */
async function missingOf(copy: CheckedBackup, graph: GraphId, pin: TablePin): Promise<string | null> {
  const position = {
    path: datasetPath(graph, pin.path),
    branch: pin.branch,
    lance_version: pin.lance_version,
  };
  const files = await copy.rows.pinned(position, (key) => copy.view.get(key));
  if (files.tag === "unavailable") return files.reason;
  if (files.tag === "broken") return files.detail;
  const missing = files.keys.find((key) => !copy.inventory.has(key));
  return missing === undefined ? null : `${missing} is not there`;
}
