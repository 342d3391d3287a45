/** What every route asks of policy before it answers, and what it says to whom it must not tell that anything is there. */
import { describe, expect, test } from "vitest";
import type { AccessDecision, AccessRequest, ApprovalAccess } from "../../lib/access/access.ts";
import { identifyGateway } from "../../lib/access/identity.ts";
import { API_ROUTES, createApi } from "../../lib/api/create-api.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { importCluster } from "../apply/cluster.ts";
import { GATEWAYS, person, SETTINGS, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { configOf } from "./policies.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const DIGEST = "a".repeat(64);
const DENIED: AccessDecision = { tag: "denied", message: "no rule", rules: [], masked: false };
const MASKED: AccessDecision = { ...DENIED, masked: true };
const ALLOWED: AccessDecision = { tag: "allowed", rules: [] };

interface Scripted extends TestDeployment {
  readonly asked: AccessRequest[];
}

/** A deployment whose policy answers everything alike. */
function scripted(decision: AccessDecision, more: Partial<ApprovalAccess> = {}): Scripted {
  const made = testDeployment();
  const asked: AccessRequest[] = [];
  const access: ApprovalAccess = {
    decide(_ports, _caller, request) {
      asked.push(request);
      return Promise.resolve(decision);
    },
    queries: () => Promise.resolve({ tag: "hidden" }),
    awaited: () => Promise.resolve({ tag: "awaited", addresses: [] }),
    demandsApproval: () => Promise.resolve({ tag: "free" }),
    ...more,
  };
  const app = createApi({
    deployment: made.deployment,
    access,
    identify: (origin) => Promise.resolve(identifyGateway(origin, GATEWAYS, SETTINGS)),
  });
  return { ...made, app, asked };
}

const control = (action: string) => ({ kind: "control", action });
const operate = (operation: string, max_tier: string) => ({
  kind: "operate",
  changes: { operations: [operation], max_tier, kinds: ["graph"], graphs: ["people"] },
});
const MAY_APPLY = {
  kind: "operate",
  changes: { kinds: [], operations: [], graphs: [], max_tier: "display_only" },
};
const MAY_FORCE = { kind: "force", lock_id: null };

/** By operation: what is asked first, and a body that the route understands. Of what is not there, who may look. */
const ASKS: Readonly<Record<string, readonly [object, object?]>> = {
  getStatus: [control("cluster_read_status")],
  getLedger: [control("cluster_read_status")],
  checkCluster: [control("cluster_read_status")],
  getServingSnapshot: [control("cluster_read_status")],
  listHistory: [control("cluster_read_history")],
  getRevision: [control("cluster_read_history")],
  keepBundle: [control("cluster_plan")],
  validateBundle: [control("cluster_validate"), { bundle_digest: DIGEST }],
  createUpload: [
    { kind: "graph", action: "change", graph: "people" },
    { purpose: "load", graph: "people" },
  ],
  orderPlan: [control("cluster_plan"), { bundle_digest: DIGEST }],
  getPlan: [control("cluster_plan")],
  applyPlan: [control("cluster_read_status"), {}],
  orderApply: [MAY_APPLY, { bundle_digest: DIGEST }],
  orderImport: [control("cluster_import"), {}],
  orderRefresh: [control("cluster_refresh"), {}],
  orderRecovery: [control("cluster_refresh"), {}],
  orderLoad: [
    { kind: "graph", action: "change", graph: "people" },
    { upload_id: ID, mode: "append" },
  ],
  getLoad: [{ kind: "graph", action: "change", graph: "people" }],
  listRuns: [control("cluster_read_status")],
  getRun: [control("cluster_read_status")],
  cancelRun: [control("cluster_read_status"), {}],
  listApprovals: [control("cluster_read_status")],
  getApproval: [control("cluster_read_status")],
  approveChange: [control("cluster_read_status"), { address: "graph.people", plan_id: ID }],
  revokeApproval: [control("cluster_read_status"), {}],
  restoreGraph: [operate("create", "catalog"), {}],
  protectGraph: [operate("update", "catalog"), {}],
  unprotectGraph: [{ kind: "unprotect", graph: "people" }, {}],
  exportGraph: [{ kind: "graph", action: "export", graph: "people" }],
  orderExport: [{ kind: "graph", action: "export", graph: "people" }, {}],
  getExport: [{ kind: "graph", action: "export", graph: "people" }],
  keepUploadedBundle: [control("cluster_plan"), {}],
  reclaimGraphs: [control("cluster_refresh"), {}],
  discardRecovery: [MAY_FORCE, { reason: "why" }],
  forceUnlock: [
    { kind: "force", lock_id: ID },
    { lock_id: ID, reason: "why" },
  ],
  unblockCluster: [MAY_FORCE, { reason: "why" }],
};

/** Routes that ask no single question: the catalog is filtered, the rest is about nobody's cluster. */
const OTHERS = ["getHealth", "getCaller", "listClusters", "listQueries"];
const ROUTES = API_ROUTES.map(({ config }) => ({
  operation: config.operationId ?? "",
  method: config.method === "get" ? ("GET" as const) : ("POST" as const),
  path: config.path
    .replace("/v1", "")
    .replace("{cluster}", "brain")
    .replace("{graph}", "people")
    .replace("{revision}", "1")
    .replace(/\{[a-z]+\}/, ID),
}));
const CLUSTER_ROUTES = ROUTES.filter(({ operation }) => !OTHERS.includes(operation));

function sending(operation: string) {
  const body = ASKS[operation]?.[1];
  return body === undefined ? {} : { body };
}

describe("each route about a cluster", () => {
  test("is in the list below", () => {
    expect(CLUSTER_ROUTES.map(({ operation }) => operation).sort()).toEqual(Object.keys(ASKS).sort());
  });

  test.each(CLUSTER_ROUTES)(
    "asks first what $operation needs, and does nothing against a no",
    async (route) => {
      const made = scripted(DENIED);
      const answer = await send(made, person("eve"), route.method, route.path, sending(route.operation));

      expect(made.asked[0]).toEqual(ASKS[route.operation]?.[0]);
      expect([403, 404]).toContain(answer.status);
      expect(made.client("brain").world.objects.objects.size).toBe(0);
      expect(made.records.objects.size).toBe(0);
    },
  );

  test.each(CLUSTER_ROUTES)("answers a stranger at $operation as if nothing were there", async (route) => {
    const made = scripted(MASKED);
    const answer = await send(made, person("agent"), route.method, route.path, sending(route.operation));

    expect(answer.body).toMatchObject({ status: 404, code: "api_not_found" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test.each(CLUSTER_ROUTES)(
    "of a name that the deployment leaves out asks nothing: $operation",
    async (route) => {
      const made = scripted(ALLOWED);
      Object.assign(made.deployment.settings, { clusters: ["other" as ClusterName] });
      await importCluster(made.client("brain"), configOf());
      const answer = await send(made, person("eve"), route.method, route.path, sending(route.operation));

      expect(answer.body).toMatchObject({ status: 404, code: "api_not_found" });
      expect(made.asked).toEqual([]);
      const listed = await send(made, person("eve"), "GET", "/clusters");
      expect(listed.body).toMatchObject({ items: [] });
    },
  );
});

describe("an answer that a caller may keep", () => {
  test("is kept by that caller alone, and asked about each time", async () => {
    const made = scripted(ALLOWED);
    await importCluster(made.client("brain"), configOf());
    const kept = await send(made, person("eve"), "GET", "/clusters/brain/status");
    const other = await send(made, person("eve"), "GET", "/clusters/brain/history");

    expect(kept.headers.get("cache-control")).toBe("private, no-cache");
    expect(other.headers.get("cache-control")).toBe("no-store");
  });
});

describe("a link for rows", () => {
  test("is good for the graph that it was given for, and for no other that its owner may change", async () => {
    const made = scripted(ALLOWED);
    const body = { purpose: "load", graph: "people" };
    const given = await send(made, person("lou"), "POST", "/clusters/brain/uploads", { body });
    const { upload_id } = given.body as { upload_id: string };
    const load = (graph: string) =>
      send(made, person("lou"), "POST", `/clusters/brain/graphs/${graph}/loads`, {
        body: { upload_id, mode: "append" },
      });

    expect((await load("shop")).body).toMatchObject({ status: 404, code: "upload_not_found" });
    expect((await load("people")).status).toBe(202);
  });
});

describe("an approval whose record is damaged", () => {
  test("is taken back only by who may force what no program can judge", async () => {
    const made = scripted(DENIED);
    const { objects } = made.client("brain").world;
    objects.objects.set(`__graphform/approvals/${ID}.json`, Buffer.from("{}"));
    const path = `/clusters/brain/approvals/${ID}/revoke`;
    const answer = await send(made, person("carol"), "POST", path, { body: {} });

    expect(made.asked.at(-1)).toEqual(MAY_FORCE);
    expect(answer.status).toBe(403);
  });
});

describe("a request with a key", () => {
  const sent = { body: { reason: "audit" }, headers: { "idempotency-key": "k" } };

  test("does nothing while it cannot be told whether it was done before", async () => {
    const made = scripted(ALLOWED);
    await importCluster(made.client("brain"), configOf());
    const before = made.client("brain").world.objects.objects.size;
    const putIfAbsent = () => Promise.resolve({ tag: "unavailable", reason: "down" } as const);
    Object.assign(made.deployment.records, { putIfAbsent });
    const answer = await send(made, person("dan"), "POST", "/clusters/brain/graphs/people/protect", sent);

    expect(answer.body).toMatchObject({ status: 503, code: "api_unavailable" });
    expect(made.client("brain").world.objects.objects.size).toBe(before);
  });

  test("is never answered with what another route did under that key", async () => {
    const made = scripted(ALLOWED);
    const reason = { body: { reason: "audit" }, headers: { "idempotency-key": "k" } };
    await importCluster(made.client("brain"), configOf());
    const first = await send(made, person("dan"), "POST", "/clusters/brain/unblock", reason);
    const keyed = [...made.records.objects].filter(([key]) => key.startsWith("requests/"));
    const other = await send(made, person("dan"), "POST", `/clusters/brain/recoveries/${ID}/discard`, reason);

    expect([first.status, keyed.length]).not.toContain(500);
    expect(other.body).toMatchObject({ status: 409, code: "api_key_reused" });
  });
});
