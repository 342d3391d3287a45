/** A worker meets one fault at every single call that it makes, each time in a world of its own. */
import { type Fault, faultAt } from "../apply/faults.ts";
import { copyOfShared, openWorker, type Shared, type Worker } from "./deployment.ts";

export interface DisturbedWork {
  /** The world before; it stays as it is. */
  readonly shared: Shared;
  readonly act: (worker: Worker) => Promise<unknown>;
  /** Calls that `act` makes when nothing disturbs it. */
  readonly calls: number;
  /** Where not every call is tried: the first, and how many from one to the next. */
  readonly first?: number;
  readonly step?: number;
}

/** What `expectAfter` found, and at which call. */
export async function problemsAtEveryCall(
  { shared, act, calls, first = 1, step = 1 }: DisturbedWork,
  fault: Fault,
  expectAfter: (shared: Shared) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let ordinal = first; ordinal <= calls; ordinal += step) {
    const copy = copyOfShared(shared);
    const faulty = faultAt(ordinal, fault);
    await Promise.race([act(openWorker(copy, faulty)), faulty.died]);
    try {
      await expectAfter(copy);
    } catch (error) {
      const call = faulty.seen[ordinal - 1];
      problems.push(
        `${ordinal} ${call?.verb} ${call?.key}: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return problems;
}
