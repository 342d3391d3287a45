/** Compiles a kept config folder and says everything that is wrong with it. Loaded only by who asks for it. */
import { loadDesired } from "../desired/desired.ts";
import { type ValidateOutput, validateOutput } from "../desired/validate-output.ts";
import type { Digest } from "../digest/digest.ts";
import { type OpenedBundle, openBundle } from "../intake/open-bundle.ts";
import type { StorePorts } from "../ledger/retry.ts";

export type ValidatedBundle =
  | { readonly tag: "validated"; readonly output: ValidateOutput }
  | Exclude<OpenedBundle, { tag: "opened" }>;

export async function validateBundle(ports: StorePorts, digest: Digest): Promise<ValidatedBundle> {
  const opened = await openBundle(ports, digest);
  if (opened.tag !== "opened") return opened;
  return { tag: "validated", output: validateOutput(loadDesired(opened.bundle)) };
}
