/**
 * Clean-up: the only file that removes branches and bytes. What it may remove is computed by retention.ts from
 * manifests; this file lists, reads and removes.
 *
 * Guarantees: safe beside every other operation and safe to interrupt anywhere, because it removes only what no
 * manifest after the head that it read can pin. Repeating it is harmless. Nothing it meets is a failure of the verb
 * that called it: what could not be removed is logged, told to whoever asks, and found again next time.
 */
import type { GraphId, IncarnationId } from "../digest/ids.ts";
import { readHead, readVersion } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { CleanUpOutcome } from "./engine.ts";
import { RETENTION_VERSIONS_MAX } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { datasetPath, graphRoot, incarnationPrefix } from "./paths.ts";
import {
  type BranchCandidate,
  branchText,
  candidates,
  type DatasetListing,
  type Holder,
  pinnedBranches,
  wasHeadInWindow,
  wasNeverPublished,
} from "./retention.ts";

type Erased = { readonly tag: "ok" } | { readonly tag: "failed"; readonly reason: string };

/** Removes everything of an incarnation whose reclaim is published. The caller has seen the mark. */
export async function eraseIncarnation(
  context: EngineContext,
  manifest: Manifest,
  incarnation: IncarnationId,
): Promise<Erased> {
  const erased = await context.tables.erase(incarnationPrefix(manifest.graph, incarnation));
  context.log.info({
    event: "engine.reclaim.erase",
    graph: manifest.graph,
    incarnation,
    outcome: erased.tag,
  });
  if (erased.tag === "ok" || erased.tag === "missing") return { tag: "ok" };
  return { tag: "failed", reason: erased.tag === "unavailable" ? erased.reason : "something stays there" };
}

/**
 * Removes the garbage of a graph, as seen from a head that was read or published. Returns the datasets that may still
 * be there: a destruction is over when there is none.
 */
export async function cleanUp(context: EngineContext, head: Manifest): Promise<readonly string[]> {
  const left: string[] = [];
  for (const holder of await holders(context, head)) {
    const datasets = await listDatasets(context, head, holder.incarnation);
    if (datasets === null) {
      left.push(holder.incarnation);
      continue;
    }
    const { paths, branches } = candidates(head, holder, datasets);
    for (const path of paths) {
      const erased = await context.tables.erase(datasetPath(head.graph, path));
      report(context, head, "engine.cleanup.dataset", path, erased.tag);
      if (erased.tag !== "ok" && erased.tag !== "missing") left.push(path);
    }
    for (const candidate of await droppable(context, head, branches)) {
      const dropped = await context.tables.dropBranch(
        datasetPath(head.graph, candidate.path),
        candidate.branch,
      );
      report(context, head, "engine.cleanup.branch", branchText(candidate), dropped.tag);
    }
  }
  return left;
}

/** The same as seen from the present head; a graph without one has no garbage of ours. */
export async function cleanUpGraph(context: EngineContext, graph: GraphId): Promise<CleanUpOutcome> {
  const read = await readHead(context, graph);
  if (read.tag === "unavailable") return read;
  const left = read.tag === "head" ? await cleanUp(context, read.manifest) : [];
  return left.length === 0 ? { tag: "done" } : { tag: "left", what: left };
}

/** The live incarnation and every dead one that may still be restored. */
async function holders(context: EngineContext, head: Manifest): Promise<readonly Holder[]> {
  const found: Holder[] = [];
  if (head.incarnation !== null) found.push({ incarnation: head.incarnation, manifest: head });
  for (const life of head.dead) {
    if (life.reclaiming) continue;
    const last = await readVersion(context, head.graph, life.since);
    if (last.tag === "found") found.push({ incarnation: life.incarnation, manifest: last.manifest });
  }
  return found;
}

async function listDatasets(
  context: EngineContext,
  head: Manifest,
  incarnation: IncarnationId,
): Promise<readonly DatasetListing[] | null> {
  const paths = await context.tables.datasets(incarnationPrefix(head.graph, incarnation));
  if (paths.tag !== "ok") return paths.tag === "missing" ? [] : null;
  const root = graphRoot(head.graph);
  const listings: DatasetListing[] = [];
  for (const path of paths.value) {
    const branches = await context.tables.branches(path);
    const names = branches.tag === "ok" ? branches.value : [];
    if (path.startsWith(root)) listings.push({ path: path.slice(root.length), branches: names });
  }
  return listings;
}

/** The candidates that were never visible, and those that no manifest inside the window shows. */
async function droppable(
  context: EngineContext,
  head: Manifest,
  branches: readonly BranchCandidate[],
): Promise<readonly BranchCandidate[]> {
  const garbage: BranchCandidate[] = [];
  const superseded: BranchCandidate[] = [];
  for (const candidate of branches) {
    const successor = await readVersion(context, head.graph, candidate.base + 1);
    if (successor.tag !== "found") continue;
    (wasNeverPublished(candidate, successor.manifest) ? garbage : superseded).push(candidate);
  }
  if (superseded.length === 0) return garbage;
  const recent = await manifestsInWindow(context, head);
  if (recent === null) return garbage;
  const pinned = pinnedBranches(recent);
  return [...garbage, ...superseded.filter((candidate) => !pinned.has(branchText(candidate)))];
}

/** Every manifest that was the head at some time inside the window; null if that could not be read. */
async function manifestsInWindow(
  context: EngineContext,
  head: Manifest,
): Promise<readonly Manifest[] | null> {
  const recent: Manifest[] = [];
  let supersededAt: string | null = null;
  for (let version = head.version; version >= 1; version -= 1) {
    if (!wasHeadInWindow(supersededAt, context.clock.nowMs(), context.soft_drop_window_ms)) return recent;
    if (recent.length === RETENTION_VERSIONS_MAX) return null;
    const read = await readVersion(context, head.graph, version);
    if (read.tag !== "found") return null;
    recent.push(read.manifest);
    supersededAt = read.manifest.at;
  }
  return recent;
}

function report(context: EngineContext, head: Manifest, event: string, what: string, outcome: string): void {
  const facts = { event, graph: head.graph, version: head.version, what, outcome };
  if (outcome === "unavailable") context.log.warn(facts);
  else context.log.info(facts);
}
