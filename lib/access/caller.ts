/**
 * Caller: who makes a request, as the deployment has verified it (design 9, spec/policy 5.8). Never from a body, a
 * query or a header that the caller writes.
 */
export interface Caller {
  /** The actor id that policies and records use: the canonical identity, or what the deployment maps it to. */
  readonly actor: string;
  /** `local`: a token of the local server's file. */
  readonly source: "iam" | "jwt" | "local";
  /** `iam-role:...`, `iam-user:...`, `jwt:<issuer alias>:<sub>`, `local:<name>`. */
  readonly canonical: string;
  /** Chosen by whoever assumes a role: for the audit only. */
  readonly session: string | null;
  /** How the person proved who they are, from a verified token. */
  readonly amr: readonly string[];
  /** `jwt-group:<issuer alias>/<value>` of verified group claims. */
  readonly claim_groups: readonly string[];
}

/** Null: no verified identity, which is 401 whatever was asked for. */
export type Identified = Caller | null;
