/**
 * LeftUndone: what a run that waits for an approval has left undone, from what its last attempt has answered. What that
 * attempt has done and somebody has undone since is not brought back by a late approval.
 */
import { z } from "zod";
import type { RunRecord } from "../apply/runs/run-record.ts";
import type { Address } from "../desired/address.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { readRunOutput } from "./run-output.ts";

export type LeftUndone =
  /** Null: the run does not wait. */
  | { readonly tag: "known"; readonly left: ReadonlySet<Address> | null }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

const shape = z.object({ changes: z.array(z.object({ resource: z.string(), disposition: z.string() })) });

export async function leftUndone(
  ports: StorePorts,
  { state, run_id }: Pick<RunRecord, "state" | "run_id">,
): Promise<LeftUndone> {
  if (state !== "waiting_approval") return { tag: "known", left: null };
  const { answer, diagnostics } = await readRunOutput(ports, run_id);
  const output = answer?.kind === "apply" ? shape.safeParse(answer.output) : null;
  if (output?.success !== true) return { tag: "unknown", diagnostics };
  const left = output.data.changes.filter(({ disposition }) => disposition !== "applied");
  return { tag: "known", left: new Set(left.map(({ resource }) => resource as Address)) };
}
