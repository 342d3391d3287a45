/** The stored queries of a graph that policy lets the caller see (spec/policy 5.3): hidden looks exactly like missing. */
import { assertNever } from "../digest/assert.ts";
import { parseGraphId } from "../digest/ids.ts";
import { queryShape } from "./document-shapes.ts";
import { taggedAnswer } from "./json-answer.ts";
import { pageOf, pageQuery, pageShape, pageStart, sliceAfter } from "./page.ts";
import { missingGraph, undecided } from "./permit.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";

const queries = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/graphs/{graph}/queries",
    operation: "listQueries",
    summary: "The stored queries that the caller may see",
    query: pageQuery,
    answers: { 200: { description: "By name, with an ETag", shape: pageShape(queryShape) } },
  },
  null,
  async (exchange, { query }) => {
    const { api, ports, caller, request, request_id } = exchange;
    const name = exchange.params["graph"] ?? "";
    const graph = parseGraphId(name);
    if (graph === null) return missingGraph(exchange, name);
    const catalog = await api.access.queries(ports, caller, graph, { request_id });
    switch (catalog.tag) {
      case "hidden":
        return missingGraph(exchange, name);
      case "failed":
        return undecided(exchange, catalog.reason);
      case "listed": {
        // Not before: that a token is wrong is for those who may know that there is a list.
        const start = await pageStart(exchange, query.page);
        if (start.tag === "refused") return start.refusal;
        const slice = sliceAfter(catalog.queries, (each) => each.name, start.after, query.limit);
        const page = await pageOf(exchange, slice.items, slice.after);
        return "status" in page ? page : taggedAnswer(request, page);
      }
      default:
        return assertNever(catalog);
    }
  },
);

export const QUERY_ROUTES: readonly ApiRoute[] = [queries];
