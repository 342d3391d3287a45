/**
 * Oracle of graphs and intents: what a manifest that has just become a head, and an intent that has just been removed,
 * must have been (A1, A2, K4, C1, C2, R5).
 *
 * Which commit its holder believed to be the newest is known from the history: it is the begin commit that names the
 * operation, because effects are sent only for ids in a begin commit and only after it has landed.
 */
import type { Sidecar } from "../../lib/apply/sidecar.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { manifestKey } from "../../lib/engine/paths.ts";
import { type CommitSeen, countRow, violated } from "./chronicle.ts";
import { judgeGated } from "./oracle-approval.ts";
import type { Actor } from "./scheduler.ts";
import { idSuffix } from "./sim-ids.ts";
import { manifestAt, sidecarAt, sidecarIn } from "./stored-graph.ts";
import { keysBelow, textAt, type World } from "./world.ts";

/** Effects of a plan: they follow an intent and a begin commit. */
const EFFECTS: ReadonlySet<string> = new Set(["create", "migrate", "remove", "restore"]);
const RECOVERIES = "__cluster/recoveries/";

export function manifestPublished(world: World, actor: Actor, bytes: Uint8Array): void {
  const { chronicle } = world;
  const manifest = JSON.parse(Buffer.from(bytes).toString("utf8")) as Manifest;
  const { graph, version, cause, operation_id, run_id, incarnation } = manifest;
  const what = `${cause} ${graph}@${version} of ${actor.name}`;
  if (version > 1 && !world.backend.objects.has(manifestKey(graph, version - 1))) {
    violated(chronicle, `A2 ${what} leaves a gap`);
  }
  if (chronicle.publications.some((seen) => seen.operation_id === operation_id)) {
    violated(chronicle, `L7 ${what} is published twice`);
  }
  if (EFFECTS.has(cause)) {
    judgeIntent(world, manifest, what);
    judgeSuccession(world, manifest, what);
  }
  if (cause === "fence") noteFence(world, manifest);
  const commits = chronicle.commits.length;
  chronicle.publications.push({
    graph,
    version,
    cause,
    operation_id,
    run_id,
    incarnation,
    actor: actor.name,
    commits,
  });
}

/** A1 and A2: its intent is there and expects this version. */
function judgeIntent(world: World, manifest: Manifest, what: string): void {
  const sidecar = sidecarAt(world, `${RECOVERIES}${manifest.operation_id}.json`);
  if (sidecar === null) {
    violated(world.chronicle, `A1 ${what} has no intent`);
  } else if (sidecar.observed_manifest_version !== manifest.version - 1) {
    violated(world.chronicle, `A2 ${what} was decided on ${sidecar.observed_manifest_version}`);
  } else if (manifest.cause === "remove" || sidecar.approval_id !== null) {
    judgeGated(world, manifest, sidecar, what);
  }
}

/** K4: no other run has committed since the begin commit that names the operation. */
function judgeSuccession(world: World, manifest: Manifest, what: string): void {
  const { chronicle } = world;
  if (chronicle.disruption !== "none") return;
  const begun = chronicle.commits.findLastIndex(
    (commit) => commit.kind === "begin" && commit.operations.has(manifest.operation_id),
  );
  if (begun < 0) {
    violated(chronicle, `K4 ${what} is named by no begin commit`);
    return;
  }
  const later = chronicle.commits
    .slice(begun + 1)
    .find(
      (commit) =>
        commit.run_id !== null &&
        commit.run_id !== manifest.run_id &&
        !kept(chronicle.commits, commit.run_id, manifest.graph),
    );
  if (later !== undefined) {
    violated(chronicle, `K4 ${what} came after ${later.kind} ${later.revision} of run ${later.run_id}`);
  }
}

/**
 * The run has recorded that it could not look at the graph: such a graph is not fenced (design 7, J6 and J7). A later
 * commit of the run need not say so again: it says nothing of a graph that is neither recorded nor desired (S7).
 */
function kept(commits: readonly CommitSeen[], run_id: string, graph: string): boolean {
  return commits.some((commit) => commit.run_id === run_id && keeps(commit, graph));
}

function keeps(commit: CommitSeen, graph: string): boolean {
  const state = JSON.parse(Buffer.from(commit.bytes).toString("utf8")) as {
    readonly resource_statuses: Readonly<Record<string, { readonly status: string }>>;
  };
  return state.resource_statuses[`graph.${graph}`]?.status === "error";
}

/** J1: the fence occupies what an open intent could have published. */
function noteFence(world: World, fence: Manifest): void {
  for (const key of keysBelow(world, RECOVERIES)) {
    const sidecar = sidecarAt(world, key);
    if (sidecar?.graph_id !== fence.graph) continue;
    if (sidecar.observed_manifest_version === fence.version - 1) countRow(world.chronicle, "J1");
  }
}

/** An intent has been removed, by its maker or by a sweep. */
export function intentRemoved(world: World, actor: Actor, bytes: Uint8Array): void {
  const { chronicle } = world;
  const sidecar = sidecarIn(bytes);
  const P = sidecar?.observed_manifest_version;
  if (sidecar === null || P === null || P === undefined) return;
  const published = manifestAt(world, sidecar.graph_id, P + 1);
  const sent = chronicle.commits.some(
    (commit) => commit.kind === "begin" && commit.operations.has(sidecar.operation_id),
  );
  if (published === null) {
    const what = `the intent ${sidecar.kind} ${sidecar.graph_id}@${P} (${sidecar.operation_id})`;
    if (sent && !isMaker(actor, sidecar))
      violated(chronicle, `R5 ${actor.name} removed ${what}, which may land`);
    return;
  }
  if (isMaker(actor, sidecar)) return;
  if (published.operation_id !== sidecar.operation_id) {
    if (published.cause !== "fence") countRow(chronicle, "J5");
    return;
  }
  countRow(chronicle, isRecovered(world, sidecar.operation_id) ? "J3" : "J2");
}

/** Operation ids end in the number of the actor that made them. */
function isMaker(actor: Actor, sidecar: Sidecar): boolean {
  return sidecar.operation_id.endsWith(idSuffix(actor.number));
}

function isRecovered(world: World, operation: string): boolean {
  const text = textAt(world, "__cluster/state.json");
  if (text === null) return false;
  const state = JSON.parse(text) as { readonly recovery_records: Readonly<Record<string, unknown>> };
  return operation in state.recovery_records;
}
