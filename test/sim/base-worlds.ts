/**
 * Base worlds: where scenarios begin. Each is made once by healthy operators, or by one that died at a known call, and
 * copied for each use.
 */
import { LEASE_MS } from "../../lib/apply/limits.ts";
import type { ConfigName } from "./configs.ts";
import { plannedFates } from "./fates.ts";
import { damageNewest, migrateBehind, putUnknownIntent, takeNewest } from "./harm.ts";
import { runSingle } from "./single.ts";
import type { Task } from "./tasks.ts";
import { copyOfWorld, newWorld, type World } from "./world.ts";

export const BASE_NAMES = [
  "nothing",
  "imported",
  "two",
  "open",
  "landed",
  "both",
  "approved",
  "approved_twice",
  "policy_approved",
  "loss_approved",
  "hidden",
  "deleted",
  "deleted_twice",
  "open_delete",
  "landed_delete",
  "reserved",
  "outrun",
  "overtaken",
  "shortened",
  "unreadable",
  "unknown_intent",
] as const;
/**
 * `nothing`: an untouched root. `imported`: a ledger without graphs. `two`: config A applied, one row in `a`. `open`: as
 * `two`, and an apply of B died after its begin commit. `landed`: and one died after it had migrated `a`. `both`: and
 * one died after all its effects, before its final commit.
 *
 * `approved`: as `two`, and the delete of `a` that config D wants is approved; `approved_twice`: two times.
 * `policy_approved`: the policy of config E is. `loss_approved`: `a` was migrated by F and the drop of its new property
 * may destroy. `hidden`: a property of `a` was dropped and can be purged. `deleted`: `a` was deleted; `deleted_twice`: with one approval left over. `open_delete`,
 * `landed_delete`, `reserved`: an apply of D died after its begin commit, after the remove, after its reservation.
 *
 * `outrun`: as `open`, and a load took the version that the intent wanted (J5). `overtaken`: as `landed`, and somebody changed the schema again behind the ledger's back (J4). `shortened`: as `open`,
 * and an older copy of the graph was put back (J0). `unreadable`: as `open`, and the newest manifest is damaged (J6).
 * `unknown_intent`: as `two`, with an intent of a newer program (J7).
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
    case "approved":
      return after("two", [approval("D")]);
    case "approved_twice":
      return after("approved", [approval("D")]);
    case "policy_approved":
      return after("two", [approval("E")]);
    case "loss_approved":
      return after("two", [
        { kind: "apply", config: "F" },
        { kind: "load", graph: "a", note: "secret" },
        { ...approval("A"), loss: true },
      ]);
    case "hidden":
      return after("two", [
        { kind: "apply", config: "F" },
        { kind: "load", graph: "a", note: "secret" },
        { kind: "apply", config: "A" },
      ]);
    case "deleted":
      return after("approved", [{ kind: "apply", config: "D" }]);
    case "deleted_twice":
      return after("approved_twice", [{ kind: "apply", config: "D" }]);
    case "open_delete":
      return diedAfter("approved", { kind: "apply", config: "D" }, /replace __cluster\/state\.json/);
    case "landed_delete":
      return diedAfter("approved", { kind: "apply", config: "D" }, /put graphs\/a\.omni\/__manifest/);
    case "reserved":
      return diedAfter("approved", { kind: "apply", config: "D" }, /replace __graphform\/approvals/);
    case "outrun":
      return after("open", [{ kind: "load", graph: "a" }]);
    case "overtaken":
      return harmed("landed", (world) => migrateBehind(world, "a", "C"));
    case "shortened":
      return harmed("open", (world) => takeNewest(world, "a"));
    case "unreadable":
      return harmed("open", (world) => damageNewest(world, "a"));
    case "unknown_intent":
      return harmed("two", (world) => putUnknownIntent(world, "a"));
  }
}

async function harmed(base: BaseName, harm: (world: World) => void | Promise<void>): Promise<World> {
  const world = await baseWorld(base);
  await harm(world);
  return world;
}

function approval(config: ConfigName) {
  return { kind: "approve", config, tolerance: 0, loss: false } as const;
}

async function after(base: BaseName, tasks: readonly Task[]): Promise<World> {
  const world = await baseWorld(base);
  for (const [index, task] of tasks.entries()) {
    const { report } = await runSingle(world, `base${index}`, task, { healthy: true });
    const { answer } = report;
    if (answer === null || answer.codes.length > 0 || answer.outcome === "noop")
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
