/**
 * Is the graph of a reviewed change still the one that the plan saw? (design 8). An approval binds what the plan shows,
 * so what has moved since is named, and nobody approves more than was reviewed.
 */

import { lifeSince } from "../apply/approvals/graph-life.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { ApprovedOperation } from "../approval/evidence.ts";
import { type LifeSince, lifeEndings } from "../approval/match.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId, IncarnationId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import type { Manifest } from "../engine/manifest.ts";
import type { Precondition } from "../plan/plan-document.ts";

/** What an approval binds of a graph: all null for what belongs to no graph. */
export interface BoundGraph {
  readonly incarnation: IncarnationId | null;
  readonly manifest_version: number | null;
  readonly rows_written: number | null;
}

export const NO_GRAPH: BoundGraph = { incarnation: null, manifest_version: null, rows_written: null };

export type ReviewedGraph =
  | { readonly tag: "same"; readonly bound: BoundGraph }
  /** `moved` completes "since the plan was made"; it may list more than one thing. */
  | { readonly tag: "moved"; readonly facts: readonly string[] }
  /** Rows alone: they can be tolerated. */
  | { readonly tag: "rows_written"; readonly rows: number }
  | { readonly tag: "unseen"; readonly reason: string };

export interface GraphReview {
  readonly planned: Precondition;
  readonly operation: ApprovedOperation;
  /** Rows that may have been written since the plan. */
  readonly tolerance: number;
}

export async function reviewedGraph(
  { engine }: Pick<ClusterPorts, "engine">,
  graph: GraphId,
  { planned, operation, tolerance }: GraphReview,
): Promise<ReviewedGraph> {
  const observation = await engine.observe(graph);
  const live = liveHead(observation);
  if (live.tag === "unseen") return live;
  const { manifest_version, incarnation } = planned;
  if (incarnation === null) {
    return { tag: "unseen", reason: "the plan saw no live graph there; refresh, then plan again" };
  }
  if (live.tag === "gone" || manifest_version === null || incarnation !== live.head.incarnation) {
    return { tag: "moved", facts: ["the graph was deleted, created or restored"] };
  }
  const [reviewed, life] = await Promise.all([
    engine.at(graph, manifest_version),
    lifeSince(engine, {
      graph,
      reviewed: manifest_version,
      head: live.head.version,
      endings: lifeEndings(operation),
    }),
  ]);
  if (reviewed.tag !== "found") {
    return { tag: "unseen", reason: `version ${manifest_version} of graph.${graph} cannot be read` };
  }
  if (life.tag === "unknown") return { tag: "unseen", reason: life.reason };
  const facts = movedFacts(planned, live.head, life);
  if (facts.length > 0) return { tag: "moved", facts };
  const { rows_written } = reviewed.manifest;
  const rows = live.head.rows_written - rows_written;
  if (rows > tolerance) return { tag: "rows_written", rows };
  return { tag: "same", bound: { incarnation, manifest_version, rows_written } };
}

type LiveHead =
  | { readonly tag: "live"; readonly head: Manifest }
  | { readonly tag: "gone" }
  | { readonly tag: "unseen"; readonly reason: string };

function liveHead(observation: Observation): LiveHead {
  switch (observation.tag) {
    case "live":
      return { tag: "live", head: observation.head };
    case "absent":
    case "never":
    case "deleted":
      return { tag: "gone" };
    case "unreadable":
      return { tag: "unseen", reason: observation.detail };
    case "unavailable":
      return { tag: "unseen", reason: observation.reason };
    default:
      return assertNever(observation);
  }
}

function movedFacts(planned: Precondition, head: Manifest, life: LifeSince): readonly string[] {
  const facts: string[] = [];
  if (planned.live_schema_digest !== head.schema_digest) facts.push("the live schema changed");
  if (life.tag !== "broken") return facts;
  const migrated = life.cause === "migrate";
  return [
    ...facts,
    migrated ? "its schema was changed and changed back" : "the graph was deleted and restored",
  ];
}
