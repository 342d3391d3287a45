/** How work on one table ends for a verb: with a pin to publish, or with a reason why the verb cannot go on. */
import type { TablePin } from "./manifest.ts";
import type { TableOutcome, TablePosition } from "./tables.ts";

export type Staged =
  | { readonly tag: "staged"; readonly pin: TablePin }
  | { readonly tag: "unavailable"; readonly reason: string };

type Unfinished = Exclude<TableOutcome<never>, { tag: "ok" }>;

/** The pin of a finished writer. `path` is below the graph root. */
export function pinned(
  typeId: number,
  path: string,
  finished: TableOutcome<{ readonly position: TablePosition; readonly rows: number }>,
): Staged {
  if (finished.tag !== "ok") return unfinished(typeId, finished);
  const { position, rows } = finished.value;
  const { branch, lance_version } = position;
  return { tag: "staged", pin: { type_id: typeId, path, branch, lance_version, rows } };
}

/** Nothing of the verb is visible, so the answer is that it was not accepted. */
export function unfinished(
  typeId: number,
  outcome: Unfinished,
): { readonly tag: "unavailable"; readonly reason: string } {
  switch (outcome.tag) {
    case "unavailable":
      return { tag: "unavailable", reason: `table of type ${typeId}: ${outcome.reason}` };
    case "missing":
      return { tag: "unavailable", reason: `table of type ${typeId}: pinned data is not there` };
    case "exists":
      return {
        tag: "unavailable",
        reason: `an earlier attempt of this operation left its work on type ${typeId}; use a new operation id`,
      };
  }
}
