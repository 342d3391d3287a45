/** Diagnostic codes of what keeps a deployment whole: protection, mass deletes, records that were lost. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const INTEGRITY_CODES = {
  protection_target_unknown: {
    severity: "error",
    summary: "The graph that was named is not there",
    why: "Protecting a graph that does not exist would leave the one that was meant open to deletion.",
    fix: "Check the id: `graphform status` lists the graphs of the ledger and those that are protected.",
  },
  mass_delete_refused: {
    severity: "error",
    summary: "The run would delete more graphs than it may",
    why: "A config that suddenly declares fewer graphs is more often the wrong folder or a broken generator than a wish.",
    fix: "Check --config and the graphs of cluster.yaml. If it is meant, run `graphform apply --allow-mass-delete`, or delete a part with --target.",
  },
  deployment_lost: {
    severity: "warning",
    summary: "Records of the deployment are gone",
    why: "Someone removed what Graphform keeps beside the ledger. The ledger, the graphs and what is applied are whole.",
    fix: "Find out who removed it. Restore __graphform from a backup before anything else runs, or put rules.json back and approve again what is still wanted.",
  },
  state_rebuilt: {
    severity: "warning",
    summary: "The ledger was made again from its history",
    why: "Receipts keep what was recorded, approvals that were used, deletes and protected graphs; statuses and times of observations are new.",
    fix: "Run `graphform plan`: it shows what the config and the rebuilt ledger differ in.",
  },
  history_incomplete: {
    severity: "warning",
    summary: "Part of the history is missing",
    why: "What was approved, deleted and recovered in the missing revisions is no longer known, so approvals from that time do not count.",
    fix: "Restore __graphform/receipts from a backup if you have one; otherwise approve again what is still wanted.",
  },
  store_promise_broken: {
    severity: "error",
    summary: "The storage does not keep a promise that every write relies on",
    why: "Graphform locks nothing in the storage: two commands at once are kept apart only by conditional writes.",
    fix: "Keep no cluster there. Use Amazon S3, or a server whose documentation says that it honours If-None-Match and If-Match on PUT and If-Match on DELETE.",
  },
  store_promise_unknown: {
    severity: "error",
    summary: "Whether the storage keeps a promise could not be found out",
    why: "What is not known to be kept is not relied on.",
    fix: "Read the message: it has the storage's own answer. Check the address, the credentials and the permissions (list, get, put and delete), then run `graphform doctor` again.",
  },
  store_probe_left: {
    severity: "warning",
    summary: "Objects of the check could not be removed again",
    why: "They lie below __graphform/doctor, take a few bytes, and nothing reads them.",
    fix: "Remove them by hand, or leave them.",
  },
  invalid_root_argument: {
    severity: "error",
    summary: "The storage root of the command line is not one",
    why: "Nothing was looked at.",
    fix: "Give a folder, or a bucket as s3://bucket/prefix.",
  },
} as const satisfies Record<string, CatalogueEntry>;
