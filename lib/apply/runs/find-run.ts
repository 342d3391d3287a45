/** The record of one run, or why there is none to go on with, for people. */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { RunId } from "../../digest/ids.ts";
import type { StorePorts } from "../../ledger/retry.ts";
import { invalidRun, readRun, runKey, type StoredRun } from "./run-store.ts";

export type FoundRun =
  | { readonly tag: "found"; readonly stored: StoredRun }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

function refused(why: Diagnostic): FoundRun {
  return { tag: "refused", diagnostics: [why] };
}

export async function findRun(ports: StorePorts, id: RunId): Promise<FoundRun> {
  const path = runKey(id);
  const read = await readRun(ports, id);
  switch (read.tag) {
    case "found":
      return read;
    case "absent":
      return refused(diagnostic("run_not_found", { path, message: `There is no record of a run ${id}.` }));
    case "invalid":
      return refused(invalidRun(id, read.detail));
    case "unavailable": {
      const message = `The record of the run ${id} could not be read: ${read.reason}.`;
      return refused(diagnostic("run_record_read_error", { path, message }));
    }
    default:
      return assertNever(read);
  }
}

/** The same, if the run can go on. */
export async function findOpenRun(ports: StorePorts, id: RunId): Promise<FoundRun> {
  const found = await findRun(ports, id);
  if (found.tag === "refused") return found;
  const { state, outcome, operation } = found.stored.record;
  const path = runKey(id);
  if (state === "ended") {
    return refused(diagnostic("run_ended", { path, message: `The run ${id} has ended: ${outcome}.` }));
  }
  if (operation === "apply") return found;
  const message = `The run ${id} is a ${operation}; only an apply can go on.`;
  return refused(diagnostic("run_ended", { path, message }));
}
