/** Opens the rows of every live graph below a restored root, and counts them, to be sure that they are readable there. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import { readHead } from "../engine/chain.ts";
import type { AcceptedSchema } from "../engine/engine.ts";
import { listGraphs } from "../engine/graphs.ts";
import type { TablePin } from "../engine/manifest.ts";
import { datasetPath } from "../engine/paths.ts";
import type { Tables } from "../engine/tables.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { SILENT_LOG } from "../ports/log.ts";

export interface RestoredRows extends StorePorts {
  readonly tables: Tables;
}

/** What does not open, or has another number of rows than its manifest says. */
export async function openRestoredRows({
  store,
  clock,
  tables,
}: RestoredRows): Promise<readonly Diagnostic[]> {
  const schemas = new Map<Digest, AcceptedSchema>();
  const listed = await listGraphs({ store, clock, log: SILENT_LOG, schemas });
  if (listed.tag === "unavailable")
    return [unreadable("graphs", `they could not be listed: ${listed.reason}`)];
  const problems: Diagnostic[] = [];
  for (const graph of listed.graphs) {
    const head = await readHead({ store, clock }, graph);
    if (head.tag !== "head") {
      // A graph that was broken when it was backed up is told by fsck.
      if (head.tag === "unavailable") problems.push(unreadable(`graph.${graph}`, head.reason));
      continue;
    }
    for (const pin of head.manifest.tables) {
      const problem = await openPin(tables, datasetPath(graph, pin.path), pin);
      if (problem !== null) problems.push(unreadable(`graph.${graph}`, `type ${pin.type_id}: ${problem}`));
    }
  }
  return problems;
}

async function openPin(tables: Tables, path: string, pin: TablePin): Promise<string | null> {
  const opened = await tables.read({ path, branch: pin.branch, lance_version: pin.lance_version });
  if (opened.tag !== "ok") return opened.tag === "unavailable" ? opened.reason : "its rows are not there";
  const counted = await opened.value.count();
  opened.value.close();
  if (counted.tag !== "ok") return counted.tag === "unavailable" ? counted.reason : "its rows are not there";
  return counted.value === pin.rows ? null : `it has ${counted.value} rows and not ${pin.rows}`;
}

function unreadable(path: string, detail: string): Diagnostic {
  const message = `The rows of ${path} cannot be read where they were restored: ${detail}.`;
  return diagnostic("restore_rows_unreadable", { path, message });
}
