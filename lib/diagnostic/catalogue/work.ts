/** Diagnostic codes of the runs of a deployment: ordered, prompted, permitted, blocked. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const WORK_CODES = {
  cluster_blocked: {
    severity: "error",
    summary: "The cluster is blocked",
    why: "A worker gave up on it again and again, and another try without a person could do harm.",
    fix: "Find out why in the log of the worker, mend it, and unblock the cluster: `graphform unblock --reason WHY`.",
  },
  cluster_not_blocked: {
    severity: "error",
    summary: "The cluster is not blocked",
    why: "There is nothing to end.",
    fix: "Nothing.",
  },
  cluster_blocked_unreadable: {
    severity: "error",
    summary: "It is not known whether the cluster is blocked",
    why: "A cluster may be blocked for a good reason, so nothing runs while that cannot be seen.",
    fix: "Check that `__graphform/blocked.json` can be read, and try again.",
  },
  cluster_blocked_write_error: {
    severity: "error",
    summary: "The record that blocks the cluster could not be written",
    why: "The store did not take it, or somebody else changed it at the same time.",
    fix: "Run `graphform status` to see whether the cluster is blocked, and try again.",
  },
  unblock_actor_missing: {
    severity: "error",
    summary: "It is not known who unblocks the cluster",
    why: "Runs go on because somebody has looked at what blocked them; who that was is on record for ever.",
    fix: "Say who you are with --as.",
  },
  unblock_reason_missing: {
    severity: "error",
    summary: "It is not said why the cluster is unblocked",
    why: "Whoever finds the next block reads why the last one was ended.",
    fix: "Say what was wrong and what was done about it: `graphform unblock --reason WHY`.",
  },
  settings_invalid: {
    severity: "error",
    summary: "The settings of the deployment are not valid",
    why: "Settings that are guessed at are none: they say who may do what.",
    fix: "Correct the settings where the path says, and deploy again.",
  },
  idempotency_key_reused: {
    severity: "error",
    summary: "The idempotency key was used for another request",
    why: "One key stands for one request, so that a repeated one is never done twice.",
    fix: "Send the other request with a key of its own.",
  },
  run_order_invalid: {
    severity: "error",
    summary: "The run cannot be ordered",
    why: "What it asks for does not exist or does not belong together.",
    fix: "Order it again with what the message asks for.",
  },
  run_order_unknown: {
    severity: "error",
    summary: "It is not known whether the run was ordered",
    why: "The store did not answer.",
    fix: "Send the same request again with the same idempotency key: it is ordered once.",
  },
  run_denied: {
    severity: "error",
    summary: "The policy does not permit the run",
    why: "Policy is asked again when the run is at work, with the plan that would run and the policy that is applied then.",
    fix: "Have somebody order it who may, or change the policy.",
  },
  run_access_undecided: {
    severity: "error",
    summary: "It could not be decided whether the run is permitted",
    why: "What is not decided is not done.",
    fix: "The run is tried again. If it stays like this, look into the log of the worker.",
  },
  run_gave_up: {
    severity: "error",
    summary: "No worker could finish the run",
    why: "Every attempt failed or died, and nothing says that the next one would not.",
    fix: "Find out why in the log of the worker, and order the run again.",
  },
  run_output_invalid: {
    severity: "warning",
    summary: "What a run answered cannot be read",
    why: "It is damaged, or a newer program wrote it. The run record and the ledger say what was done.",
    fix: "Look at the run record and at the history.",
  },
  run_output_read_error: {
    severity: "warning",
    summary: "What a run answered could not be fetched",
    why: "The store did not answer, which says nothing about the run.",
    fix: "Ask again.",
  },
  too_large_for_runner: {
    severity: "error",
    summary: "The run is too large for a worker of the deployment",
    why: "A worker has limited time and memory, and each of the last attempts was ended by that before it was done.",
    fix: "Run it where there is more of both, against the same storage root: `graphform apply --continue RUN`.",
  },
  waiting_run_over: {
    severity: "warning",
    summary: "A run has waited for an approval for too long",
    why: "What was reviewed is old, and runs that wait for ever hide those that matter.",
    fix: "Plan again, and have that plan approved.",
  },
  upload_not_taken: {
    severity: "error",
    summary: "An upload was not taken",
    why: "What it should start is said by its metadata, by its name and by who uploaded it.",
    fix: "Correct what the message names, and upload again.",
  },
  upload_not_found: {
    severity: "error",
    summary: "The upload is not there",
    why: "It was never sent, has expired, or was taken away.",
    fix: "Upload again.",
  },
  upload_read_error: {
    severity: "error",
    summary: "The upload could not be fetched",
    why: "The store did not answer, which says nothing about the upload.",
    fix: "It is tried again.",
  },
  export_write_error: {
    severity: "error",
    summary: "The rows of an export could not be written",
    why: "The store did not take them, or the graph could not be read to its end; nothing of the export is kept.",
    fix: "It is tried again.",
  },
  export_not_found: {
    severity: "error",
    summary: "There is no such export",
    why: "It was never ordered by you, is one of another graph, or its rows have expired.",
    fix: "Order the export again.",
  },
  export_link_failed: {
    severity: "error",
    summary: "No link to the rows of an export could be made",
    why: "The deployment could not sign it.",
    fix: "Ask again.",
  },
  upload_link_failed: {
    severity: "error",
    summary: "No link for an upload could be made",
    why: "The deployment could not write down what the upload is for, or could not sign the link.",
    fix: "Ask again.",
  },
} as const satisfies Record<string, CatalogueEntry>;
