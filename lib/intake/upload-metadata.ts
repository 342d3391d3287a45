/**
 * What an uploader says about an upload, in its metadata: what is to be done with it, and where it came from. The latter
 * is shown and never trusted. Pure; all problems at once.
 */
import type { RunMode } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { shownRepository } from "../ledger/git-origin.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { UPLOAD_METADATA_CHARACTERS_MAX } from "./limits.ts";

export interface UploadMetadata {
  readonly mode: RunMode;
  readonly git: GitOrigin | null;
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

export const TICKET_METADATA = NAMES.ticket;

export function decodeUploadMetadata(metadata: Readonly<Record<string, string>>): MetadataDecoding {
  const text = (name: keyof typeof NAMES): string | null => metadata[NAMES[name]] ?? null;
  const diagnostics = Object.values(NAMES).flatMap((name) => textProblems(name, metadata[name] ?? ""));
  const mode = text("mode") ?? "plan";
  if (mode !== "plan" && mode !== "auto") {
    diagnostics.push(
      problem(NAMES.mode, `It is "plan" or "auto", not ${JSON.stringify(mode.slice(0, 40))}.`),
    );
    return { tag: "invalid", diagnostics };
  }
  const commit = text("commit");
  const [ref, repository] = [text("ref"), text("repository")];
  if (commit === null && (ref ?? repository) !== null) {
    diagnostics.push(problem(NAMES.commit, "Whoever names a ref or a repository names the commit too."));
  }
  if (diagnostics.length > 0) return { tag: "invalid", diagnostics };
  // A credential in an address goes no further (U2); what may hide one is left out.
  const shown = repository === null ? null : shownRepository(repository);
  const git = commit === null ? null : { commit, ref, repository: shown };
  return { tag: "decoded", metadata: { mode, git, request: text("request"), ticket: text("ticket") } };
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
