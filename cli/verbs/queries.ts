/** `graphform queries --graph ID`: the stored queries that the policy of a deployment lets the caller see. */
import type { QueryListing } from "../../lib/access/access.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { openApi } from "../api/open-api.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { count } from "../render/describe-step.ts";
import { printableFields } from "../render/printable.ts";
import { failure } from "./verb-failure.ts";

const QUERIES_LISTED_MAX = 10_000;

export async function queries(context: CommandContext, graph: GraphId): Promise<ExitCode> {
  if (context.api === undefined) {
    const message = "On a folder everybody sees every query: they are in its .gq files.";
    return failure(context, "queries", [diagnostic("deployment_only", { path: "--on", message })]);
  }
  const opened = await openApi(context, context.api);
  if (opened.tag === "refused") return failure(context, "queries", opened.diagnostics);
  const listed = await opened.client.list<QueryListing>(`graphs/${graph}/queries`, {}, QUERIES_LISTED_MAX);
  if (listed.tag === "failed") return failure(context, "queries", listed.diagnostics);
  const found = listed.value;
  if (context.json) {
    printJson(context, { ok: true, format_version: 1, graph, queries: found, diagnostics: [] });
    return 0;
  }
  const shown = printableFields(found);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const lines = shown.map(
    ({ name, mutation }) => `  ${name.padEnd(width)}  ${mutation ? "mutation" : "read"}`,
  );
  printLines(context, [`graph.${graph}: ${count(found.length, "query", "queries")}`, ...lines]);
  return 0;
}
