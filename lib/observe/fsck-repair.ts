/**
 * The proposal of a check: the commands that mend what it found, in the order in which they have to run, each once, with
 * why. Nothing here changes anything; a person or a script runs them. Pure.
 *
 * The order: first there must be a ledger and nobody in the way, then what a crash left open is settled, then what is
 * really there is recorded, then the config is applied to it, last what remains of approvals is taken back.
 */
import { assertNever } from "../digest/assert.ts";
import type { JudgedFact, Repair } from "./fsck-fact.ts";
import { REPAIR_REASONS_MAX } from "./limits.ts";

/** Field order is the JSON order. */
export interface RepairStep {
  /** The verb of graphform and its arguments. */
  readonly command: readonly string[];
  /** What it mends, as full sentences; of many the first ones. */
  readonly why: readonly string[];
  /** How many facts it mends. */
  readonly facts: number;
}

const ORDER: readonly Repair["tag"][] = [
  "import",
  "force_unlock",
  "recover",
  "discard",
  "refresh",
  "apply",
  "revoke",
];

export function repairSteps(facts: readonly JudgedFact[]): readonly RepairStep[] {
  const steps = new Map<string, { repair: Repair; statements: string[] }>();
  for (const { repairs, statement } of facts) {
    for (const repair of repairs) {
      const key = commandOf(repair).join(" ");
      const step = steps.get(key) ?? { repair, statements: [] };
      step.statements.push(statement);
      steps.set(key, step);
    }
  }
  return [...steps.values()]
    .sort((a, b) => ORDER.indexOf(a.repair.tag) - ORDER.indexOf(b.repair.tag))
    .map(({ repair, statements }) => ({
      command: commandOf(repair),
      why: statements.slice(0, REPAIR_REASONS_MAX),
      facts: statements.length,
    }));
}

function commandOf(repair: Repair): readonly string[] {
  switch (repair.tag) {
    case "import":
    case "recover":
    case "refresh":
    case "apply":
      return [repair.tag];
    case "force_unlock":
      return ["force-unlock", repair.lock_id];
    case "discard":
      return ["recover", "discard", repair.operation_id];
    case "revoke":
      return ["approvals", "revoke", repair.approval_id];
    default:
      return assertNever(repair);
  }
}
