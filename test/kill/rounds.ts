/**
 * Rounds of killing on one folder, with real processes and real rows: each changes the config, loads rows, kills the
 * commands that apply it, lets another process take over, and looks at everything that must hold at rest.
 *
 * The seed repeats what is done and, for blows that count calls, where they strike; the others strike after a time.
 * The folder of a failed run is kept, and its path told with all that was done.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCluster } from "../../cli/open-cluster.ts";
import { refresh } from "../../cli/verbs/refresh.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { verbJson } from "../cli/captured.ts";
import type { Running } from "../cli/command.ts";
import { approveAll } from "./approvals.ts";
import { judgeRest } from "./at-rest.ts";
import { type LoadedBatch, newBatch, writeBatch } from "./batches.ts";
import {
  changedCluster,
  type DeclaredCluster,
  type DeclaredGraph,
  deployedCluster,
  FIRST_CLUSTER,
  secondThoughts,
  writeConfig,
} from "./declared-cluster.ts";
import { type Phase, storedHistory } from "./history.ts";
import { expectHonest } from "./honest.ts";
import { endOf, type Loading, loadBatch } from "./loads.ts";
import { seededRandom } from "./random.ts";
import { giveUpRuns } from "./recorded-runs.ts";
import { restoreGraph } from "./restores.ts";
import { demand, type Stage } from "./stage.ts";
import { freeLock, strikeApply, takeOver } from "./takeover.ts";
import { type CleanRun, measure, reapVictims } from "./victim.ts";

/** How many commands a round kills or stops, each as often. */
const KILLS = [1, 1, 2, 3] as const;
const SAMPLE_ROWS = 30;

export interface KillRequest {
  readonly rounds: number;
  readonly seed: number;
  /** Now and then wait until a dead lease ends by itself, which takes a minute. */
  readonly waits?: boolean;
  readonly progress?: (round: number) => void;
}

export interface KillReport {
  /** How often a killed or stopped apply had come to each phase. */
  readonly phases: ReadonlyMap<Phase, number>;
  /** Nodes whose load was acknowledged or found to have landed. */
  readonly rows: number;
  readonly revisions: number;
  /** One line for everything that was done, oldest first. */
  readonly trace: readonly string[];
}

/** What is deployed between two rounds. */
interface Deployed {
  readonly cluster: DeclaredCluster;
  /** Graphs that were deleted and can still be restored. */
  readonly deleted: readonly DeclaredGraph[];
  readonly batches: readonly LoadedBatch[];
}

const NOTHING: Deployed = { cluster: { graphs: [], next: 0 }, deleted: [], batches: [] };

/** Plays the rounds; throws with seed, trace and folder if a law does not hold. */
export async function killRounds(request: KillRequest): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "graphform kill #"));
  const stage = await openStage(folder, request);
  let deployed = NOTHING;
  let round = 1;
  try {
    for (; round <= request.rounds; round += 1) {
      stage.trace.push(`round ${round}`);
      deployed = await playRound(stage, deployed, round);
      request.progress?.(round);
    }
  } catch (error) {
    reapVictims();
    const why = error instanceof Error ? error.message : String(error);
    const done = stage.trace.map((line) => `  ${line}`).join("\n");
    const message = `seed ${request.seed}, round ${round}: ${why}\n${done}\nThe folder is kept: ${folder}`;
    throw new Error(message, { cause: error });
  }
  const revisions = storedHistory(folder).length;
  rmSync(folder, { recursive: true, force: true });
  const loaded = deployed.batches.filter((each) => each.state === "loaded");
  const rows = loaded.reduce((sum, { batch }) => sum + batch.slugs.length, 0);
  return { phases: stage.phases, rows, revisions, trace: stage.trace };
}

async function openStage(folder: string, { seed, waits }: KillRequest): Promise<Stage> {
  const clean = await cleanRuns();
  writeConfig(folder, FIRST_CLUSTER);
  await importCluster(folder);
  const random = seededRandom(seed);
  return { folder, random, trace: [], phases: new Map(), clean, waits: waits === true };
}

async function importCluster(folder: string): Promise<void> {
  const { code, document } = await verbJson(folder, (context) => refresh(context, "import"));
  demand(code === 0, `import says ${JSON.stringify(document)}`);
}

/** How much an apply and a load work that nobody disturbs, so that blows hit the part where they work. */
async function cleanRuns(): Promise<{ readonly apply: CleanRun; readonly load: CleanRun }> {
  const folder = mkdtempSync(join(tmpdir(), "graphform clean #"));
  const graph = FIRST_CLUSTER.graphs[0];
  demand(graph !== undefined, "the first cluster has a graph");
  writeConfig(folder, FIRST_CLUSTER);
  await importCluster(folder);
  const apply = await measure(folder, ["apply", "--json"]);
  const file = writeBatch(folder, newBatch(graph!, "sample", SAMPLE_ROWS, false), graph!);
  const load = await measure(folder, ["load", "--json", "--graph", graph!.id, file]);
  demand(apply.ran.code === 0 && load.ran.code === 0, `${apply.ran.out}${load.ran.out}`);
  rmSync(folder, { recursive: true, force: true });
  return { apply: apply.clean, load: load.clean };
}

/** One round, from a cluster at rest to a cluster at rest. */
async function playRound(stage: Stage, before: Deployed, round: number): Promise<Deployed> {
  const { folder, random } = stage;
  const deployed = await maybeRestore(stage, before);
  const { graphs } = deployed.cluster;
  const next = nextRound(stage, deployed);
  const loads: Loading[] = [];
  if (graphs.length > 0 && random.chance(0.5)) loads.push(await loadBatch(stage, graphs, `r${round}`, false));
  writeConfig(folder, next.cluster);
  if (next.gated) await approveAll(stage, next.drops);
  // A graph that is to go is left alone: rows that came after its approval would make it void.
  const staying = graphs.filter(({ id }) => next.cluster.graphs.some((each) => each.id === id));
  const beside = staying.length > 0 && random.chance(0.5);
  const [loading, handedOver] = await Promise.all([
    beside ? loadBatch(stage, staying, `r${round}-beside`, true) : null,
    strikeAndTakeOver(stage, deployed.cluster, next.cluster, beside),
  ]);
  if (loading !== null) loads.push(loading);
  const { cluster, stopped } = handedOver;
  const ended = await wake(stage, stopped, loads);
  if (ended.woken) await takeOver(stage, { loads: false, approvals: cluster !== next.cluster });
  await giveUpRuns(stage);
  const deleted = [...next.deleted, ...(await comeAndGone(stage, next.cluster, cluster))];
  const batches = [...deployed.batches, ...ended.batches];
  const rest = await judgeRest(folder, cluster, deleted, batches);
  demand(rest.problems.length === 0, rest.problems.join("\n"));
  return { cluster, deleted, batches: rest.batches };
}

/** Graphs of the first mind that were made, and went again with the second. */
async function comeAndGone(
  { folder }: Stage,
  first: DeclaredCluster,
  second: DeclaredCluster,
): Promise<readonly DeclaredGraph[]> {
  const { engine } = openCluster({ root: folder, rules: LAPTOP_RULES });
  const unwanted = first.graphs.filter(({ id }) => second.graphs.every((each) => each.id !== id));
  const observed = await Promise.all(unwanted.map(({ id }) => engine.observe(id as GraphId)));
  return deployedCluster({ ...first, graphs: unwanted }).graphs.filter(
    (_, index) => observed[index]?.tag === "deleted",
  );
}

/** Now and then a deleted graph lives again; its declaration comes back with it. */
async function maybeRestore(stage: Stage, deployed: Deployed): Promise<Deployed> {
  const { random, trace } = stage;
  if (deployed.deleted.length === 0 || !random.chance(0.5)) return deployed;
  const graph = random.pick(deployed.deleted);
  trace.push(`restore ${graph.id}`);
  await restoreGraph(stage, graph.id);
  const { graphs, next } = deployed.cluster;
  return {
    ...deployed,
    cluster: { graphs: [...graphs, graph], next },
    deleted: deployed.deleted.filter((each) => each !== graph),
  };
}

interface NextRound extends Omit<Deployed, "batches"> {
  /** Graphs whose drops are to destroy. */
  readonly drops: readonly string[];
  readonly gated: boolean;
}

function nextRound({ random, trace }: Stage, { cluster: before, deleted }: Deployed): NextRound {
  if (before.graphs.length === 0) return { cluster: FIRST_CLUSTER, deleted, drops: [], gated: false };
  let cluster = deployedCluster(before);
  const doomed = cluster.graphs.length > 1 && random.chance(0.25) ? random.pick(cluster.graphs) : null;
  if (doomed !== null) {
    trace.push(`remove graph ${doomed.id}`);
    cluster = { ...cluster, graphs: cluster.graphs.filter((each) => each !== doomed) };
  }
  const drops = new Set<string>();
  for (let changes = random.between(1, 3); changes > 0; changes -= 1) {
    const changed = changedCluster(cluster, random);
    trace.push(changed.what);
    cluster = changed.cluster;
    if (changed.drops !== null && random.chance(0.5)) drops.add(changed.drops);
  }
  const gone = doomed === null ? [] : [doomed];
  return {
    cluster,
    deleted: [...deleted, ...gone],
    drops: [...drops],
    gated: doomed !== null || drops.size > 0,
  };
}

interface HandedOver {
  /** What the config declares now: somebody may have changed their mind. */
  readonly cluster: DeclaredCluster;
  /** Applies that are only stopped, after another has taken over from them. */
  readonly stopped: readonly Running[];
}

async function strikeAndTakeOver(
  stage: Stage,
  before: DeclaredCluster,
  next: DeclaredCluster,
  loads: boolean,
): Promise<HandedOver> {
  const { folder, random, trace } = stage;
  const stopped: Running[] = [];
  for (let kills = random.pick(KILLS); kills > 0; kills -= 1) {
    const running = await strikeApply(stage);
    if (running !== null) stopped.push(running);
    await freeLock(stage);
  }
  // One that is only stopped must not do afterwards what nobody wants any more.
  const changes = before.graphs.length > 0 && random.chance(stopped.length > 0 ? 0.6 : 0.2);
  const cluster = changes ? secondThoughts(before, next, random) : next;
  if (cluster !== next) {
    trace.push(`change the mind: ${cluster.graphs.map(describeGraph).join(", ")}`);
    writeConfig(folder, cluster);
  }
  await takeOver(stage, { loads, approvals: cluster !== next });
  return { cluster, stopped };
}

function describeGraph({ id, properties }: DeclaredGraph): string {
  return `${id} (${properties.map((each) => each.name).join(" ")})`;
}

/** Continues everything that is stopped, one after the other in any order, and waits until it has ended. */
async function wake(stage: Stage, applies: readonly Running[], loads: readonly Loading[]) {
  for (const running of applies) {
    running.process.kill("SIGCONT");
    const ran = await running.ended;
    stage.trace.push(`a stopped apply goes on and ends with ${ran.code}`);
    expectHonest(stage, ran);
  }
  const batches: LoadedBatch[] = [];
  for (const { loaded, stopped } of loads) {
    stopped?.process.kill("SIGCONT");
    batches.push(stopped === null ? loaded : endOf(stage, loaded.batch, await stopped.ended));
  }
  return { woken: applies.length > 0, batches };
}
