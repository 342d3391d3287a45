/**
 * Notices: what people want to be told of a cluster. Losing one loses nothing: everything it says can be read from the
 * ledger, the run records and the approvals. None holds a secret value, a row or a query text (U2).
 */
export const NOTICE_KINDS = [
  "plan_ready",
  "approval_wanted",
  "applied",
  "failed",
  "drift",
  "blocked",
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Notice {
  readonly format_version: 1;
  readonly kind: NoticeKind;
  readonly cluster: string;
  readonly run_id: string | null;
  readonly plan_id: string | null;
  /** One sentence for people. */
  readonly text: string;
  /** Codes of the diagnostics behind it. */
  readonly codes: readonly string[];
  /** RFC 3339 UTC. */
  readonly at: string;
}

export interface Notices {
  /** True once it is sent. Never throws; what cannot be sent is logged, and tried again by nobody but its sender. */
  publish(notice: Notice): Promise<boolean>;
}
