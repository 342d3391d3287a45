/**
 * Mass delete: a run that would delete more graphs than the deployment lets one run delete, or everything there is,
 * because the config declares no graph at all. That is more often the wrong folder or a broken generator than a wish,
 * so it has to be said explicitly; that the plan was reviewed is not enough. Pure.
 *
 * What counts is every graph delete of the run, also one that still waits for its approval: a person who approves
 * deletes one by one does not see how many they are. What `--target` leaves out does not count.
 */
import { parseAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Change } from "./change.ts";
import { NAMED_GRAPHS_MAX } from "./limits.ts";

/** Why apply refuses the changes unless it is told to go on; at most one. */
export function massDelete(
  changes: readonly Change[],
  desired: Pick<Desired, "resources">,
  deletes_max: number,
): readonly Diagnostic[] {
  const deletes = changes.filter(isGraphDelete);
  if (deletes.length === 0) return [];
  const names = deletes.slice(0, NAMED_GRAPHS_MAX).map((each) => each.resource);
  const more = deletes.length > NAMED_GRAPHS_MAX ? ` and ${deletes.length - NAMED_GRAPHS_MAX} more` : "";
  const which = `${names.join(", ")}${more}`;
  if (deletes.length > deletes_max) {
    const allowed = `this deployment deletes at most ${deletes_max} in one run`;
    return [refused(`The run would delete ${deletes.length} graphs, and ${allowed}: ${which}.`)];
  }
  if (declaresGraph(desired) || deletes.every((each) => each.disposition === "applied")) return [];
  const unapproved = "not every delete is approved";
  return [refused(`The config declares no graph, so the run would delete all: ${which}; ${unapproved}.`)];
}

function isGraphDelete(change: Change): boolean {
  if (change.operation !== "delete" || change.disposition === "deferred") return false;
  return parseAddress(change.resource)?.kind === "graph";
}

function declaresGraph({ resources }: Pick<Desired, "resources">): boolean {
  return [...resources.values()].some((resource) => resource.kind === "graph");
}

function refused(message: string): Diagnostic {
  return diagnostic("mass_delete_refused", { path: "graphs", message });
}
