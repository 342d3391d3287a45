/** What an operator does to a whole cluster: reclaim, discard what no program can judge, end a holding of the lock. */
import { z } from "@hono/zod-openapi";
import { isUlid } from "../digest/ids.ts";
import { forceUnlock } from "../ledger/force-unlock.ts";
import { promptDrain } from "../worker/prompt.ts";
import { unblock } from "../worker/unblock.ts";
import { givenReasonShape, graphShape } from "./body-shapes.ts";
import { commandShape, operateShape } from "./document-shapes.ts";
import { operator } from "./graph-routes.ts";
import { leasedAnswer } from "./leased-answer.ts";
import { answeredBefore, once } from "./once.ts";
import { commandAnswer } from "./operate-answer.ts";
import { MAY_FORCE, permit } from "./permit.ts";
import { refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";

const operated = { 200: { description: "What was done", shape: operateShape } };

const reclaim = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/reclaim",
    operation: "reclaimGraphs",
    summary: "Takes the bytes of deleted graphs away whose grace period is over",
    body: z.strictObject({ graph: graphShape.nullish() }),
    answers: operated,
  },
  "cluster_refresh",
  (exchange, { body }) =>
    once(exchange, body, async () => {
      const command = { ...operator(exchange), graph: body.graph ?? null };
      const { reclaimGraphs } = await import("../operate/reclaim-graphs.ts");
      return leasedAnswer(exchange, reclaimGraphs(exchange.ports, command));
    }),
);

const discard = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/recoveries/{operation}/discard",
    operation: "discardRecovery",
    summary: "Ends an open operation that no program can judge",
    body: z.strictObject({ reason: givenReasonShape }),
    answers: operated,
  },
  MAY_FORCE,
  async (exchange, { body }) => {
    const operation_id = exchange.params["operation"] ?? "";
    if (!isUlid(operation_id)) {
      const message = `"${operation_id}" is not the id of an operation.`;
      return refusal(404, "recovery_sidecar_not_found", operation_id, message);
    }
    return once(exchange, body, async () => {
      const command = { ...operator(exchange), operation_id, reason: body.reason };
      const { discardIntent } = await import("../operate/discard-intent.ts");
      return leasedAnswer(exchange, discardIntent(exchange.ports, command));
    });
  },
);

const unlock = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/force-unlock",
    operation: "forceUnlock",
    summary:
      "Ends a holding of the lock by its exact id; policy is asked about the age and holder of that lock",
    body: z.strictObject({ lock_id: z.string().min(1).max(256), reason: givenReasonShape }),
    answers: { 200: { description: "What was removed", shape: commandShape.partial() } },
  },
  null,
  async (exchange, { body }) => {
    const denied = await permit(exchange, { kind: "force", lock_id: body.lock_id });
    if (denied !== null) return answeredBefore(exchange, denied, body);
    return once(exchange, body, async () => {
      const { api, caller, cluster, ports } = exchange;
      const output = await forceUnlock(ports, { ...body, actor: caller.actor });
      // Runs that found the lock held would else wait until their message comes again.
      if (output.ok) await promptDrain(api.deployment, cluster);
      return commandAnswer(output);
    });
  },
);

const unblocking = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/unblock",
    operation: "unblockCluster",
    summary: "Runs go on again after somebody has looked at what blocked them",
    body: z.strictObject({ reason: givenReasonShape }),
    answers: { 200: { description: "Who blocked and who unblocked it", shape: commandShape } },
  },
  MAY_FORCE,
  (exchange, { body }) =>
    once(exchange, body, async () => {
      const { api, caller, cluster } = exchange;
      const command = { actor: caller.actor, reason: body.reason };
      return commandAnswer(await unblock(api.deployment, cluster, command));
    }),
);

export const OPERATOR_ROUTES: readonly ApiRoute[] = [reclaim, discard, unlock, unblocking];
