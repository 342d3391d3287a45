/** Rows of a graph of a deployment: a file that is uploaded and then loaded there, and an export as it comes. */
import { createReadStream } from "node:fs";
import type { LoadRunOutput } from "../../lib/apply/load-graph.ts";
import type { ApiClient } from "../../lib/client/api-client.ts";
import type { ExportRunOutput } from "../../lib/worker/run-output.ts";
import { transferProgress } from "../verbs/transfer-progress.ts";
import { type ApiContext, given, withClient } from "./api-cluster.ts";
import { answerOf, endOf, runEnd, TO_THE_END } from "./api-runs.ts";
import {
  type Answered,
  answered,
  type ExportedRows,
  type ExportRequest,
  type LoadRequest,
  unanswered,
} from "./cluster.ts";
import { localizedUpload } from "./localized.ts";

const GRAPH_VERSION_HEADER = "x-graph-version";
const ROWS_CONTENT_TYPE = "application/x-ndjson";

export async function loadApi(asked: ApiContext, request: LoadRequest): Promise<Answered<LoadRunOutput>> {
  return withClient(asked, async (client) => {
    const { graph, mode, file, file_bytes } = request;
    const ticket = await client.ticket({ purpose: "load", graph });
    if (ticket.tag === "failed") return unanswered(ticket.diagnostics);
    const progress = transferProgress(asked.context, file_bytes);
    const put = await client.put(ticket.value, {
      bytes: file_bytes,
      open: () => progress.shown(createReadStream(file)),
    });
    progress.stop();
    if (put.tag === "failed") return unanswered(put.diagnostics);
    const { upload_id } = ticket.value;
    const ordered = await client.order(`graphs/${graph}/loads`, { upload_id, mode });
    const shown: Pick<ApiClient, "run"> = {
      run: (id, wait, abort) => client.loadOf(graph, id, wait, abort),
    };
    const loaded = await endOf<LoadRunOutput>(asked, shown, ordered, TO_THE_END);
    return loaded.tag === "answered" ? answered(localizedUpload(loaded.output, upload_id, file)) : loaded;
  });
}

/**
 * As the answer of one request where that is long enough, which a server on this machine always is. A gateway passes on
 * a few megabytes; then a run of the deployment writes the rows into a file, and they come from there.
 */
export async function exportApi(asked: ApiContext, request: ExportRequest): Promise<Answered<ExportedRows>> {
  return withClient(asked, async (client) => {
    const { graph, version, edge_ids } = request;
    const query = { at: version, edge_ids: edge_ids ? true : undefined };
    const called = await client.stream(`graphs/${graph}/export`, query, ROWS_CONTENT_TYPE);
    if (called.tag === "called") {
      const { headers, body } = called.value;
      return answered({
        version: Number(headers[GRAPH_VERSION_HEADER] ?? Number.NaN),
        lines: linesOf(body),
      });
    }
    const isTooLong = called.diagnostics.some((each) => each.code === "api_answer_too_large");
    return isTooLong ? exportFile(asked, client, request) : unanswered(called.diagnostics);
  });
}

async function exportFile(
  asked: ApiContext,
  client: ApiClient,
  { graph, version, edge_ids }: ExportRequest,
): Promise<Answered<ExportedRows>> {
  const ordered = await client.order(`graphs/${graph}/exports`, { edge_ids, ...given({ at: version }) });
  const shown: Pick<ApiClient, "run"> = {
    run: (id, wait, abort) => client.exportOf(graph, id, wait, abort),
  };
  const ended = await runEnd(asked, shown, ordered, TO_THE_END);
  if (ended.tag !== "answered") return ended;
  const exported = answerOf<ExportRunOutput>(asked, ended.output);
  if (exported.tag !== "answered") return exported;
  const link = await client.exportLink(graph, ended.output.run.run_id);
  if (link.tag === "failed") return unanswered(link.diagnostics);
  const rows = await client.download(link.value);
  if (rows.tag === "failed") return unanswered(rows.diagnostics);
  const { bytes, manifest_version } = exported.output;
  const progress = transferProgress(asked.context, bytes);
  const whole = linesOf(progress.shown(complete(rows.value.body, bytes)));
  return answered({ version: manifest_version, lines: ending(whole, progress.stop) });
}

/** What ends early must not look as if it were all. */
async function* complete(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.byteLength;
    yield chunk;
  }
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes came from the deployment`);
}

async function* ending(lines: AsyncIterable<string>, stop: () => void): AsyncIterable<string> {
  try {
    yield* lines;
  } finally {
    stop();
  }
}

/** The lines of a text that comes in pieces; the last one ends with the text. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
