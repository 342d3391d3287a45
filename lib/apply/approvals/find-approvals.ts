/**
 * Finds the approvals that open the gates of a plan (design 8, C1). Nothing is asked where nothing is gated. Evidence
 * and artifacts are read in waves; the graph's chain and the ledger's history are followed only for an approval that
 * would count otherwise.
 *
 * Of two that count the oldest is taken. What cannot be read opens no gate.
 */
import type { Evidence } from "../../approval/evidence.ts";
import {
  type Approval,
  artifactIsFor,
  type Flaw,
  flawsOf,
  flawText,
  type GatedChange,
  hasExpired,
  isFor,
  isSpent,
  lifeEndings,
  lifeFlaws,
  type MatchWorld,
  type SeenArtifact,
  useFlaws,
} from "../../approval/match.ts";
import type { Address } from "../../desired/address.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import type { ApprovalId, GraphId } from "../../digest/ids.ts";
import { APPROVALS_PREFIX } from "../../ledger/payload-key.ts";
import type { ReadyLedger } from "../../ledger/reading.ts";
import type { GraphFinding } from "../../plan/graph-finding.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { FLAWED_APPROVALS_MAX } from "../limits.ts";
import { inWaves } from "../wave.ts";
import { readEvidence, type StoredEvidence } from "./approval-store.ts";
import { lifeSince } from "./graph-life.ts";
import { pastUse } from "./past-use.ts";
import { readArtifacts } from "./read-artifacts.ts";

export type { GatedChange } from "../../approval/match.ts";

export type ApprovalPorts = Pick<ClusterPorts, "store" | "clock" | "engine" | "root">;

/** What was seen of a graph, as far as approvals depend on it. */
export type SeenHead = Pick<GraphFinding, "version" | "incarnation" | "rows_written">;

export interface ApprovalQuestion {
  readonly gated: readonly GatedChange[];
  readonly config_digest: string;
  /** What was seen of the graphs that the changes concern. */
  readonly graphs: ReadonlyMap<GraphId, SeenHead>;
  readonly ledger: ReadyLedger | null;
  /** Who made the plan that is to run. */
  readonly submitter: string | null;
}

export interface FoundApprovals {
  /** The approval that opens the gate of an address. */
  readonly usable: ReadonlyMap<Address, StoredEvidence>;
  /** Addresses for which an unspent approval of exactly this change exists, or may exist, and does not count, with why. */
  readonly unusable: ReadonlyMap<Address, readonly string[]>;
  /** `approval_unusable`, `approval_stale`, and what could not be read. */
  readonly diagnostics: readonly Diagnostic[];
}

const NOTHING_FOUND: FoundApprovals = { usable: new Map(), unusable: new Map(), diagnostics: [] };

export async function findApprovals(
  ports: ApprovalPorts,
  question: ApprovalQuestion,
): Promise<FoundApprovals> {
  const { gated, ledger } = question;
  if (gated.length === 0) return NOTHING_FOUND;
  const spent = new Set(Object.keys(ledger?.state.approval_records ?? {}));
  const [evidence, artifacts] = await Promise.all([readEvidence(ports, spent), readArtifacts(ports, spent)]);
  if (evidence.tag === "unavailable") return unreadable(gated, evidence.reason);
  if (artifacts.tag === "unavailable") return unreadable(gated, artifacts.reason);
  const damaged = new Set(evidence.unreadable);
  const shelf = { evidence: evidence.evidence, damaged, artifacts: artifacts.artifacts };
  const found = await Promise.all(gated.map((change) => findFor(ports, question, change, shelf)));
  return {
    usable: new Map(gated.flatMap(({ resource }, index) => entry(resource, found[index]!.usable))),
    unusable: new Map(gated.flatMap(({ resource }, index) => entry(resource, found[index]!.unusable))),
    diagnostics: [
      ...evidence.diagnostics,
      ...artifacts.diagnostics,
      ...found.flatMap((each) => each.diagnostics),
    ],
  };
}

function entry<Value>(resource: Address, value: Value | null): readonly (readonly [Address, Value])[] {
  return value === null ? [] : [[resource, value]];
}

export type CountingApprovals =
  /** For each change in the order of the question: all that count, oldest first. */
  | { readonly tag: "found"; readonly approvals: readonly (readonly Evidence[])[] }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Not only the one that would open each gate, but every approval that counts: for who demands more than one. */
export async function countingApprovals(
  ports: ApprovalPorts,
  question: ApprovalQuestion,
): Promise<CountingApprovals> {
  const spent = new Set(Object.keys(question.ledger?.state.approval_records ?? {}));
  const [evidence, artifacts] = await Promise.all([readEvidence(ports, spent), readArtifacts(ports, spent)]);
  if (evidence.tag === "unavailable") return evidence;
  if (artifacts.tag === "unavailable") return artifacts;
  const counting = async (change: GatedChange): Promise<readonly Evidence[]> => {
    const own = evidence.evidence.filter((each) => isFor(each.evidence, change, question.config_digest));
    const judged = await inWaves(own, async ({ evidence: each }) => {
      const artifact = artifacts.artifacts.get(each.approval_id) ?? ({ tag: "absent" } as const);
      return { each, flaws: await allFlaws(ports, question, { evidence: each, artifact }) };
    });
    return judged.flatMap(({ each, flaws }) => (flaws.length === 0 ? [each] : []));
  };
  return { tag: "found", approvals: await inWaves(question.gated, counting) };
}

/** A gate that only an approval closes is closed as well: the approval may be among those that were not read. */
function unreadable(gated: readonly GatedChange[], reason: string): FoundApprovals {
  const message = `The approvals could not be read, so no gate is open: ${reason}.`;
  const problem = diagnostic("approval_read_error", { path: APPROVALS_PREFIX.slice(0, -1), message });
  const unusable = new Map(gated.map(({ resource }) => [resource, [message]]));
  return { usable: new Map(), unusable, diagnostics: [problem] };
}

/** Everything that was read, oldest first. */
interface Shelf {
  readonly evidence: readonly StoredEvidence[];
  /** Ids of evidence that is there and cannot be read. */
  readonly damaged: ReadonlySet<string>;
  readonly artifacts: ReadonlyMap<ApprovalId, SeenArtifact>;
}

interface FoundFor {
  readonly usable: StoredEvidence | null;
  readonly unusable: readonly string[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function findFor(
  ports: ApprovalPorts,
  question: ApprovalQuestion,
  change: GatedChange,
  shelf: Shelf,
): Promise<FoundFor> {
  const flawed: (readonly string[])[] = [];
  for (const stored of shelf.evidence) {
    const { evidence } = stored;
    if (!isFor(evidence, change, question.config_digest)) continue;
    const artifact = shelf.artifacts.get(evidence.approval_id) ?? { tag: "absent" };
    const flaws = await allFlaws(ports, question, { evidence, artifact });
    if (flaws.length === 0) return { usable: stored, unusable: null, diagnostics: [] };
    if (!isSpent(flaws)) flawed.push(textsOf(evidence, flaws));
  }
  flawed.push(...orphans(change, question.config_digest, shelf));
  if (flawed.length === 0) {
    const diagnostics = staleApprovals(change, shelf, ports.clock.nowMs());
    return { usable: null, unusable: null, diagnostics };
  }
  const unusable = flawed.slice(-FLAWED_APPROVALS_MAX).flat();
  const facts = { path: change.resource, message: unusable.join(" ") };
  return { usable: null, unusable, diagnostics: [diagnostic("approval_unusable", facts)] };
}

/** What stands in the way of this approval of exactly this change; empty if it counts. */
async function allFlaws(
  ports: ApprovalPorts,
  question: ApprovalQuestion,
  approval: Approval,
): Promise<readonly Flaw[]> {
  const { approval_id, graph, manifest_version, operation, state_revision } = approval.evidence;
  const finding = graph === null ? undefined : question.graphs.get(graph);
  const world: MatchWorld = {
    now_ms: ports.clock.nowMs(),
    submitter: question.submitter,
    graph: finding ?? null,
  };
  const flaws = flawsOf(approval, world);
  if (flaws.length > 0) return flaws;
  const [life, use] = await Promise.all([
    graph === null
      ? ({ tag: "unbroken" } as const)
      : lifeSince(ports.engine, {
          graph,
          reviewed: manifest_version ?? 0,
          head: finding?.version ?? 0,
          endings: lifeEndings(operation),
        }),
    pastUse(ports, question.ledger, approval_id, state_revision),
  ]);
  return [...lifeFlaws(life), ...useFlaws(use)];
}

function textsOf({ approval_id, operation }: Evidence, flaws: readonly Flaw[]): readonly string[] {
  const texts = flaws.map((flaw) => flawText(approval_id, flaw));
  if (operation !== "data_loss") return texts;
  return [...texts, `To let the drops only hide: \`graphform approvals revoke ${approval_id}\`.`];
}

/**
 * Artifacts of exactly this change without evidence: they never count here (design 8). One of a schema change may have
 * asked for data loss if its evidence is there and damaged; so nothing is done in the milder way meanwhile.
 */
function orphans(change: GatedChange, config_digest: string, shelf: Shelf): readonly (readonly string[])[] {
  const known = new Set(shelf.evidence.map((each) => each.evidence.approval_id));
  return [...shelf.artifacts].flatMap(([id, seen]) => {
    if (known.has(id) || seen.tag !== "found" || seen.artifact.consumed_at !== null) return [];
    if (!artifactIsFor(seen.artifact, change, config_digest)) return [];
    if (change.operation === "data_loss" && !shelf.damaged.has(id)) return [];
    return [[flawText(id, { tag: "no_evidence" })]];
  });
}

/** One warning for a change that has approvals, and none of them for what it is now (spec/cluster 10.2). */
function staleApprovals(
  { resource, operation }: GatedChange,
  shelf: Shelf,
  now_ms: number,
): readonly Diagnostic[] {
  const over = new Set(
    shelf.evidence.flatMap(({ evidence }) => {
      const ended = evidence.state.tag === "consumed" || evidence.state.tag === "revoked";
      return ended || hasExpired(evidence, now_ms) ? [evidence.approval_id] : [];
    }),
  );
  const open = [...shelf.artifacts].flatMap(([id, seen]) => {
    if (over.has(id) || seen.tag !== "found" || seen.artifact.consumed_at !== null) return [];
    return seen.artifact.resource === resource ? [id] : [];
  });
  const newest = open.toSorted().at(-1);
  if (newest === undefined) return [];
  const hides = operation === "data_loss" ? " Without an approval the drops only hide." : "";
  const message = `The approval ${newest} of ${resource} is for another change: the config or what is deployed has changed since.${hides}`;
  return [diagnostic("approval_stale", { path: resource, message })];
}
