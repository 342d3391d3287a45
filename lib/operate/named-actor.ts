/** Who gives or takes back an approval, and why: for the record, for ever, so a name there must be (design 8, U1). Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { RECORD_TEXT_MAX } from "./limits.ts";

export interface NamedActor {
  readonly actor: string;
}

const UNWRITABLE = /[\p{Surrogate}\p{Cc}]/u;

/** `verb` completes "who would": approve, revoke. */
export function namedActor(
  actor: string | null,
  reason: string | null,
  verb: string,
):
  | ({ readonly tag: "named" } & NamedActor)
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] } {
  if (actor === null || actor.trim() === "") {
    const message = `It is not known who would ${verb}.`;
    return { tag: "refused", diagnostics: [diagnostic("approval_actor_missing", { path: "--as", message })] };
  }
  const faulty = [
    { path: "--as", text: actor },
    { path: "--reason", text: reason ?? "" },
  ].filter(({ text }) => text.length > RECORD_TEXT_MAX || UNWRITABLE.test(text));
  if (faulty.length === 0) return { tag: "named", actor };
  const diagnostics = faulty.map(({ path }) => {
    const message = `The text of ${path} is longer than ${RECORD_TEXT_MAX} characters or has characters that are none.`;
    return diagnostic("approval_text_invalid", { path, message });
  });
  return { tag: "refused", diagnostics };
}
