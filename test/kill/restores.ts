/** Restores of a round: commands that bring a deleted graph back, killed on their way until one has come through. */
import { openCluster } from "../../cli/open-cluster.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { run } from "../cli/command.ts";
import { demand, type Stage } from "./stage.ts";
import { freeLock } from "./takeover.ts";
import { blowAt, describeBlow, strike } from "./victim.ts";

/** Restores a graph. A command that died has restored it or not: `recover` settles which, and it is repeated if need be. */
export async function restoreGraph(stage: Stage, id: string): Promise<void> {
  const { folder, random, trace } = stage;
  if (random.chance(0.7)) {
    const blow = blowAt(stage.clean.apply, random, false);
    const struck = await strike(folder, ["restore", id, "--json"], blow);
    trace.push(`restore ${id} ${describeBlow(blow)}: ${struck.tag}`);
    await freeLock(stage);
    const recovered = await run(folder, "recover", "--json");
    demand(recovered.code === 0, `recover says ${recovered.out}${recovered.err}`);
    if (await isLive(folder, id)) return;
  }
  const { code, out, err } = await run(folder, "restore", id, "--json");
  trace.push(`restore ${id}: ${code}`);
  demand(code === 0, `restore says ${out}${err}`);
}

async function isLive(folder: string, id: string): Promise<boolean> {
  const observed = await openCluster({ root: folder, rules: LAPTOP_RULES }).engine.observe(id as GraphId);
  demand(observed.tag === "live" || observed.tag === "deleted", `${id} is ${observed.tag}`);
  return observed.tag === "live";
}
