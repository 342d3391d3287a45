/**
 * OwnRun: the run that a path names, for whom it was ordered by. For everybody else, and where it is not what the
 * path is about, it is not there.
 */
import { findRun } from "../apply/runs/find-run.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { isUlid, type RunId } from "../digest/ids.ts";
import type { ClusterExchange } from "./api.ts";
import type { Refusal } from "./problem.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export async function ownRun(
  { ports, caller, params }: ClusterExchange,
  notFound: (id: string) => Refusal,
  isAsked: (record: RunRecord) => boolean,
): Promise<RunId | Refusal> {
  const id = params["run"] ?? "";
  if (!isUlid(id)) return notFound(id);
  const found = await findRun(ports, id as RunId);
  if (found.tag === "refused") {
    const isAbsent = found.diagnostics.some((each) => each.code === "run_not_found");
    return isAbsent ? notFound(id) : refusalOf(found.diagnostics);
  }
  const { record } = found.stored;
  const isOwn = record.caller?.canonical === caller.canonical;
  return isOwn && isAsked(record) ? record.run_id : notFound(id);
}
