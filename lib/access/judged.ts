/** Judged: what one question comes to before it is recorded, and what it is decided with. */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { AccessDecision } from "./access.ts";
import type { Caller } from "./caller.ts";
import type { PolicyShelf } from "./policy-shelf.ts";

/** The part of the deployment's settings that decisions depend on. */
export interface AccessSettings {
  /** Canonical identity that may begin until a policy of the cluster has been applied. */
  readonly bootstrap_principal: string | null;
  /** What a graph without a bundle answers to a verified caller. */
  readonly unbound_graph: "deny" | "read";
}

/** Who asks, and what decisions are made with. */
export interface Asked {
  readonly settings: AccessSettings;
  readonly shelf: PolicyShelf;
  readonly ports: ClusterPorts;
  readonly caller: Caller;
}

export interface Judged {
  readonly decision: AccessDecision;
  readonly policy_digest: string | null;
  /** The facts that the policy was asked with. */
  readonly context: unknown;
}

/** An answer that is none. */
export function undecided(reason: string): Judged {
  return { decision: { tag: "failed", reason }, policy_digest: null, context: null };
}
