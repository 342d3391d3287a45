/**
 * Overtaken: a commit of this run has landed and another run has already committed on top of it. The run may commit
 * and send nothing more (K4), and it must say so: what it was asked for is not done.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { STATE_KEY } from "../ports/state-key.ts";

/** `done` completes "... and another command has committed since". */
export function overtakenDiagnostic(done: string): Diagnostic {
  const message = `${done}, and another command has committed since.`;
  return diagnostic("state_cas_mismatch", { path: STATE_KEY, message });
}
