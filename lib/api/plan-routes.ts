/** Plans and applies: ordered here, worked on elsewhere. */
import { z } from "@hono/zod-openapi";
import { authorsOf } from "../access/authors.ts";
import { storedPlan } from "../apply/planning/plan-store.ts";
import { isUlid, type PlanId } from "../digest/ids.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { reviewedDigest } from "../plan/reviewed-digest.ts";
import type { ClusterExchange } from "./api.ts";
import { unbegun } from "./begun-cluster.ts";
import { digestShape, gitShape, graphShape, targetsShape } from "./body-shapes.ts";
import { planShape, runShape } from "./document-shapes.ts";
import { taggedAnswer } from "./json-answer.ts";
import { orderAnswer, orderedBefore } from "./order-answer.ts";
import { hiddenCluster, MAY_APPLY, permit } from "./permit.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";
import { withoutRowKeys } from "./without-row-keys.ts";

const ordered = { 202: { description: "The run; GET it to see how far it is", shape: runShape } };

const plan = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/plans",
    operation: "orderPlan",
    summary: "Orders a plan of a kept config folder",
    body: z.strictObject({
      bundle_digest: digestShape,
      targets: targetsShape,
      purge: graphShape.nullish(),
      git: gitShape,
    }),
    answers: ordered,
  },
  "cluster_plan",
  async (exchange, { body }) => {
    const { bundle_digest, targets = null, purge = null, git = null } = body;
    const absent = await unbegun(exchange);
    return absent ?? orderAnswer(exchange, { kind: "plan", bundle_digest, targets, purge }, git);
  },
);

const show = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/plans/{plan}",
    operation: "getPlan",
    summary: "A stored plan",
    answers: { 200: { description: "The plan, with an ETag", shape: planShape } },
  },
  "cluster_plan",
  async (exchange) => {
    const found = await planIn(exchange);
    if ("status" in found) return found;
    return taggedAnswer(exchange.request, await withoutRowKeys(exchange, found));
  },
);

async function planIn({ ports, params }: ClusterExchange): Promise<PlanDocument | Refusal> {
  const id = params["plan"] ?? "";
  if (!isUlid(id)) return refusal(404, "plan_not_found", id, `No plan is stored under the id "${id}".`);
  const stored = await storedPlan(ports, id as PlanId);
  return stored.tag === "invalid" ? refusalOf(stored.diagnostics) : stored.plan;
}

const allow = { allow_mass_delete: z.boolean().default(false) };

const applyPlan = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/plans/{plan}/apply",
    operation: "applyPlan",
    summary: "Orders the apply of exactly this plan; policy is asked again when it runs",
    body: z.strictObject({ ...allow, plan_digest: digestShape.nullish() }),
    answers: ordered,
  },
  null,
  async (exchange, { body }) => {
    const found = await planIn(exchange);
    if ("status" in found) return (await hiddenCluster(exchange)) ?? found;
    const authors = await authorsOf(exchange.ports, found, null);
    const denied = await permit(exchange, { kind: "apply", plan: found, ledger: null, authors });
    const { plan_digest = null, allow_mass_delete } = body;
    const ask = { kind: "apply_plan", plan_id: found.plan_id, allow_mass_delete } as const;
    if (denied !== null) return orderedBefore(exchange, denied, ask);
    if (plan_digest !== null && plan_digest !== reviewedDigest(found)) return alteredPlan(found);
    return orderAnswer(exchange, ask);
  },
);

/** What somebody has read is not what would run. */
function alteredPlan({ plan_id }: PlanDocument): Refusal {
  const message = `The plan that was sent is not the plan ${plan_id} that is stored.`;
  return refusal(409, "plan_altered", plan_id, message);
}

/**
 * What it will change is known only when it runs, and then policy is asked about that. Whoever may not even apply
 * nothing is told at once.
 */
const apply = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/applies",
    operation: "orderApply",
    summary: "Orders an apply of what no approval gates; policy is asked again when it runs",
    body: z.strictObject({ bundle_digest: digestShape, targets: targetsShape, git: gitShape, ...allow }),
    answers: ordered,
  },
  null,
  async (exchange, { body }) => {
    const denied = await permit(exchange, MAY_APPLY);
    const { bundle_digest, targets = null, git = null, allow_mass_delete } = body;
    const ask = { kind: "apply", bundle_digest, targets, allow_mass_delete } as const;
    if (denied !== null) return orderedBefore(exchange, denied, ask, git);
    return (await unbegun(exchange)) ?? orderAnswer(exchange, ask, git);
  },
);

export const PLAN_ROUTES: readonly ApiRoute[] = [plan, show, applyPlan, apply];
