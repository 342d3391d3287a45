/** A file of the command line that cannot be used. */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";

export function fileProblem(path: string, reason: string): Diagnostic {
  return diagnostic("source_file_unreadable", { path, message: `${path} cannot be read: ${reason}.` });
}
