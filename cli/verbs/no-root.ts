/** What is said of an option that names neither a folder nor a bucket. */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";

export function noRoot(option: string): Diagnostic {
  const message = `What was given as ${option} is neither a folder nor a bucket as s3://bucket/prefix.`;
  return diagnostic("invalid_root_argument", { path: option, message });
}
