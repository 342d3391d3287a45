/** Diagnostic codes of approvals (spec/cluster 2.5, design 8). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const APPROVAL_CODES = {
  approval_unusable: {
    severity: "warning",
    summary: "There is an approval of this change, and it does not count",
    why: "The gate stays closed until an approval counts.",
    fix: "Read the message: it says for each approval what stands in its way and what to do.",
  },
  approval_stale: {
    severity: "warning",
    summary: "There are approvals of this resource, but none of what would happen to it now",
    why: "An approval is for one change of one config, so that nobody approves what nobody has seen.",
    fix: "Run `graphform plan`, review it, and have that plan approved.",
  },
  approval_read_error: {
    severity: "warning",
    summary: "The approvals could not be read",
    why: "What cannot be read opens no gate.",
    fix: "Check that the storage root can be read, then try again.",
  },
  invalid_approval_artifact: {
    severity: "warning",
    summary: "An approval file cannot be read",
    why: "It does not count; it is left in place.",
    fix: "Approve again if the approval is still needed, and find out who else writes to the storage root.",
  },
  unsupported_approval_version: {
    severity: "warning",
    summary: "An approval file is of a version that this program does not know",
    why: "It does not count here; it is left in place.",
    fix: "Use the newest Graphform, or approve again with this one.",
  },
  invalid_approval_evidence: {
    severity: "warning",
    summary: "The evidence of an approval cannot be read",
    why: "An approval counts only with its evidence, so this one does not; the file is left in place.",
    fix: "Use the newest Graphform; if the file is damaged, approve again and find out who else writes to the storage root.",
  },
  approval_not_required: {
    severity: "error",
    summary: "The plan has no gate that this approval would open",
    why: "An approval of what needs none would wait for a change that nobody has seen.",
    fix: "Run `graphform plan`: it names what needs an approval, and the command that gives it.",
  },
  approval_needs_data_loss: {
    severity: "error",
    summary: "The approval is for losing data, and the command does not say so",
    why: "Values that are dropped for good cannot be had back, so the approver says it in as many words.",
    fix: "Review what the plan would lose, then approve it with --data-loss.",
  },
  approval_change_blocked: {
    severity: "error",
    summary: "The change is blocked by something that an approval does not open",
    why: "What would happen after the block is gone may not be what was approved.",
    fix: "Remove what blocks the change, plan again, and approve that plan.",
  },
  approval_graph_protected: {
    severity: "error",
    summary: "The graph is protected",
    why: "Nothing may delete a protected graph or lose its data, approved or not.",
    fix: "Take the protection away with `graphform unprotect`, then plan again and approve that plan.",
  },
  approval_actor_missing: {
    severity: "error",
    summary: "It is not known who approves",
    why: "An approval is somebody's word; without a name it is nobody's.",
    fix: "Say who you are with --as.",
  },
  approval_text_invalid: {
    severity: "error",
    summary: "A name or a reason cannot be recorded",
    why: "Both are kept for ever and shown to people.",
    fix: "Give a shorter text, without control characters.",
  },
  approval_self_given: {
    severity: "error",
    summary: "Whoever made the plan approves it",
    why: "Four eyes see what two do not: the deployment's rules want a second person.",
    fix: "Have somebody else approve the plan.",
  },
  approval_write_error: {
    severity: "error",
    summary: "The approval could not be written",
    why: "An approval counts only if all of it is stored.",
    fix: "Check that the storage root can be written, then try again.",
  },
  approval_not_found: {
    severity: "error",
    summary: "There is no such approval",
    why: "Approvals are named by the id that `graphform approve` printed.",
    fix: "Run `graphform approvals list`, which shows them all.",
  },
  approval_reserved: {
    severity: "error",
    summary: "A run is using the approval",
    why: "From the moment a run has reserved it, its change may be happening.",
    fix: "Wait for the run. If it died, `graphform recover` settles it, and what did not happen can be taken back then.",
  },
  approval_used: {
    severity: "error",
    summary: "The approval has been used",
    why: "What it approved has happened.",
    fix: "See `graphform approvals show` for what used it. `graphform restore` brings a deleted graph back during its grace period.",
  },
  approval_mark_failed: {
    severity: "warning",
    summary: "The approval file does not say yet that the approval was taken back",
    why: "It does not count here any more, but OmniGraph, which reads that file alone, would still honour it.",
    fix: "Revoke the approval again once the storage root can be written.",
  },
} as const satisfies Record<string, CatalogueEntry>;
