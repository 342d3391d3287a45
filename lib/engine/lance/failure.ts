/**
 * Failure: how the exceptions of Lance become outcomes. Every call of the native module goes through `attempt`, so
 * that nothing above this folder sees a throw.
 *
 * Absence must be proven (design 4.7): only Lance's own "not found" while it opens a dataset, branch or version is
 * absence. The same words from a scan mean that a file of a dataset that does exist is gone, which is `unavailable`.
 */
import type { TableOutcome } from "../tables.ts";
import { REASON_CHARACTERS_MAX } from "./limits.ts";

const ABSENT = /was not found|not found error|not found:/i;
const SOURCE_POSITION = /,? ?\/[^\s,]*\.rs:\d+(:\d+)?/g;

/** The outcome of `work`, with anything thrown turned into `unavailable`. */
export async function attempt<T>(work: () => Promise<TableOutcome<T>>): Promise<TableOutcome<T>> {
  try {
    return await work();
  } catch (error) {
    return unavailable(reasonOf(error));
  }
}

/** The same for opening: here "not found" is proven absence. */
export async function attemptOpen<T>(open: () => Promise<TableOutcome<T>>): Promise<TableOutcome<T>> {
  try {
    return await open();
  } catch (error) {
    const reason = reasonOf(error);
    return ABSENT.test(reason) ? { tag: "missing" } : unavailable(reason);
  }
}

/** A call that worked, and what it gives. */
export function ok<T>(value: T): TableOutcome<T> {
  return { tag: "ok", value };
}

/** A call that gives nothing, and why. */
export function unavailable(reason: string): { readonly tag: "unavailable"; readonly reason: string } {
  return { tag: "unavailable", reason };
}

/** The first line of a message, without positions in Lance's own source and within the limit. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const firstLine = message.split("\n", 1)[0] ?? "";
  const withoutCause = firstLine.split(" Caused by:", 1)[0] ?? firstLine;
  return withoutCause.replace(SOURCE_POSITION, "").trim().slice(0, REASON_CHARACTERS_MAX);
}
