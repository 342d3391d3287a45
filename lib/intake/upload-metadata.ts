/**
 * What an uploader says about an upload, in its metadata: what is to be done with it, and where it came from. The latter
 * is shown and never trusted. Pure; all problems at once.
 */
import type { RunMode } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { type FitGitOrigin, fitGitOrigin } from "../ledger/git-origin.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { UPLOAD_METADATA_CHARACTERS_MAX } from "./limits.ts";

export interface UploadMetadata {
  readonly mode: RunMode;
  readonly git: GitOrigin | null;
  /** The git facts that are not shown, because they are none. */
  readonly git_left_out: FitGitOrigin["left_out"];
  /** Tells a repeated upload of the same bytes from another one. */
  readonly request: string | null;
  /** What only the holder of a link knows. */
  readonly ticket: string | null;
}

export type MetadataDecoding =
  | { readonly tag: "decoded"; readonly metadata: UploadMetadata }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const NAMES = {
  mode: "graphform-mode",
  commit: "graphform-git-commit",
  ref: "graphform-git-ref",
  repository: "graphform-git-repository",
  request: "graphform-request",
  ticket: "graphform-ticket",
} as const;

/** What is obeyed must be understood. */
const OBEYED = [NAMES.mode, NAMES.request, NAMES.ticket] as const;

export const TICKET_METADATA = NAMES.ticket;

export function decodeUploadMetadata(metadata: Readonly<Record<string, string>>): MetadataDecoding {
  const text = (name: keyof typeof NAMES): string | null => metadata[NAMES[name]] ?? null;
  const diagnostics = OBEYED.flatMap((name) => textProblems(name, metadata[name] ?? ""));
  const mode = text("mode") ?? "plan";
  if (mode !== "plan" && mode !== "auto") {
    diagnostics.push(
      problem(NAMES.mode, `It is "plan" or "auto", not ${JSON.stringify(mode.slice(0, 40))}.`),
    );
    return { tag: "invalid", diagnostics };
  }
  if (diagnostics.length > 0) return { tag: "invalid", diagnostics };
  const said = { commit: text("commit"), ref: text("ref"), repository: text("repository") };
  const { git, left_out: git_left_out } = fitGitOrigin(said);
  const [request, ticket] = [text("request"), text("ticket")];
  return { tag: "decoded", metadata: { mode, git, git_left_out, request, ticket } };
}

const UNWRITABLE = /[\p{Surrogate}\p{Cc}]/u;

function textProblems(name: string, text: string): Diagnostic[] {
  if (text.length > UPLOAD_METADATA_CHARACTERS_MAX) {
    return [problem(name, `It has more than ${UPLOAD_METADATA_CHARACTERS_MAX} characters.`)];
  }
  return UNWRITABLE.test(text) ? [problem(name, "It has characters that are none.")] : [];
}

function problem(path: string, message: string): Diagnostic {
  return diagnostic("upload_not_taken", { path, message });
}
