/**
 * Base worlds: where scenarios begin. Each is made once by healthy operators, or by one that died at a known call, and
 * copied for each use.
 */
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { plannedFates } from "./fates.ts";
import type { Task } from "./operators.ts";
import { runSingle } from "./single.ts";
import { copyOfWorld, newWorld, type World } from "./world.ts";

export const BASE_NAMES = ["nothing", "imported", "two", "open", "landed", "both"] as const;
/**
 * `nothing`: an untouched root. `imported`: a ledger without graphs. `two`: config A applied, one row in `a`. `open`: as
 * `two`, and an apply of B died after its begin commit. `landed`: and one died after it had migrated `a`. `both`: and
 * one died after all its effects, before its final commit.
 */
export type BaseName = (typeof BASE_NAMES)[number];

const made = new Map<BaseName, Promise<World>>();

/** A copy of the world, on its own. */
export async function baseWorld(name: BaseName): Promise<World> {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return copyOfWorld(await known);
}

async function make(name: BaseName): Promise<World> {
  switch (name) {
    case "nothing":
      return newWorld();
    case "imported":
      return after("nothing", [{ kind: "import", config: "A" }]);
    case "two":
      return after("imported", [
        { kind: "apply", config: "A" },
        { kind: "load", graph: "a" },
      ]);
    case "open":
      return diedAfter("two", { kind: "apply", config: "B" }, /replace __cluster\/state\.json/);
    case "landed":
      return diedAfter("two", { kind: "apply", config: "B" }, /put graphs\/a\.omni\/__manifest/);
    case "both":
      return diedAfter("two", { kind: "apply", config: "B" }, /replace __cluster\/state\.json/, 1);
  }
}

async function after(base: BaseName, tasks: readonly Task[]): Promise<World> {
  const world = await baseWorld(base);
  for (const [index, task] of tasks.entries()) {
    const { report } = await runSingle(world, `base${index}`, task, { healthy: true });
    if (report.answer?.converged !== true)
      throw new Error(`${base}: ${JSON.stringify(report.answer)} ${report.defect}`);
  }
  return world;
}

/** The world after an operator died right after the call with this trace, or right before its `nth` repetition. */
async function diedAfter(base: BaseName, task: Task, call: RegExp, nth = 0): Promise<World> {
  const clean = await runSingle(await baseWorld(base), "base", task, { healthy: true });
  const matching = clean.scheduler.calls.filter((each) => call.test(`${each.verb} ${each.key}`));
  const ordinal = matching[nth]?.ordinal;
  if (ordinal === undefined) throw new Error(`${base}: no call matches ${call}`);
  const fate = nth === 0 ? "crash_after" : "crash_before";
  const world = await baseWorld(base);
  const faults = plannedFates([{ actor: "base", ordinal, fate }]);
  await runSingle(world, "base", task, { faults });
  world.nowMs += 2 * LEASE_MS;
  return world;
}
