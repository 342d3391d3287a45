/**
 * Settles all open intents of one graph together (design 7): reads its chain, occupies the version that an intent
 * could still publish, and judges. Reads and fences; changes no ledger and removes no sidecar.
 */
import type { GraphId, OperationId, RunId } from "../../digest/ids.ts";
import type { Observation } from "../../engine/engine.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { FENCE_TRIES_MAX } from "../limits.ts";
import { inWaves } from "../wave.ts";
import type { OpenIntent } from "./intents.ts";
import { type ChainLink, judge, type Verdict } from "./judge.ts";

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

/** OmniGraph cannot open a graph of ours, and nothing says what it did to its own (design 7). */
const FOREIGN = "another tool wrote it, and it does not say on which version of the graph it was decided";

export async function settleGraph(
  ports: ClusterPorts,
  graph: GraphId,
  intents: readonly OpenIntent[],
  recorded: number,
  by: { readonly run_id: RunId; readonly actor: string | null },
): Promise<SettledGraph> {
  const blocked = (detail: string, incomplete = false): SettledGraph => ({
    tag: "blocked",
    graph,
    intents,
    detail,
    incomplete,
  });
  const decided = intents.filter(isDecided);
  if (decided.length < intents.length) {
    const seen = intents.every(creates) ? await ports.engine.observe(graph) : null;
    return blocked(FOREIGN, seen?.tag === "unreadable");
  }
  const quiet = await occupyThreats(ports, graph, decided, by);
  if (quiet.tag === "failed") return blocked(quiet.detail, quiet.unreadable && intents.every(creates));
  const { observation, head } = quiet;
  const links = await chainLinks(ports, graph, lowest(decided) + 1, head);
  if (links === null) return blocked("the graph's history cannot be read");
  const open = new Set(decided.map((intent) => intent.operation_id));
  const verdicts = decided.map((intent) => {
    const { operation_id, expect: P } = intent;
    const own = links.filter((link) => link.version > P);
    return { intent, verdict: judge({ intent: { operation_id, P }, open, head, links: own, recorded }) };
  });
  return { tag: "judged", graph, observation, verdicts };
}

/** An intent that says on which head it was decided. */
type DecidedIntent = OpenIntent & { readonly expect: number };

function isDecided(intent: OpenIntent): intent is DecidedIntent {
  return intent.expect !== null;
}

function creates(intent: OpenIntent): boolean {
  return intent.kind === "graph_create";
}

function lowest(intents: readonly DecidedIntent[]): number {
  return Math.min(...intents.map((intent) => intent.expect));
}

type Quiet =
  | { readonly tag: "quiet"; readonly observation: Observation; readonly head: number }
  | { readonly tag: "failed"; readonly detail: string; readonly unreadable: boolean };

/** J1: while the head is P of an open intent, fences P + 1, so that the intent can never land. */
async function occupyThreats(
  ports: ClusterPorts,
  graph: GraphId,
  intents: readonly DecidedIntent[],
  by: { readonly run_id: RunId; readonly actor: string | null },
): Promise<Quiet> {
  for (let tries = 0; tries < FENCE_TRIES_MAX; tries += 1) {
    const observation = await ports.engine.observe(graph);
    if (observation.tag === "unreadable") return failed(observation.detail, true);
    if (observation.tag === "unavailable") return failed(observation.reason);
    const head = observation.tag === "absent" ? 0 : observation.head.version;
    if (!intents.some((intent) => intent.expect === head)) {
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
