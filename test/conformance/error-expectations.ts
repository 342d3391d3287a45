/** What a case may say about the text of an error, and how it is compared: polarity decides, wording is a hint. */
import type { CaseResult } from "./family.ts";

export interface ErrorExpectations {
  readonly error_contains?: readonly string[];
  readonly error_contains_any?: readonly string[];
  readonly error_equals?: string;
}

/** Each pinned piece occurs in some of the rendered errors, whatever the case of its letters. */
export function compareErrors(errors: readonly string[], expected: ErrorExpectations): CaseResult {
  const rendered = errors.join("\n").toLowerCase();
  const seen = `saw: ${errors.join(" | ")}`;
  for (const piece of expected.error_contains ?? []) {
    if (!rendered.includes(piece.toLowerCase())) {
      return { tag: "failed", detail: `expected an error that contains "${piece}", and ${seen}` };
    }
  }
  const any = expected.error_contains_any ?? [];
  if (any.length > 0 && !any.some((piece) => rendered.includes(piece.toLowerCase()))) {
    return {
      tag: "failed",
      detail: `expected an error that contains one of "${any.join('", "')}", and ${seen}`,
    };
  }
  if (expected.error_equals !== undefined && !errors.includes(expected.error_equals)) {
    return { tag: "failed", detail: `expected the error "${expected.error_equals}", and ${seen}` };
  }
  return { tag: "passed" };
}
