/** Texts that people give for the record, names and reasons: kept for ever, so they must be writable. Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { RECORD_TEXT_MAX } from "./limits.ts";

/** Control characters, line ends of every kind and halves of pairs: a text for the record is one line. */
const UNWRITABLE = /[\p{Surrogate}\p{Cc}\p{Zl}\p{Zp}]/u;

export function isRecordText(text: string): boolean {
  return !UNWRITABLE.test(text);
}

/** What is wrong with them; empty if both can be recorded. */
export function recordTextProblems(actor: string | null, reason: string | null): readonly Diagnostic[] {
  const texts = [
    { path: "--as", text: actor ?? "" },
    { path: "--reason", text: reason ?? "" },
  ];
  return texts
    .filter(({ text }) => text.length > RECORD_TEXT_MAX || !isRecordText(text))
    .map(({ path }) => {
      const message = `The text of ${path} is longer than ${RECORD_TEXT_MAX} characters or has characters that are none.`;
      return diagnostic("approval_text_invalid", { path, message });
    });
}
