/**
 * What must hold of a cluster once its runs have come to their end, whatever was killed, frozen or delivered twice on the
 * way, read from what is stored and nothing else. Everything that does not hold is told at once.
 */
import { compareBytes } from "../../lib/digest/digest.ts";
import type { StoredCluster } from "./stored-cluster.ts";

/** The parts of receipts, manifests and records that are looked at. */
interface Receipt {
  readonly revision: number;
  readonly commit_id: string;
  readonly parent_commit_id: string | null;
  readonly approvals_consumed: readonly unknown[];
  readonly resources: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly version: number;
  readonly cause: string;
  readonly operation_id: string;
  readonly run_id: string;
  readonly tables: readonly { readonly rows: number }[];
}

export interface StoredRecord {
  readonly run_id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly plan_id: string | null;
  readonly attempts: readonly { readonly ended_at: string | null }[];
  readonly diagnostics: readonly string[];
}

/** The same for every way that a run can take to its end. */
export interface Outcome {
  readonly resources: unknown;
  readonly statuses: Readonly<Record<string, unknown>>;
  /** Effects of each graph by what they were, oldest first, without fences. */
  readonly effects: Readonly<Record<string, readonly string[]>>;
  /** How often each resource has got another digest; of graphs, which are made of others, only their parts. */
  readonly moves: Readonly<Record<string, number>>;
  readonly approvals_consumed: number;
  readonly run: Pick<StoredRecord, "state" | "outcome">;
}

function documentAt<Document>({ objects }: StoredCluster, key: string): Document {
  const found = objects.get(key);
  if (found === undefined) throw new Error(`${key} is not there`);
  return JSON.parse(found.text);
}

function keysBelow({ objects }: StoredCluster, prefix: string): readonly string[] {
  return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
}

export function runRecord(stored: StoredCluster, runId: string): StoredRecord {
  return documentAt(stored, `__graphform/runs/${runId}.json`);
}

/** The manifests of each graph, oldest first. */
export function manifestsOf(stored: StoredCluster): ReadonlyMap<string, readonly Manifest[]> {
  const manifests = new Map<string, Manifest[]>();
  for (const key of keysBelow(stored, "graphs/").filter((each) => each.includes("/__manifest/"))) {
    const graph = key.split("/")[1] ?? "";
    manifests.set(graph, [documentAt<Manifest>(stored, key), ...(manifests.get(graph) ?? [])]);
  }
  return manifests;
}

/** The receipts that are history, oldest first: those that a head names. */
function receiptsOf(stored: StoredCluster): readonly Receipt[] {
  return keysBelow(stored, "__graphform/heads/").map((key) => {
    const digits = key.slice(-"00000000000000000001.json".length, -".json".length);
    const { commit_id } = documentAt<{ commit_id: string }>(stored, key);
    return documentAt<Receipt>(stored, `__graphform/receipts/${digits}-${commit_id}.json`);
  });
}

export function outcomeOf(stored: StoredCluster, runId: string): Outcome {
  const state = documentAt<LedgerDocument>(stored, "__cluster/state.json");
  const receipts = receiptsOf(stored);
  const { state: ended, outcome } = runRecord(stored, runId);
  const statuses = Object.entries(state.resource_statuses).map(([address, { status }]) => [address, status]);
  const effects = [...manifestsOf(stored)].map(([graph, manifests]) => [
    graph,
    manifests.filter((each) => each.cause !== "fence").map((each) => each.cause),
  ]);
  return {
    resources: state.applied_revision.resources,
    statuses: Object.fromEntries(statuses),
    effects: Object.fromEntries(effects),
    moves: movesOf(receipts),
    approvals_consumed: receipts.flatMap((each) => each.approvals_consumed).length,
    run: { state: ended, outcome },
  };
}

interface LedgerDocument {
  readonly state_revision: number;
  readonly applied_revision: { readonly resources: unknown };
  readonly resource_statuses: Readonly<Record<string, { readonly status: string }>>;
}

function movesOf(receipts: readonly Receipt[]): Readonly<Record<string, number>> {
  const moves: Record<string, number> = {};
  let before: Readonly<Record<string, string>> = {};
  for (const { resources } of receipts) {
    for (const address of new Set([...Object.keys(before), ...Object.keys(resources)])) {
      if (address.startsWith("graph.") || before[address] === resources[address]) continue;
      moves[address] = (moves[address] ?? 0) + 1;
    }
    before = resources;
  }
  return Object.fromEntries(Object.entries(moves).sort(([one], [other]) => compareBytes(one, other)));
}

/** L1, K5, R6, A4: no gap, nobody's lease, nothing left behind. */
export function problemsAtRest(stored: StoredCluster): readonly string[] {
  const leftovers = ["__cluster/recoveries/", "__cluster/lock.json", "__graphform/open-runs/"];
  return [
    ...historyProblems(stored),
    ...chainProblems(stored),
    ...leftovers.flatMap((prefix) => keysBelow(stored, prefix)).map((key) => `${key} is left`),
    ...leaseProblems(stored),
  ];
}

function historyProblems(stored: StoredCluster): readonly string[] {
  const receipts = receiptsOf(stored);
  const { state_revision } = documentAt<LedgerDocument>(stored, "__cluster/state.json");
  const problems: string[] = [];
  for (const [index, receipt] of receipts.entries()) {
    if (receipt.revision !== index + 1) problems.push(`revision ${index + 1} is ${receipt.revision}`);
    const parent = receipts[index - 1]?.commit_id ?? null;
    if (receipt.parent_commit_id !== parent) problems.push(`revision ${index + 1} has another parent`);
  }
  if (state_revision !== receipts.length)
    problems.push(`the ledger is at ${state_revision}, not ${receipts.length}`);
  return problems;
}

function chainProblems(stored: StoredCluster): readonly string[] {
  const problems: string[] = [];
  for (const [graph, manifests] of manifestsOf(stored)) {
    const versions = manifests.map((each) => each.version);
    if (versions.some((version, index) => version !== index + 1))
      problems.push(`${graph} has versions ${versions}`);
    const operations = manifests.map((each) => each.operation_id);
    if (new Set(operations).size < operations.length) problems.push(`${graph} has an operation twice`);
  }
  return problems;
}

export function leaseHolder({ lease }: StoredCluster): { readonly deadline: string } | null {
  return lease === null ? null : JSON.parse(lease["record"]?.S ?? "").holder;
}

function leaseProblems(stored: StoredCluster): readonly string[] {
  const holder = leaseHolder(stored);
  return holder === null ? [] : [`the lease is held: ${JSON.stringify(holder)}`];
}

/** The cluster itself: what nobody who was overtaken may change (K4). */
export function deployedPart(stored: StoredCluster): Readonly<Record<string, string>> {
  const prefixes = ["__cluster/state.json", "__graphform/heads/", "__graphform/runs/"];
  const keys = prefixes.flatMap((prefix) => keysBelow(stored, prefix));
  const manifests = keysBelow(stored, "graphs/").filter((each) => each.includes("/__manifest/"));
  return Object.fromEntries([...keys, ...manifests].map((key) => [key, stored.objects.get(key)?.etag ?? ""]));
}
