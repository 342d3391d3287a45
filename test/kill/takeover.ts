/** Applies of a round: those that are killed or stopped, and the one that takes over. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openCluster } from "../../cli/open-cluster.ts";
import { unlock } from "../../cli/verbs/force-unlock.ts";
import { status } from "../../cli/verbs/status.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { verbJson } from "../cli/captured.ts";
import { isLocked, type Running, run } from "../cli/command.ts";
import { approveAll } from "./approvals.ts";
import { phaseReached, storedHistory } from "./history.ts";
import { expectHonest } from "./honest.ts";
import { maybeGoOn } from "./recorded-runs.ts";
import { demand, type Stage } from "./stage.ts";
import { blowAt, describeBlow, type Struck, strike } from "./victim.ts";

const TAKEOVERS_MAX = 4;
const WAIT_POLL_MS = 1_000;
/** Longer than a lease lasts without renewal. */
const WAIT_MAX_MS = 90_000;

/** With a deadline a run has a record, and whoever takes over may go on with it. */
const COMMANDS = [
  ["apply"],
  ["apply"],
  ["apply"],
  ["apply", "--stop-after", "1h"],
  ["apply", "--stop-after", "1h"],
  ["refresh"],
] as const;

/** One apply, or now and then a refresh, that is killed or stopped on its way. Answers it if it is only stopped. */
export async function strikeApply(stage: Stage): Promise<Running | null> {
  const { folder, random, trace, phases } = stage;
  const args = random.pick(COMMANDS);
  const blow = blowAt(stage.clean.apply, random, true);
  const history = storedHistory(folder);
  const manifests = countManifests(folder);
  const struck = await strike(folder, [...args, "--json"], blow);
  const phase = phaseReached(folder, history, isLocked(folder), countManifests(folder) > manifests);
  trace.push(`${args.join(" ")} ${describeBlow(blow)}: ${describe(struck)}, ${phase}`);
  if (struck.tag === "survived") expectHonest(stage, struck.ran);
  else if (args[0] === "apply") phases.set(phase, (phases.get(phase) ?? 0) + 1);
  return struck.tag === "stopped" ? struck.running : null;
}

function describe(struck: Struck): string {
  return struck.tag === "survived" ? `ends with ${struck.ran.code}` : struck.tag;
}

function countManifests(folder: string): number {
  const graphs = namesIn(join(folder, "graphs"));
  return graphs.reduce((sum, graph) => sum + namesIn(join(folder, "graphs", graph, "__manifest")).length, 0);
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The operator ends the lock of whoever is dead or asleep, or waits until it ends by itself. */
export async function freeLock(stage: Stage): Promise<void> {
  const { folder, trace, random } = stage;
  const { document } = await verbJson(folder, status);
  const seen = document["state_observations"] as { readonly locked: boolean; readonly lock_id?: string };
  if (!seen.locked) return;
  if (stage.waits && random.chance(0.02)) {
    trace.push("wait until the lock is free");
    return waitUntilFree(stage);
  }
  const unlocked = await verbJson(folder, (context) => unlock(context, seen.lock_id ?? "", "it is dead"));
  trace.push(`force-unlock ${seen.lock_id}`);
  demand(unlocked.code === 0, `force-unlock says: ${JSON.stringify(unlocked.document)}`);
}

async function waitUntilFree({ folder }: Stage): Promise<void> {
  const { lease } = openCluster({ root: folder, rules: LAPTOP_RULES });
  const began = Date.now();
  for (;;) {
    const read = await lease.read();
    demand(read.tag === "read", "the lease cannot be read");
    const deadline = read.tag === "read" ? read.holder?.deadline : undefined;
    if (deadline === undefined || Date.parse(deadline) < Date.now()) return;
    demand(Date.now() - began < WAIT_MAX_MS, `the lease lasts until ${deadline}`);
    await new Promise((resolve) => setTimeout(resolve, WAIT_POLL_MS));
  }
}

/** What may stand in the way of the first apply that takes over. */
export interface Obstacles {
  /** A load beside it may move its graphs. */
  readonly loads: boolean;
  /** What an earlier mind has put in place has to be approved before it goes. */
  readonly approvals: boolean;
}

/** Another process applies until it has converged; once, unless something may stand in its way. */
export async function takeOver(stage: Stage, { loads, approvals }: Obstacles): Promise<void> {
  const { folder, trace } = stage;
  await maybeGoOn(stage);
  for (let tries = 1; ; tries += 1) {
    const ran = await run(folder, "apply", "--json");
    expectHonest(stage, ran);
    const { outcome, converged, diagnostics } = JSON.parse(ran.out);
    trace.push(`apply: ${outcome}, converged: ${converged}`);
    if (ran.code === 0 && converged === true) return;
    const again = (loads || approvals) && tries < TAKEOVERS_MAX;
    demand(again, `the apply that takes over says ${outcome}: ${JSON.stringify(diagnostics)}`);
    if (approvals) await approveAll(stage, []);
  }
}
