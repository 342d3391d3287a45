/** What a command says of itself, held against the history. */
import type { Ran } from "../cli/command.ts";
import { storedHistory } from "./history.ts";
import { demand, type Stage } from "./stage.ts";

interface Answer {
  readonly outcome?: string;
  readonly run_id?: string;
  readonly actor?: string;
}

/** L4, L5: what is said to be recorded is, and what is not is not. Two that work on one run have different actors. */
export function expectHonest({ folder }: Stage, { code, out, err }: Ran): void {
  demand(out.startsWith("{"), `a command ends with ${code} and says: ${out}${err}`);
  const { outcome, run_id, actor } = JSON.parse(out) as Answer;
  if (outcome === undefined) return;
  const own = storedHistory(folder).filter(
    ({ receipt }) => receipt.run_id === run_id && receipt.actor === (actor ?? null),
  );
  const kinds = own.map((each) => each.receipt.kind);
  const told = `an apply says ${outcome}, and its run ${run_id} made ${kinds.join() || "no revision"}`;
  if (outcome === "applied") demand(kinds.length > 0, told);
  const nothing = outcome === "refused" || outcome === "noop";
  if (nothing) demand(kinds.join("") === kinds.filter((kind) => kind === "recovery").join(""), told);
}
