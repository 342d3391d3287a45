/**
 * Invariants of a world at rest (reliability 7): what must hold when a healthy operator has finished, whatever happened
 * before. Each text begins with the id of the invariant that is broken.
 */
import { schemaAddress } from "../../lib/desired/address.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { snapshotAt } from "../../lib/engine/memory/dataset.ts";
import { datasetPath } from "../../lib/engine/paths.ts";
import { payloadKey } from "../../lib/ledger/payload-key.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { verifyComposites } from "../../lib/ledger/verify-composites.ts";
import { GRAPHS } from "./configs.ts";
import { type History, historyOf } from "./history.ts";
import type { Report } from "./operators.ts";
import { evidenceIn } from "./oracle-approval.ts";
import { chainOf } from "./stored-graph.ts";
import { keysBelow, textAt, type World } from "./world.ts";

/** Everything that is broken in a world at rest, the oracle's findings included. */
export function brokenInvariants(world: World, reports: readonly Report[]): readonly string[] {
  const history = historyOf(world);
  const broken = [
    ...history.problems,
    ...world.chronicle.violations,
    ...reports.flatMap((report) =>
      report.defect === null ? [] : [`I1 ${report.actor.name} threw ${report.defect}`],
    ),
    ...brokenLedger(world, history),
    ...brokenLock(world),
    ...GRAPHS.flatMap((graph) => brokenGraph(world, history.state, graph)),
    ...lostRows(world, reports),
    ...brokenApprovals(world, history, reports),
  ];
  return [...new Set(broken)];
}

function brokenLedger(world: World, { state, receipts }: History): readonly string[] {
  if (state === null) return [];
  const broken: string[] = [];
  broken.push(...verifyComposites(state).map((each) => `S5 ${each.message}`));
  const commits = receipts.map((receipt) => receipt.commit_id);
  if (new Set(commits).size !== commits.length) broken.push("L7 one commit is in two revisions");
  if (world.chronicle.disruption === "none") {
    const expected = receipts.map((_, index) => state.state_revision - index);
    if (receipts.some((receipt, index) => receipt.revision !== expected[index]) || expected.at(-1) !== 1) {
      broken.push(`L1 revisions are ${receipts.map((receipt) => receipt.revision).join(" ")}`);
    }
  }
  const recovered = receipts
    .flatMap((receipt) => receipt.recovered)
    .filter((each) => each.outcome === "rolled_forward")
    .map((each) => each.operation_id);
  if (new Set(recovered).size !== recovered.length)
    broken.push("L7 an operation is recovered in two revisions");
  const plans = receipts
    .filter((receipt) => receipt.kind === "final")
    .flatMap((receipt) => receipt.plan_id ?? []);
  if (new Set(plans).size !== plans.length) broken.push("A5 one plan is applied in two revisions");
  for (const [address, record] of Object.entries(state.resource_statuses)) {
    if (record.status === "applying") broken.push(`A3 ${address} is still applying`);
  }
  for (const [address, { digest }] of Object.entries(state.applied_revision.resources)) {
    const key = payloadKey(address, digest);
    const bytes = key === null ? null : world.backend.objects.get(key);
    if (key !== null && (bytes == null || sha256(bytes) !== digest))
      broken.push(`S3 the payload of ${address} is not there`);
  }
  for (const key of keysBelow(world, "__cluster/recoveries/")) broken.push(`R6 the intent ${key} is left`);
  return broken;
}

function brokenLock(world: World): readonly string[] {
  const broken: string[] = [];
  if (world.backend.lease.holder !== null) broken.push("K5 the lease is held by nobody who lives");
  if (textAt(world, "__cluster/lock.json") !== null) broken.push("K5 the lock file is left");
  return broken;
}

/** A2, A3, A4, and that nothing that can still be read or restored has lost its rows. */
function brokenGraph(world: World, state: LedgerState | null, graph: string): readonly string[] {
  const chain = chainOf(world, graph);
  const stored = keysBelow(world, `graphs/${graph}.omni/__manifest/`).length;
  const broken = stored === chain.length ? [] : [`A2 the chain of ${graph} has a gap at ${chain.length + 1}`];
  const head = chain.at(-1);
  if (state !== null) broken.push(...disagreement(state, graph, head));
  if (head?.state === "live")
    broken.push(...missingPins(world, head).map((pin) => `A4 live ${graph} lost ${pin}`));
  for (const dead of head?.dead ?? []) {
    if (dead.reclaiming) continue;
    const last = chain[dead.since - 1];
    const lost = last === undefined ? ["its manifest"] : missingPins(world, last);
    broken.push(...lost.map((pin) => `A4 restorable ${graph}/${dead.incarnation} lost ${pin}`));
  }
  return broken;
}

function disagreement(state: LedgerState, graph: string, head: Manifest | undefined): string[] {
  const recorded = state.applied_revision.resources[schemaAddress(graph as GraphId)]?.digest ?? null;
  const live = head?.state === "live" ? head.schema_digest : null;
  if (recorded === live) return [];
  const status = state.resource_statuses[`graph.${graph}`]?.status ?? "none";
  if (status === "drifted" || status === "error") return [];
  return [`A3 ${graph} is ${head?.state ?? "absent"}@${head?.version ?? 0} and the ledger says ${status}`];
}

function missingPins(world: World, manifest: Manifest): readonly string[] {
  return manifest.tables
    .filter((pin) => {
      const dataset = world.rows.get(datasetPath(manifest.graph, pin.path));
      return dataset === undefined || snapshotAt(dataset, pin.branch, pin.lance_version) === null;
    })
    .map((pin) => `${pin.path} ${pin.branch}@${pin.lance_version}`);
}

/** Rows that somebody was told are stored are in the newest version of their life (L4 of data). */
function lostRows(world: World, reports: readonly Report[]): readonly string[] {
  return reports.flatMap((report) =>
    report.rows.flatMap(({ graph, version, name }) => {
      const chain = chainOf(world, graph);
      const life = chain[version - 1]?.incarnation ?? null;
      const last = chain.findLast((each) => each.state === "live" && each.incarnation === life);
      const dead = chain.at(-1)?.dead.find((each) => each.incarnation === life);
      if (dead?.reclaiming === true) return [];
      if (last !== undefined && namesIn(world, last).has(name)) return [];
      return [`L4 the row ${name} of ${graph} is lost`];
    }),
  );
}

/** The values of every text column of all rows that a manifest pins. */
function namesIn(world: World, manifest: Manifest): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  for (const pin of manifest.tables) {
    const dataset = world.rows.get(datasetPath(manifest.graph, pin.path));
    const snapshot = dataset === undefined ? null : snapshotAt(dataset, pin.branch, pin.lance_version);
    for (const row of snapshot?.rows ?? []) for (const cell of row.values()) names.add(cell);
  }
  return names;
}

/** C1 to C3 at rest: every use is recorded once, and nothing is left in anybody's hands. */
function brokenApprovals(
  world: World,
  { state, receipts }: History,
  reports: readonly Report[],
): readonly string[] {
  if (state === null) return [];
  const broken: string[] = [];
  const consumed = receipts.flatMap((receipt) => receipt.approvals_consumed);
  const uses = consumed.map((each) => each.approval_id);
  if (new Set(uses).size !== uses.length) broken.push("C2 an approval is consumed in two revisions");
  const discarded = new Set(reports.flatMap((report) => report.discarded));
  for (const evidence of evidenceIn(world)) {
    const { approval_id, state: now } = evidence;
    const recorded = approval_id in state.approval_records;
    if (now.tag === "reserved")
      broken.push(`C2 ${approval_id} is left reserved by ${now.reservation.operation_id}`);
    if (recorded && now.tag !== "consumed") broken.push(`C2 ${approval_id} was used and is ${now.tag}`);
    if (!recorded && now.tag === "consumed") broken.push(`C2 ${approval_id} is consumed and in no record`);
  }
  for (const removed of world.chronicle.publications) {
    if (removed.cause !== "remove" || discarded.has(removed.operation_id)) continue;
    const used = consumed.some((each) => each.operation_id === removed.operation_id);
    if (!used)
      broken.push(`C2 the remove of ${removed.graph}@${removed.version} is in no record of approvals`);
  }
  return broken;
}
