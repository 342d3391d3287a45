/** Approving in a few words: a cluster with a graph to delete, the commands, and what apply would find. */
import { expect } from "vitest";
import {
  type FoundApprovals,
  findApprovals,
  type GatedChange,
} from "../../lib/apply/approvals/find-approvals.ts";
import { findGraphs } from "../../lib/apply/planning/find-graphs.ts";
import { decodeArtifact } from "../../lib/approval/artifact.ts";
import { decodeEvidence, type Evidence } from "../../lib/approval/evidence.ts";
import { parseAddress } from "../../lib/desired/address.ts";
import type { ApprovalId } from "../../lib/digest/ids.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { type ApproveCommand, type ApprovedChange, approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { diffResources } from "../../lib/plan/diff.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { type Client, type Config, codesOf, desiredFrom, planned, type World } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";

export const BEFORE: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
/** Without the shop. */
export const AFTER: ClusterFiles = { graphs: { people: { schema: PERSON } } };
export const SHOP = "graph.shop";

export function approve(
  client: Client,
  plan: PlanDocument,
  overrides: Partial<ApproveCommand> = {},
): Promise<ApprovedChange> {
  return approveChange(client.ports, {
    config_dir: "demo",
    resource: SHOP,
    plan_id: plan.plan_id,
    actor: "dana",
    data_loss: false,
    tolerance: 0,
    lifetime_ms: APPROVAL_LIFETIME_MS,
    reason: null,
    ...overrides,
  });
}

/** Plans `config` as ana, stores the plan, and has dana approve it. */
export async function approved(
  client: Client,
  config: Config = AFTER,
  overrides: Partial<ApproveCommand> = {},
): Promise<Evidence> {
  const plan = await planned(client, config, true);
  const { output, evidence } = await approve(client, plan, overrides);
  expect(codesOf(output)).toEqual([]);
  if (evidence === null) throw new Error("nothing was approved");
  return evidence;
}

/** What apply would find for the graphs that `config` deletes. */
export async function found(
  client: Client,
  config: Config = AFTER,
  submitter: string | null = "ana",
): Promise<FoundApprovals> {
  const desired = desiredFrom(config);
  const reading = await readLedger(client.ports, { repair: false });
  const ledger = reading.tag === "ready" ? reading : null;
  const state = ledger?.state ?? null;
  const changes = diffResources(desired, state);
  const { graphs } = await findGraphs(client.ports.engine, changes, desired, state);
  const gated = changes.flatMap((change): readonly GatedChange[] => {
    const address = parseAddress(change.resource);
    if (address?.kind !== "graph" || change.operation !== "delete") return [];
    const { resource, before_digest = null, after_digest = null } = change;
    return [{ resource, operation: "delete", before_digest, after_digest, graph: address.graph }];
  });
  return findApprovals(client.ports, {
    gated,
    config_digest: desired.config_digest ?? "",
    graphs,
    ledger,
    submitter,
  });
}

/** The ids of the approvals that open a gate, by address. */
export function usableIds({ usable }: FoundApprovals): Readonly<Record<string, string>> {
  return Object.fromEntries([...usable].map(([address, { evidence }]) => [address, evidence.approval_id]));
}

/** Why the approvals of the shop do not count. */
export function unusableTexts({ unusable }: FoundApprovals): readonly string[] {
  return [...unusable].flatMap(([, texts]) => texts);
}

export function storedEvidence(world: World, id: ApprovalId): Evidence {
  const decoded = decodeEvidence(world.objects.objects.get(evidenceKey(id)) ?? new Uint8Array());
  if (decoded.tag === "invalid") throw new Error(decoded.detail);
  return decoded.evidence;
}

export function storedArtifact(world: World, id: ApprovalId) {
  const decoded = decodeArtifact(world.objects.objects.get(approvalKey(id)) ?? new Uint8Array());
  if (decoded.tag !== "decoded") throw new Error(decoded.tag);
  return decoded.artifact;
}
