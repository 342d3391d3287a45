/** A file of the command line that cannot be used, and why in words. */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "this user has no permission",
  EPERM: "this user has no permission",
  EROFS: "its file system is read-only",
  ENOSPC: "its disk is full",
  ENAMETOOLONG: "its name is too long",
};

/** What the operating system's error means; its own words where none are known. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return REASONS[code] ?? error.message;
}

export function fileProblem(path: string, reason: string, fix?: string): Diagnostic {
  return diagnostic("source_file_unreadable", { path, message: `${path} cannot be read: ${reason}.`, fix });
}

/** A file to write whose folder is missing is a folder that is missing, not the file. */
export function unwritableFile(path: string, what: string, error: unknown): Diagnostic {
  const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const reason = missing ? "its folder does not exist" : fileReason(error);
  return diagnostic("output_file_unwritable", {
    path,
    message: `${what} could not be written to ${path}: ${reason}.`,
  });
}
