/**
 * Retention: which datasets and branches of a graph are garbage, computed from manifests and names alone (design 6).
 *
 * Guarantees: pure. With H the version of the head that was read:
 * - Nothing that a manifest after H could pin is ever named. An operation decided on H or later works on datasets
 *   numbered above H and on branches based on H or later; one decided earlier has lost its version to another.
 * - What the head pins, and what the last live manifest of a dead incarnation pins, stays: a restore needs it.
 * - A dataset that its incarnation no longer pins was dropped with its data on purpose (hard drop): soft drops keep
 *   their pin. It is garbage at once.
 * - A branch whose operation was published and later superseded stays while a manifest inside the window pins it.
 * - An incarnation that is being reclaimed is left to `reclaim`.
 */
import type { IncarnationId } from "../digest/ids.ts";
import type { Manifest } from "./manifest.ts";
import { branchBase, parseDatasetName } from "./paths.ts";

/** One dataset below the graph root, and its branches. */
export interface DatasetListing {
  readonly path: string;
  readonly branches: readonly string[];
}

export interface BranchAddress {
  readonly path: string;
  readonly branch: string;
}

/** A branch that may go: its operation was decided on `base`, and the head no longer needs it. */
export interface BranchCandidate extends BranchAddress {
  readonly base: number;
}

export interface Candidates {
  /** Datasets that nothing can need any more. */
  readonly paths: readonly string[];
  /** Branches to be judged by what became of their operation. */
  readonly branches: readonly BranchCandidate[];
}

/** Incarnations whose datasets clean-up looks at, each with the manifest that speaks for it. */
export interface Holder {
  readonly incarnation: IncarnationId;
  readonly manifest: Manifest;
}

/** What may be garbage in the listed datasets of the holder's incarnation. */
export function candidates(head: Manifest, holder: Holder, datasets: readonly DatasetListing[]): Candidates {
  const pins = new Map(holder.manifest.tables.map((pin) => [pin.path, pin.branch]));
  const paths: string[] = [];
  const branches: BranchCandidate[] = [];
  for (const dataset of datasets) {
    const name = parseDatasetName(dataset.path);
    if (!name || name.incarnation !== holder.incarnation || name.first > head.version) continue;
    if (!pins.has(dataset.path)) {
      paths.push(dataset.path);
      continue;
    }
    for (const branch of dataset.branches) {
      const base = branchBase(branch);
      if (base === null || base >= head.version || pins.get(dataset.path) === branch) continue;
      branches.push({ path: dataset.path, branch, base });
    }
  }
  return { paths, branches };
}

/** True if the manifest that took the branch's version is another operation's: the branch was never visible. */
export function wasNeverPublished(candidate: BranchCandidate, successor: Manifest): boolean {
  return candidate.branch !== `${candidate.base}-${successor.operation_id}`;
}

/** True if the manifest is recent enough to protect what it pins: it was the head at some time in the window. */
export function wasHeadInWindow(supersededAt: string | null, nowMs: number, windowMs: number): boolean {
  return supersededAt === null || Date.parse(supersededAt) >= nowMs - windowMs;
}

/** The (path, branch) pairs that the manifests pin, as text for a set. */
export function pinnedBranches(manifests: readonly Manifest[]): ReadonlySet<string> {
  const pinned = new Set<string>();
  for (const manifest of manifests) {
    for (const pin of manifest.tables) {
      if (pin.branch !== null) pinned.add(branchText({ path: pin.path, branch: pin.branch }));
    }
  }
  return pinned;
}

export function branchText(address: BranchAddress): string {
  return `${address.path} ${address.branch}`;
}
