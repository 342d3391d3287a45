/** Who gives or takes back an approval or ends a block, and why: for the record, for ever, so a name there must be (design 8, U1). Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { recordTextProblems } from "../ledger/record-text.ts";

export interface NamedActor {
  readonly actor: string;
}

/** `verb` completes "who would": approve, revoke. `missing`: the code where nobody is named. */
export function namedActor(
  actor: string | null,
  reason: string | null,
  verb: string,
  missing: "approval_actor_missing" | "unblock_actor_missing" = "approval_actor_missing",
):
  | ({ readonly tag: "named" } & NamedActor)
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] } {
  if (actor === null || actor.trim() === "") {
    const message = `It is not known who would ${verb}.`;
    return { tag: "refused", diagnostics: [diagnostic(missing, { path: "--as", message })] };
  }
  const diagnostics = recordTextProblems(actor, reason);
  return diagnostics.length === 0 ? { tag: "named", actor } : { tag: "refused", diagnostics };
}
