/** Rows of a graph of a deployment: a file that is uploaded and then loaded there, and an export as it comes. */
import { createReadStream } from "node:fs";
import type { LoadRunOutput } from "../../lib/apply/load-graph.ts";
import { transferProgress } from "../verbs/transfer-progress.ts";
import { type ApiContext, withClient } from "./api-cluster.ts";
import { endOf, TO_THE_END } from "./api-runs.ts";
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
    const loaded = await endOf<LoadRunOutput>(asked, client, ordered, TO_THE_END);
    return loaded.tag === "answered" ? answered(localizedUpload(loaded.output, upload_id, file)) : loaded;
  });
}

export async function exportApi(asked: ApiContext, request: ExportRequest): Promise<Answered<ExportedRows>> {
  return withClient(asked, async (client) => {
    const { graph, version, edge_ids } = request;
    const query = { at: version, edge_ids: edge_ids ? true : undefined };
    const called = await client.stream(`graphs/${graph}/export`, query);
    if (called.tag === "failed") return unanswered(called.diagnostics);
    const { headers, body } = called.value;
    return answered({
      version: Number(headers[GRAPH_VERSION_HEADER] ?? Number.NaN),
      lines: linesOf(body),
    });
  });
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
