/** Health, who the caller is, and the clusters that they may read. */
import { z } from "@hono/zod-openapi";
import { BOOTSTRAP_RULE } from "../access/bootstrap.ts";
import { inWaves } from "../apply/wave.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { CallerExchange } from "./api.ts";
import { isBegun } from "./begun-cluster.ts";
import { callerShape, clusterShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { type Page, pageOf, pageQuery, pageShape, pageStart, sliceAfter } from "./page.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, callerRoute, openRoute } from "./route.ts";

const health = openRoute(
  {
    method: "get",
    path: "/v1/health",
    operation: "getHealth",
    summary: "Whether the API answers",
    answers: { 200: { description: "It does", shape: z.object({ ok: z.literal(true) }) } },
  },
  () => Promise.resolve(jsonAnswer({ ok: true })),
);

const whoami = callerRoute(
  {
    method: "get",
    path: "/v1/whoami",
    operation: "getCaller",
    summary: "Who the caller is to this deployment",
    answers: { 200: { description: "The caller", shape: callerShape } },
  },
  ({ caller: { actor, source, canonical, claim_groups, amr } }) =>
    Promise.resolve(jsonAnswer({ actor, source, canonical, groups: claim_groups, amr })),
);

const clusters = callerRoute(
  {
    method: "get",
    path: "/v1/clusters",
    operation: "listClusters",
    summary: "The clusters that the caller may read",
    query: pageQuery,
    answers: { 200: { description: "By name", shape: pageShape(clusterShape) } },
  },
  async (exchange, { query }) => {
    const { deployment } = exchange.api;
    const start = await pageStart(exchange, query.page);
    if (start.tag === "refused") return start.refusal;
    const listed = await deployment.clusters();
    if (listed.tag === "unavailable") {
      const message = `The clusters could not be listed: ${listed.reason}.`;
      return refusal(503, "api_unavailable", "clusters", message);
    }
    const allowed = deployment.settings.clusters;
    const names = listed.names.filter((name) => allowed?.includes(name) !== false).sort();
    const page = await readablePage(exchange, names, start.after, query.limit);
    return "items" in page ? jsonAnswer(page) : page;
  },
);

/** Asks for every cluster in turn until the page is full, so that no page says how many there are. */
async function readablePage(
  exchange: CallerExchange,
  names: readonly ClusterName[],
  after: string | null,
  itemsMax: number,
): Promise<Page<{ readonly cluster: ClusterName }> | Refusal> {
  const found: { readonly cluster: ClusterName }[] = [];
  let rest: readonly ClusterName[] = names.filter((name) => after === null || name > after);
  while (rest.length > 0 && found.length <= itemsMax) {
    const wave = rest.slice(0, 1 + itemsMax - found.length);
    rest = rest.slice(wave.length);
    const decisions = await inWaves(wave, (cluster) => mayRead(exchange, cluster));
    for (const [index, decision] of decisions.entries()) {
      if (decision) found.push({ cluster: wave[index]! });
    }
  }
  const page = sliceAfter(found, ({ cluster }) => cluster, null, itemsMax);
  return pageOf(exchange, page.items, page.after);
}

/** A cluster that nobody can decide about is left out, so that it does not hide all others. */
async function mayRead(exchange: CallerExchange, cluster: ClusterName): Promise<boolean> {
  const { api, caller, request_id } = exchange;
  const ports = api.deployment.open(cluster);
  const asked = { kind: "control", action: "cluster_read_status" } as const;
  const decision = await api.access.decide(ports, caller, asked, { request_id });
  if (decision.tag === "failed") {
    api.deployment.log.warn({ event: "access.undecided", cluster, request_id, reason: decision.reason });
  }
  if (decision.tag !== "allowed") return false;
  // Who may begin any cluster may read every name there is, also one that was never begun.
  return !decision.rules.includes(BOOTSTRAP_RULE) || isBegun(ports);
}

export const CLUSTER_ROUTES: readonly ApiRoute[] = [health, whoami, clusters];
