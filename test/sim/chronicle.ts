/**
 * Chronicle: what has become visible in a world, in order, as an observer beside all operators would note it. The
 * oracle writes it at the instant of each write; the invariants at rest compare operators' words with it.
 */
import type { LeaseRecord } from "../../lib/ports/lease-record.ts";

/** A document that became the ledger. */
export interface CommitSeen {
  readonly revision: number;
  /** Null for a document that another tool wrote. */
  readonly commit_id: string | null;
  readonly parent_commit_id: string | null;
  readonly run_id: string | null;
  /** Kind of its receipt; `foreign` where there is none. */
  readonly kind: string;
  /** Operations that its receipt announces or carries out. */
  readonly operations: ReadonlySet<string>;
  readonly plan_id: string | null;
  /** Fencing token of its holder; 0 for another tool's. */
  readonly token: number;
  readonly bytes: Uint8Array;
}

/** A manifest that became the head of its graph. */
export interface PublicationSeen {
  readonly graph: string;
  readonly version: number;
  readonly cause: string;
  readonly operation_id: string;
  readonly run_id: string;
  readonly incarnation: string | null;
  readonly actor: string;
  /** Commits that were visible before it. */
  readonly commits: number;
}

/** What somebody did to the ledger behind everybody's back. */
export type Disruption = "none" | "rolled_back" | "lost";

/** The row of the truth table that settled an intent, or kept it (design 7). */
export type Row = "J0" | "J1" | "J2" | "J3" | "J4" | "J5" | "J6" | "J7";

export interface Chronicle {
  readonly commits: CommitSeen[];
  readonly publications: PublicationSeen[];
  /** Each text begins with the id of the invariant. */
  readonly violations: string[];
  readonly leases: LeaseRecord[];
  /** The actor behind each holding of the lease, by lock id. */
  readonly holders: Map<string, string>;
  readonly rows: Map<Row, number>;
  /** Approvals that somebody was told are taken back. */
  readonly revoked: Set<string>;
  disruption: Disruption;
}

export function newChronicle(): Chronicle {
  return {
    commits: [],
    publications: [],
    violations: [],
    leases: [],
    holders: new Map(),
    rows: new Map(),
    revoked: new Set(),
    disruption: "none",
  };
}

/** The same chronicle, on its own from now on; the rows of the truth table are counted anew. */
export function copyOfChronicle(chronicle: Chronicle): Chronicle {
  return {
    commits: [...chronicle.commits],
    publications: [...chronicle.publications],
    violations: [...chronicle.violations],
    leases: [...chronicle.leases],
    holders: new Map(chronicle.holders),
    rows: new Map(),
    revoked: new Set(chronicle.revoked),
    disruption: chronicle.disruption,
  };
}

export function countRow(chronicle: Chronicle, row: Row): void {
  chronicle.rows.set(row, (chronicle.rows.get(row) ?? 0) + 1);
}

/** Notes a broken invariant once. */
export function violated(chronicle: Chronicle, text: string): void {
  if (!chronicle.violations.includes(text)) chronicle.violations.push(text);
}
