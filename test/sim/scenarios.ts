/** Scenarios of the enumeration: a base world, what is done in it, and what the next operator wants. */
import type { BaseName } from "./base-worlds.ts";
import type { ConfigName } from "./configs.ts";
import { repairNewest, takeIntents } from "./harm.ts";
import type { Task } from "./tasks.ts";
import type { World } from "./world.ts";

export interface Scenario {
  readonly name: string;
  readonly base: BaseName;
  readonly task: Task;
  readonly next: ConfigName;
  /** What a person does about it, where no program can settle what was left. */
  readonly cure?: (world: World) => void;
  /** The command that does, after that. */
  readonly remedy?: Task;
  /** Every fault is tried in every run of the tests; of the others, a part. */
  readonly whole?: true;
  /** Pairs of faults and pauses are tried in every run of the tests. */
  readonly main?: true;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "first import", base: "nothing", task: { kind: "import", config: "A" }, next: "B", whole: true },
  { name: "first apply", base: "imported", task: { kind: "apply", config: "A" }, next: "B" },
  {
    name: "create and migrate",
    base: "two",
    task: { kind: "apply", config: "B" },
    next: "C",
    whole: true,
    main: true,
  },
  { name: "policy only", base: "two", task: { kind: "apply", config: "E" }, next: "B", whole: true },
  { name: "provider and two migrations", base: "two", task: { kind: "apply", config: "C" }, next: "A" },
  { name: "nothing to do", base: "two", task: { kind: "apply", config: "A" }, next: "B", whole: true },
  { name: "reviewed plan", base: "two", task: { kind: "plan_and_apply", config: "B" }, next: "C" },
  { name: "refresh", base: "two", task: { kind: "refresh", config: "A" }, next: "B", whole: true },
  { name: "load", base: "two", task: { kind: "load", graph: "a" }, next: "B", whole: true },
  { name: "sweep of an open intent", base: "open", task: { kind: "recover" }, next: "B", whole: true },
  {
    name: "apply over an open intent",
    base: "open",
    task: { kind: "apply", config: "C" },
    next: "B",
    main: true,
  },
  {
    name: "apply over a landed intent",
    base: "landed",
    task: { kind: "apply", config: "C" },
    next: "A",
  },
  { name: "refresh over landed intents", base: "both", task: { kind: "refresh", config: "B" }, next: "B" },
  { name: "sweep of landed intents", base: "both", task: { kind: "recover" }, next: "A", whole: true },
  {
    name: "force unlock of a dead holder",
    base: "open",
    task: { kind: "force_unlock" },
    next: "B",
    whole: true,
  },
  {
    name: "approved delete",
    base: "approved",
    task: { kind: "apply", config: "D" },
    next: "B",
    whole: true,
    main: true,
  },
  { name: "delete and delete again", base: "approved", task: { kind: "apply", config: "D" }, next: "D" },
  { name: "create after a delete", base: "deleted", task: { kind: "apply", config: "A" }, next: "B" },
  { name: "restore", base: "deleted", task: { kind: "restore", graph: "a" }, next: "A", whole: true },
  { name: "reclaim", base: "deleted", task: { kind: "reclaim", graph: "a" }, next: "A", whole: true },
  {
    name: "approve a delete",
    base: "two",
    task: { kind: "approve", config: "D", tolerance: 0, loss: false },
    next: "D",
    whole: true,
  },
  { name: "revoke", base: "approved", task: { kind: "revoke" }, next: "D", whole: true },
  { name: "approved policy", base: "policy_approved", task: { kind: "apply", config: "E" }, next: "B" },
  { name: "revoke of a policy", base: "policy_approved", task: { kind: "revoke" }, next: "E", whole: true },
  { name: "approved data loss", base: "loss_approved", task: { kind: "apply", config: "A" }, next: "F" },
  { name: "purge", base: "hidden", task: { kind: "purge", config: "A", graph: "a" }, next: "F" },
  { name: "sweep of an open delete", base: "open_delete", task: { kind: "recover" }, next: "D" },
  {
    name: "sweep of a landed delete",
    base: "landed_delete",
    task: { kind: "recover" },
    next: "A",
    whole: true,
  },
  {
    name: "restore over a landed delete",
    base: "landed_delete",
    task: { kind: "restore", graph: "a" },
    next: "A",
  },
  { name: "sweep of a reservation", base: "reserved", task: { kind: "recover" }, next: "D", whole: true },
  { name: "discard", base: "open", task: { kind: "discard", graph: "a" }, next: "B" },
  {
    name: "protect over an open delete",
    base: "open_delete",
    task: { kind: "protect", graph: "a" },
    next: "A",
  },
  { name: "compact", base: "two", task: { kind: "compact", graph: "a" }, next: "B", whole: true },
  {
    name: "apply over an overtaken intent",
    base: "overtaken",
    task: { kind: "apply", config: "B" },
    next: "C",
    whole: true,
  },
  {
    name: "sweep of an intent that a load outran",
    base: "outrun",
    task: { kind: "recover" },
    next: "B",
    whole: true,
  },
  {
    name: "sweep of a graph that was put back",
    base: "shortened",
    task: { kind: "recover" },
    next: "B",
    cure: (world) => takeIntents(world, "a"),
  },
  {
    name: "apply over a damaged graph",
    base: "unreadable",
    task: { kind: "apply", config: "C" },
    next: "C",
    cure: (world) => repairNewest(world, "a"),
  },
  {
    name: "apply over an intent of a newer program",
    base: "unknown_intent",
    task: { kind: "apply", config: "B" },
    next: "C",
    remedy: { kind: "discard", graph: "a" },
  },
];
