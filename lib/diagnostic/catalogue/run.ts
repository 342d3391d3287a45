/** Diagnostic codes of runs with a record: a deadline, and going on later. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const RUN_CODES = {
  run_continues: {
    severity: "warning",
    summary: "The run is not finished and goes on later",
    why: "It stopped between two steps: what it did is recorded, what it did not begin is untouched.",
    fix: "Go on with `graphform apply --continue RUN`, where the message names the run.",
  },
  run_not_found: {
    severity: "error",
    summary: "There is no record of the run",
    why: "Only a run with a deadline, or one that a deployment was asked for, can go on later.",
    fix: "Run `graphform runs list` for the runs that can, or apply again.",
  },
  run_ended: {
    severity: "error",
    summary: "The run has nothing to go on with",
    why: "A run ends once; what it did is in the history of the ledger.",
    fix: "Run `graphform plan` to see whether anything is left, and apply that.",
  },
  run_config_mismatch: {
    severity: "error",
    summary: "The config is not the one of the run",
    why: "A run goes on with the plan that it began with, and that plan was made from other files.",
    fix: "Check out the config of the run, or apply the present one as a run of its own.",
  },
  run_taken_over: {
    severity: "error",
    summary: "Another process works on the run",
    why: "Of two that go on with one run, one does; nothing is done twice.",
    fix: "Run `graphform runs list` to see how far it is.",
  },
  run_record_invalid: {
    severity: "error",
    summary: "A run record cannot be read",
    why: "It is damaged, or a newer program wrote it. The ledger is not concerned: it says what was done.",
    fix: "If a newer program wrote it, use that one. If it is damaged, apply again: a new run does what is left. Then delete its mark below `__graphform/open-runs/`, if there is one.",
  },
  run_record_read_error: {
    severity: "error",
    summary: "A run record could not be fetched",
    why: "The store did not answer, which says nothing about the run.",
    fix: "Check that the storage root can be read, and try again.",
  },
  run_record_write_error: {
    severity: "error",
    summary: "A run record could not be written",
    why: "A run whose record is missing could not go on after it stops.",
    fix: "Check that the storage root can be written, and try again.",
  },
} as const satisfies Record<string, CatalogueEntry>;
