/** What each reason means, in a sentence for people: used by statuses, diagnostics and the rendered plan. Pure. */
import { parseAddress } from "../desired/address.ts";
import type { Change, ChangeReason } from "./change.ts";

interface ReasonText {
  readonly what: string;
  readonly todo: string;
}

const REASONS: Readonly<Record<ChangeReason, ReasonText>> = {
  approval_required: {
    what: "it needs an approval, and none counts",
    todo: "approve it with `graphform approve <address> --plan <id>`, as `graphform plan` prints it, or take it back in the config",
  },
  dependency_not_applied: {
    what: "something that it depends on is not applied",
    todo: "apply what is blocked before it, then apply again",
  },
  graph_create_failed: { what: "the graph could not be created", todo: "remove the cause and apply again" },
  schema_apply_failed: { what: "the schema change failed", todo: "remove the cause and apply again" },
  graph_delete_failed: { what: "the graph could not be removed", todo: "remove the cause and apply again" },
  cluster_recovery_pending: {
    what: "an earlier operation on the graph is not settled",
    todo: "apply or refresh again, which settles it first",
  },
  apply_unsupported_kind: {
    what: "this kind of change is not executed",
    todo: "see the other changes of the graph",
  },
  graph_exists: {
    what: "a graph is already there that the ledger does not know",
    todo: "run `graphform refresh`, which records it, then plan again",
  },
  graph_unreadable: {
    what: "something that is not ours stands at the graph's root",
    todo: "move it away or choose another graph id",
  },
  graph_observation_error: {
    what: "the store could not say what is there",
    todo: "restore access to the storage root and try again",
  },
  graph_drifted: {
    what: "the live graph is not what the ledger records",
    todo: "run `graphform refresh`, which records what is there, then plan again",
  },
  migration_unsupported: {
    what: "the schema change has a step that is not supported",
    todo: "change the schema as the step's message says",
  },
  schema_unrecorded: {
    what: "the ledger knows the graph but not its schema",
    todo: "run `graphform refresh`, which records the live schema, then plan again",
  },
  provider_in_use: {
    what: "a graph of the ledger still uses the provider",
    todo: "apply the change of that graph first, or keep the provider",
  },
  payload_write_failed: {
    what: "its payload could not be stored",
    todo: "restore access to the storage root and apply again",
  },
  graph_protected: {
    what: "the graph is protected, and no approval lifts that",
    todo: "put the graph back into cluster.yaml, or end its protection with `graphform unprotect` first",
  },
  not_targeted: { what: "it is outside --target", todo: "apply without --target" },
};

/** True for every reason that a change can have. */
export function isChangeReason(value: unknown): value is ChangeReason {
  return typeof value === "string" && Object.hasOwn(REASONS, value);
}

/** Why the change does not run, as a full sentence naming it. */
export function blockedMessage(change: Change): string {
  const reason = change.reason;
  if (reason === undefined) return `${change.resource} is not applied.`;
  const verb = parseAddress(change.resource) === null ? "changed" : `${change.operation}d`;
  return `${change.resource} is not ${verb}: ${REASONS[reason].what}.`;
}

/** What to do about it, an imperative without a final stop. */
export function reasonAdvice(reason: ChangeReason): string {
  return REASONS[reason].todo;
}
