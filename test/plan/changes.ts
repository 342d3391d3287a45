/** Raw changes, findings and ledgers for tests, in a few words. */
import { parseAddress } from "../../lib/desired/address.ts";
import type { Desired, DesiredResource } from "../../lib/desired/desired.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { LedgerResource, LedgerState } from "../../lib/ledger/state.ts";
import type { RawChange } from "../../lib/plan/change.ts";
import { type ClassifyInputs, classify } from "../../lib/plan/classify.ts";
import type { Edge } from "../../lib/plan/edges.ts";
import { gatesOf } from "../../lib/plan/gates.ts";
import type { GraphFinding } from "../../lib/plan/graph-finding.ts";
import { EMPTY_LEDGER } from "../ledger/sample-ledger.ts";

/** `create graph.x`, `update schema.x`, `delete query.x.y`. */
export function change(text: string): RawChange {
  const [operation, name] = text.split(" ");
  const parts = parseAddress(name ?? "");
  if (parts === null) throw new Error(`${text}: no address`);
  const resource = parts.address;
  const before = { before_digest: sha256(`before ${name}`) };
  const after = { after_digest: sha256(`after ${name}`) };
  switch (operation) {
    case "create":
      return { resource, operation, ...after };
    case "update":
      return { resource, operation, ...before, ...after };
    case "delete":
      return { resource, operation, ...before };
    default:
      throw new Error(`${text}: no operation`);
  }
}

const LIVE: GraphFinding = {
  presence: "live",
  drifted: false,
  version: 3,
  incarnation: null,
  schema_digest: sha256("live"),
  rows_written: 0,
};

const NOTHING = { drifted: false, incarnation: null, schema_digest: null, rows_written: null } as const;

/** What was seen: a graph that can be migrated, or one of the ways in which it cannot. */
export const FINDINGS = {
  live: { ...LIVE, migration: { supported: true, steps: [], impact: [] } },
  refused: { ...LIVE, migration: { supported: false, steps: [], impact: [] } },
  unpreviewed: LIVE,
  drifted: { ...LIVE, drifted: true },
  absent: { presence: "absent", version: 0, ...NOTHING },
  deleted: { presence: "deleted", version: 4, ...NOTHING },
  unreadable: { presence: "unreadable", version: null, ...NOTHING },
  unavailable: { presence: "unavailable", version: null, ...NOTHING },
} as const satisfies Record<string, GraphFinding>;
export type Finding = keyof typeof FINDINGS;

export interface Situation {
  readonly pending?: readonly string[];
  readonly approved?: readonly string[];
  readonly protected?: readonly string[];
  /** An approval of exactly this change is there and does not count. */
  readonly outdated?: readonly string[];
  readonly found?: Readonly<Record<string, Finding>>;
  readonly recorded?: Readonly<Record<string, Partial<LedgerResource>>>;
  /** `from -> to` */
  readonly edges?: readonly string[];
  readonly targets?: readonly string[];
}

export function edge(text: string): Edge {
  const [from, to] = text.split(" -> ").map((each) => parseAddress(each)?.address);
  if (from === undefined || to === undefined) throw new Error(`${text}: no edge`);
  return { from, to };
}

export function ledgerWith(resources: Readonly<Record<string, Partial<LedgerResource>>>): LedgerState {
  const entries = Object.entries(resources).map(([address, entry]) => [
    address,
    { digest: sha256(`before ${address}`), ...entry },
  ]);
  return {
    ...EMPTY_LEDGER,
    applied_revision: { config_digest: null, resources: Object.fromEntries(entries) },
  };
}

export function inputsOf(changes: readonly string[], situation: Situation = {}): ClassifyInputs {
  const graphs = Object.entries(situation.found ?? {}).map(
    ([graph, finding]) => [graph as GraphId, FINDINGS[finding]] as const,
  );
  const ids = (texts: readonly string[] | undefined) => new Set((texts ?? []) as readonly GraphId[]);
  const raw = changes.map(change);
  const addresses = (texts: readonly string[] | undefined) =>
    new Set((texts ?? []).flatMap((each) => parseAddress(each)?.address ?? []));
  const found = new Map(graphs);
  return {
    changes: raw,
    gates: gatesOf({ changes: raw, graphs: found, access: new Map(), access_widening: "free" }),
    approvals: { usable: addresses(situation.approved), unusable: addresses(situation.outdated) },
    protected: ids(situation.protected),
    edges: (situation.edges ?? []).map(edge),
    state: ledgerWith(situation.recorded ?? {}),
    pending: ids(situation.pending),
    graphs: found,
    targets: situation.targets === undefined ? null : ids(situation.targets),
  };
}

/** `disposition` or `disposition (reason)`, in the order of the changes. */
export function verdictsOf(changes: readonly string[], situation: Situation = {}): readonly string[] {
  return classify(inputsOf(changes, situation)).map(({ disposition, reason }) =>
    reason === undefined ? disposition : `${disposition} (${reason})`,
  );
}

/** The ledger that records exactly what is desired. */
export function ledgerRecording(desired: Desired): LedgerState {
  const entries = [...desired.resources.values()].map((each) => [each.address, entryOf(each)] as const);
  return {
    ...EMPTY_LEDGER,
    applied_revision: { config_digest: desired.config_digest, resources: Object.fromEntries(entries) },
  };
}

function entryOf(resource: DesiredResource): LedgerResource {
  const { digest } = resource;
  switch (resource.kind) {
    case "graph": {
      const { embedding_provider, external_blob_policy } = resource;
      return {
        digest,
        ...(embedding_provider === null ? {} : { embedding_provider }),
        ...(external_blob_policy === null ? {} : { external_blob_policy }),
      };
    }
    case "policy":
      return { digest, applies_to: resource.applies_to };
    case "embedding_provider":
      return { digest, embedding_profile: resource.profile };
    case "schema":
    case "query":
      return { digest };
    default:
      return assertNever(resource);
  }
}
