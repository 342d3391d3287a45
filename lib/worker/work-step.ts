/** What one look at one run came to. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";

/**
 * `ended`: the run needs nobody any more, or somebody else has moved it; look again at what is left. `goes_on`: time is
 * short; it goes on in another invocation. `held`: another process holds the lease, and will look for more runs when it
 * gives it back. `later`: the world did not answer; the schedule prompts again.
 */
export type WorkStep =
  | { readonly tag: "ended" | "goes_on" | "held" }
  | { readonly tag: "later"; readonly diagnostics: readonly Diagnostic[] };

export function later(diagnostics: readonly Diagnostic[]): WorkStep {
  return { tag: "later", diagnostics };
}
