/** Who changed what, when: the receipts of the ledger, newest first. */
import { z } from "@hono/zod-openapi";
import { assertNever } from "../digest/assert.ts";
import { type CommitIdentity, decodeHead, encodeHead } from "../ledger/head.ts";
import { encodeReceipt } from "../ledger/receipt.ts";
import { newestCommit, readRevision, revisionUnknown } from "../observe/read-history.ts";
import { wholeHistory } from "../observe/whole-history.ts";
import type { ClusterExchange } from "./api.ts";
import { receiptShape } from "./document-shapes.ts";
import { jsonAnswer, taggedText } from "./json-answer.ts";
import { pageOf, pageQuery, pageShape, pageStart } from "./page.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

const historyShape = pageShape(receiptShape).extend({
  gaps: z.array(z.looseObject({ at: z.looseObject({ revision: z.int() }), lost: z.boolean() })),
});

const history = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/history",
    operation: "listHistory",
    summary: "The receipts of the revisions, newest first, and what is lost of them",
    query: pageQuery,
    answers: { 200: { description: "Receipts without what the whole ledger was", shape: historyShape } },
  },
  "cluster_read_history",
  async (exchange, { query }) => {
    const start = await pageStart(exchange, query.page);
    if (start.tag === "refused") return start.refusal;
    const from = start.after === null ? await newest(exchange) : identityIn(start.after);
    if (from === null) return jsonAnswer({ items: [], next: null, gaps: [] });
    if ("status" in from) return from;
    const found = await wholeHistory(exchange.ports, from, query.limit);
    if (found.tag === "unavailable") return unavailable(found.reason);
    const page = await pageOf(exchange, found.commits, found.limit === null ? null : textOf(found.limit));
    return "status" in page ? page : jsonAnswer({ ...page, gaps: found.gaps });
  },
);

/** A commit as a page token names it. */
function textOf(identity: CommitIdentity): string {
  return `${identity.revision} ${Buffer.from(encodeHead(identity)).toString("utf8")}`;
}

function identityIn(text: string): CommitIdentity | Refusal {
  const at = text.indexOf(" ");
  const found = decodeHead(Number(text.slice(0, at)), Buffer.from(text.slice(at + 1), "utf8"));
  return found ?? refusal(422, "api_page_invalid", "query.page", "The page token names no revision.");
}

/** The commit that the history begins with; null: there is none yet. */
async function newest({ ports }: ClusterExchange): Promise<CommitIdentity | Refusal | null> {
  const found = await newestCommit(ports);
  if (found.tag === "refused") return refusalOf(found.diagnostics);
  return found.tag === "none" ? null : found.identity;
}

const revision = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/history/{revision}",
    operation: "getRevision",
    summary: "The receipt of one revision, whole",
    answers: { 200: { description: "The receipt as it is stored, with an ETag", shape: receiptShape } },
  },
  "cluster_read_history",
  async ({ params, ports, request }) => {
    const text = params["revision"] ?? "";
    const read = await readRevision(ports, /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : 0);
    switch (read.tag) {
      case "unknown":
        return { status: 404, diagnostics: [revisionUnknown(text)] };
      case "refused":
        return refusalOf(read.diagnostics);
      case "receipt":
        return taggedText(request, Buffer.from(encodeReceipt(read.receipt)).toString("utf8"));
      case "absent":
        return refusal(404, "state_receipt_missing", text, `The receipt of revision ${text} is lost.`);
      case "damaged":
        return refusal(
          409,
          "state_receipt_invalid",
          text,
          `The receipt of revision ${text}: ${read.problem}.`,
        );
      case "unavailable":
        return unavailable(read.reason);
      default:
        return assertNever(read);
    }
  },
);

function unavailable(reason: string): Refusal {
  return refusal(503, "api_unavailable", "history", `The history could not be read: ${reason}.`);
}

export const HISTORY_ROUTES: readonly ApiRoute[] = [history, revision];
