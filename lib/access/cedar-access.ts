/**
 * CedarAccess: decisions by the policies of the applied revision (spec/policy 5.1, 5.7).
 *
 *   1. read what is applied, and the bundle that is bound to what is asked about
 *   2. gather the facts that the policy may look at, from records and never from the request
 *   3. let Cedar decide; as long as no bundle of the cluster says anything about its control plane, the bootstrap
 *      principal alone may begin
 *   4. record the decision, then answer
 *
 * Guarantees: default deny. What cannot be read or evaluated is `failed` and never an answer. An allowed apply, approval,
 * operation, forced unlock or export that cannot be recorded is `failed`; a denial stays a denial. A caller whom no policy
 * of the cluster knows is denied as `masked`.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import { rulesControlPlane } from "../policy/control.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type {
  AccessDecision,
  AccessOccasion,
  AccessRequest,
  ApprovalAccess,
  QueryCatalog,
} from "./access.ts";
import { type AppliedRead, readApplied } from "./applied-policy.ts";
import { type AuditedDecision, writeAudit } from "./audit.ts";
import { bootstrapDecision } from "./bootstrap.ts";
import type { Caller } from "./caller.ts";
import { awaitedBy, controlAction, decideControl } from "./control-decision.ts";
import { demandsApproval } from "./demanded-approvals.ts";
import { graphDecision } from "./graph-decision.ts";
import { type AccessSettings, type Asked, type Judged, undecided } from "./judged.ts";
import { listQueries } from "./list-queries.ts";
import { createPolicyShelf } from "./policy-shelf.ts";

/** `records`: where decisions about clusters are recorded that do not exist yet. */
export function createAccess(settings: AccessSettings, records: ObjectStore): ApprovalAccess {
  const shelf = createPolicyShelf();
  return {
    async decide(ports, caller, request, occasion) {
      const applied = await readApplied(ports, request.kind === "apply" ? request.ledger : null);
      const judged = await judge({ settings, shelf, ports, caller }, applied, request);
      const told = { action: actionOf(request), resource: `${ports.root}${fragmentOf(request)}` };
      return recorded({ ports, caller, records, applied, occasion }, told, judged, mustBeRecorded(request));
    },
    async awaited(ports, caller, request) {
      const applied = await readApplied(ports, request.ledger);
      if (applied.tag === "failed") return applied;
      const bound = applied.tag === "nothing" ? null : await shelf.control(ports, applied);
      if (bound?.tag === "failed") return bound;
      if (applied.tag !== "applied" || bound?.tag !== "engine") return { tag: "awaited", addresses: [] };
      return awaitedBy({ ports, caller }, applied.ledger, bound, request);
    },
    async demandsApproval(ports, change) {
      const applied = await readApplied(ports, null);
      if (applied.tag === "failed") return applied;
      const bound = applied.tag === "nothing" ? null : await shelf.control(ports, applied);
      if (bound?.tag === "failed") return bound;
      const demanded = bound?.tag === "engine" && demandsApproval(bound.bundle, change);
      return { tag: demanded ? "demanded" : "free" };
    },
    async queries(ports, caller, graph, occasion) {
      const applied = await readApplied(ports, null);
      const listed = await listQueries({ settings, shelf, ports, caller }, applied, graph);
      const told = { action: "list_query", resource: `${ports.root}#graph.${graph}` };
      const judged = { ...listed, decision: decisionOf(listed.catalog, graph) };
      const decision = await recorded({ ports, caller, records, applied, occasion }, told, judged, false);
      return decision.tag === "failed" ? decision : listed.catalog;
    },
  };
}

async function judge(asked: Asked, applied: AppliedRead, request: AccessRequest): Promise<Judged> {
  if (applied.tag === "failed") return undecided(applied.reason);
  if (request.kind === "graph") return graphDecision(asked, applied, request);
  const { shelf, ports } = asked;
  const bound = applied.tag === "nothing" ? null : await shelf.control(ports, applied);
  if (bound?.tag === "failed") return undecided(bound.reason);
  const silent = bound === null || bound.tag === "unbound" || !rulesControlPlane(bound.bundle);
  if (silent) return bootstrapDecision(asked, request);
  return decideControl(asked, applied.tag === "applied" ? applied.ledger : null, bound, request);
}

function actionOf(request: AccessRequest): string {
  return request.kind === "graph" ? request.action : controlAction(request);
}

function fragmentOf(request: AccessRequest): string {
  switch (request.kind) {
    case "control":
    case "force":
      return "";
    case "operate":
      return `#${request.changes.graphs.map((graph) => `graph.${graph}`).join(",")}`;
    case "apply":
      return `#plan.${request.plan.plan_id}`;
    case "approve":
      return `#${request.address}`;
    case "unprotect":
    case "graph":
      return `#graph.${request.graph}`;
    default:
      return assertNever(request);
  }
}

/** What changes the cluster, and what takes all rows of a graph out of it. */
function mustBeRecorded(request: AccessRequest): boolean {
  if (request.kind === "graph") return request.action === "export";
  return request.kind !== "control";
}

function decisionOf(catalog: QueryCatalog, graph: GraphId): AccessDecision {
  switch (catalog.tag) {
    case "listed": {
      return { tag: "allowed", rules: [] };
    }
    case "hidden":
      return { tag: "denied", message: `graph.${graph} is hidden`, rules: [], masked: true };
    case "failed":
      return catalog;
    default:
      return assertNever(catalog);
  }
}

interface Recording {
  readonly ports: ClusterPorts;
  readonly caller: Caller;
  readonly records: ObjectStore;
  readonly applied: AppliedRead;
  readonly occasion: AccessOccasion | undefined;
}

async function recorded(
  { ports, caller, records, applied, occasion }: Recording,
  told: Pick<AuditedDecision, "action" | "resource">,
  { decision, policy_digest, context }: Judged,
  needed: boolean,
): Promise<AccessDecision> {
  const message = messageOf(decision);
  const written = await writeAudit(ports, applied.tag === "nothing" ? records : ports.store, caller, {
    ...told,
    decision: decision.tag,
    message,
    rules: "rules" in decision ? decision.rules : [],
    policy_digest,
    state_revision: applied.tag === "applied" ? applied.revision : null,
    request_id: occasion?.request_id ?? null,
    context,
  });
  if (written.tag === "written") return decision;
  ports.log.warn({ event: "access.unrecorded", action: told.action, reason: written.reason });
  if (decision.tag !== "allowed" || !needed) return decision;
  return { tag: "failed", reason: `the decision could not be recorded: ${written.reason}` };
}

function messageOf(decision: AccessDecision): string {
  switch (decision.tag) {
    case "allowed":
      return "";
    case "denied":
      return decision.message;
    case "failed":
      return decision.reason;
    default:
      return assertNever(decision);
  }
}
