/**
 * Settles all open intents of one graph together (design 7): reads its chain, occupies the version that an intent
 * could still publish, and judges. Reads and fences; changes no ledger and removes no sidecar.
 */
import { assert } from "../digest/assert.ts";
import type { GraphId, OperationId, RunId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import type { OpenIntent } from "./intents.ts";
import { type ChainLink, judge, type Verdict } from "./judge.ts";
import { isJudgedByDigest, judgeByDigest, type RecordedEntries } from "./judge-by-digest.ts";
import { FENCE_TRIES_MAX } from "./limits.ts";
import { inWaves } from "./wave.ts";

/**
 * `blocked` is J6: nothing of the graph may be touched, all its intents stay. `incomplete`: what a create left at the
 * graph's root cannot be opened.
 */
export type SettledGraph =
  | {
      readonly tag: "judged";
      readonly graph: GraphId;
      readonly observation: Observation;
      readonly verdicts: readonly { readonly intent: OpenIntent; readonly verdict: Verdict }[];
    }
  | {
      readonly tag: "blocked";
      readonly graph: GraphId;
      readonly intents: readonly OpenIntent[];
      readonly detail: string;
      readonly incomplete: boolean;
    };

/** What the ledger has of the graph: the version of its manifest (0 for none) and its entries. */
export interface RecordedOfGraph extends RecordedEntries {
  readonly version: number;
}

export async function settleGraph(
  ports: ClusterPorts,
  graph: GraphId,
  intents: readonly OpenIntent[],
  recorded: RecordedOfGraph,
  by: { readonly run_id: RunId; readonly actor: string | null },
): Promise<SettledGraph> {
  const blocked = (detail: string, incomplete = false): SettledGraph => ({
    tag: "blocked",
    graph,
    intents,
    detail,
    incomplete,
  });
  const foreign = intents.filter((intent) => isJudgedByDigest(intent.sidecar));
  if (foreign.length === intents.length) return settleByDigest(ports, graph, intents, recorded);
  if (foreign.length > 0) {
    return blocked("an intent was written by another tool and does not say what it was decided on");
  }
  if (intents.some((intent) => intent.sidecar.kind === "graph_delete")) {
    return blocked("an intent to delete the graph was written by another version of this program");
  }
  const quiet = await occupyThreats(ports, graph, intents, by);
  if (quiet.tag === "failed") return blocked(quiet.detail, quiet.unreadable && intents.every(creates));
  const { observation, head } = quiet;
  const links = await chainLinks(ports, graph, lowest(intents) + 1, head);
  if (links === null) return blocked("the graph's history cannot be read");
  const open = new Set(intents.map((intent) => intent.sidecar.operation_id));
  const verdicts = intents.map((intent) => {
    const P = intent.sidecar.observed_manifest_version;
    assert(P !== null, "intents without a version were sorted out");
    const own = links.filter((link) => link.version > P);
    const judged = { operation_id: intent.sidecar.operation_id, P };
    return { intent, verdict: judge({ intent: judged, open, head, links: own, recorded: recorded.version }) };
  });
  return { tag: "judged", graph, observation, verdicts };
}

/** The intents of another tool, all of them: what is there now decides. */
async function settleByDigest(
  ports: ClusterPorts,
  graph: GraphId,
  intents: readonly OpenIntent[],
  recorded: RecordedEntries,
): Promise<SettledGraph> {
  const observation = await ports.engine.observe(graph);
  const verdicts = intents.flatMap((intent) => {
    const verdict = judgeByDigest(intent.sidecar, observation, recorded);
    return verdict === null ? [] : [{ intent, verdict }];
  });
  if (verdicts.length === intents.length) return { tag: "judged", graph, observation, verdicts };
  const incomplete = observation.tag === "unreadable" && intents.every(creates);
  return { tag: "blocked", graph, intents, detail: openDetail(observation), incomplete };
}

function creates(intent: OpenIntent): boolean {
  return intent.sidecar.kind === "graph_create";
}

function openDetail(observation: Observation): string {
  if (observation.tag === "unreadable") return observation.detail;
  if (observation.tag === "unavailable") return observation.reason;
  return "another tool meant to delete the graph, which is gone but still in the ledger";
}

function lowest(intents: readonly OpenIntent[]): number {
  return Math.min(...intents.map((intent) => intent.sidecar.observed_manifest_version ?? 0));
}

type Quiet =
  | { readonly tag: "quiet"; readonly observation: Observation; readonly head: number }
  | { readonly tag: "failed"; readonly detail: string; readonly unreadable: boolean };

/** J1: while the head is P of an open intent, fences P + 1, so that the intent can never land. */
async function occupyThreats(
  ports: ClusterPorts,
  graph: GraphId,
  intents: readonly OpenIntent[],
  by: { readonly run_id: RunId; readonly actor: string | null },
): Promise<Quiet> {
  for (let tries = 0; tries < FENCE_TRIES_MAX; tries += 1) {
    const observation = await ports.engine.observe(graph);
    if (observation.tag === "unreadable") return failed(observation.detail, true);
    if (observation.tag === "unavailable") return failed(observation.reason);
    const head = observation.tag === "absent" ? 0 : observation.head.version;
    if (!intents.some((intent) => intent.sidecar.observed_manifest_version === head)) {
      return { tag: "quiet", observation, head };
    }
    const operation_id = ports.ids.next() as OperationId;
    const fenced = await ports.engine.fence({ graph, expect: head, operation_id, ...by });
    if (fenced.tag === "unavailable") return failed(fenced.reason);
  }
  return failed("the graph keeps moving");
}

function failed(detail: string, unreadable = false): Quiet {
  return { tag: "failed", detail, unreadable };
}

/** Links `from` to `head`; null if one cannot be read. */
async function chainLinks(
  ports: ClusterPorts,
  graph: GraphId,
  from: number,
  head: number,
): Promise<readonly ChainLink[] | null> {
  const versions = Array.from({ length: Math.max(0, head - from + 1) }, (_, index) => from + index);
  const reads = await inWaves(versions, (version) => ports.engine.at(graph, version));
  const links = reads.flatMap((read) => (read.tag === "found" ? [read.manifest] : []));
  return links.length === versions.length ? links : null;
}
