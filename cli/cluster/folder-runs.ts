/** The run records of a folder: those that have not ended, and the newest. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { listOpenRuns, listRuns, type RunListing } from "../../lib/apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { type Answered, answered, type RunList, unanswered } from "./cluster.ts";

/** How many of the newest runs are listed beside those that have not ended. */
const RUNS_LISTED = 20;
const NO_RUNS: RunListing = { tag: "listed", records: [], diagnostics: [] };

export async function listFolderRuns(ports: ClusterPorts, openOnly: boolean): Promise<Answered<RunList>> {
  const newest = openOnly ? NO_RUNS : await listRuns(ports, RUNS_LISTED);
  const listings = [await listOpenRuns(ports), newest];
  const failed = listings.find((each) => each.tag === "unavailable");
  if (failed !== undefined) return unanswered([unread(failed.reason)]);
  const listed = listings.flatMap((each) => (each.tag === "listed" ? [each] : []));
  const byId = new Map(listed.flatMap(({ records }) => records).map((each) => [each.run_id, each]));
  const runs = [...byId.values()].sort((a, b) => (a.run_id < b.run_id ? -1 : 1));
  return answered({ runs, diagnostics: onePerPath(listed.flatMap((each) => each.diagnostics)) });
}

function unread(reason: string): Diagnostic {
  const message = `The run records could not be read: ${reason}.`;
  return diagnostic("run_record_read_error", { path: "__graphform/runs", message });
}

/** A record that is open and among the newest has been read twice. */
function onePerPath(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [each.path, each])).values()];
}
