/**
 * Oracle of approvals: what a gated effect that has just become visible, and a use that has just been recorded, must
 * have had (C1, C2, C3): an approval of this life, reserved for this operation, never taken back, with no more rows
 * written than it tolerates and no remove or restore since the version that was reviewed.
 */

import type { Sidecar } from "../../lib/apply/sidecar.ts";
import { decodeEvidence, type Evidence } from "../../lib/approval/evidence.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { violated } from "./chronicle.ts";
import { manifestAt } from "./stored-graph.ts";
import { keysBelow, textAt, type World } from "./world.ts";

const EVIDENCE = "__graphform/approvals/";

/** Every readable evidence that is stored. */
export function evidenceIn(world: World): readonly Evidence[] {
  return keysBelow(world, EVIDENCE).flatMap((key) => {
    const decoded = decodeEvidence(world.backend.objects.get(key) ?? new Uint8Array());
    return decoded.tag === "decoded" ? [decoded.evidence] : [];
  });
}

/** A remove, or a migration that destroys data, has been published. */
export function judgeGated(world: World, manifest: Manifest, sidecar: Sidecar, what: string): void {
  const { chronicle } = world;
  const id = sidecar.approval_id;
  const evidence = id === null ? undefined : evidenceIn(world).find((each) => each.approval_id === id);
  if (evidence === undefined) {
    violated(chronicle, `C1 ${what} has no approval`);
    return;
  }
  const { state } = evidence;
  const before = manifestAt(world, manifest.graph, manifest.version - 1);
  const held = state.tag === "reserved" && state.reservation.operation_id === manifest.operation_id;
  if (chronicle.revoked.has(evidence.approval_id)) violated(chronicle, `C3 ${what} uses a revoked approval`);
  else if (!held) violated(chronicle, `C1 ${what} uses an approval that is ${state.tag}`);
  if (evidence.incarnation !== before?.incarnation)
    violated(chronicle, `C1 ${what} uses an approval of another life`);
  const written = (before?.rows_written ?? 0) - (evidence.rows_written ?? 0);
  if (written > evidence.tolerance)
    violated(chronicle, `C1 ${what} though ${written} rows were written since`);
  const lives = chronicle.publications.filter(
    (seen) =>
      seen.graph === manifest.graph &&
      seen.version > (evidence.manifest_version ?? 0) &&
      seen.version < manifest.version,
  );
  if (lives.some((seen) => seen.cause === "remove" || seen.cause === "restore")) {
    violated(chronicle, `C3 ${what} uses an approval given before a remove or restore`);
  }
  if (isProtected(world, manifest.graph)) violated(chronicle, `C1 ${what} though the graph is protected`);
}

interface WithRecords {
  readonly approval_records: Readonly<Record<string, unknown>>;
  readonly observations: Readonly<Record<string, unknown>>;
}

function isProtected(world: World, graph: string): boolean {
  const text = textAt(world, "__cluster/state.json");
  if (text === null) return false;
  const mirror = (JSON.parse(text) as WithRecords).observations["graphform.protected"];
  return (
    (mirror as { readonly graphs?: Readonly<Record<string, unknown>> } | undefined)?.graphs?.[graph] !==
    undefined
  );
}

/** A ledger has recorded uses that the one before did not: those of changes that move no graph are judged here. */
export function judgeRecordedUses(
  world: World,
  before: Uint8Array | undefined,
  after: Uint8Array,
  where: string,
): void {
  const { chronicle } = world;
  const known = before === undefined ? {} : recordsOf(before);
  for (const id of Object.keys(recordsOf(after))) {
    if (id in known) continue;
    const evidence = evidenceIn(world).find((each) => each.approval_id === id);
    if (evidence === undefined) {
      violated(chronicle, `C1 ${where} uses the approval ${id}, which does not exist`);
    } else if (chronicle.revoked.has(id)) {
      violated(chronicle, `C3 ${where} uses ${id} after it was taken back`);
    } else if (evidence.graph === null && evidence.state.tag !== "reserved") {
      violated(chronicle, `C1 ${where} uses ${id}, which is ${evidence.state.tag}`);
    }
  }
}

function recordsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return (JSON.parse(Buffer.from(bytes).toString("utf8")) as WithRecords).approval_records;
}
