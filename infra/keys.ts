/** The keys of the bucket, as policies and permissions name them; `*` also stands for slashes there. */

/** The root of every cluster. */
export const CLUSTERS = "clusters/";
/** What CI and people upload. */
export const INBOX = "inbox/";
/** Records that concern no cluster's own root. */
export const DEPLOYMENT = "deployment/";

/** Rows that were taken out of graphs, for days. */
export const EXPORTS = "exports/";

const CLUSTER = `${CLUSTERS}*/`;

export const KEYS = {
  ledger: `${CLUSTER}__cluster/state.json`,
  lock: `${CLUSTER}__cluster/lock.json`,
  sidecars: `${CLUSTER}__cluster/recoveries/*`,
  approvalArtifacts: `${CLUSTER}__cluster/approvals/*`,
  payloads: `${CLUSTER}__cluster/resources/*`,
  clusterRecords: `${CLUSTER}__cluster/*`,
  /** Everything of ours beside the ledger: receipts, heads, plans, runs, evidence, bundles, audit. */
  records: `${CLUSTER}__graphform/*`,
  bundles: `${CLUSTER}__graphform/bundles/*`,
  /** Who brought each changed file first. */
  authors: `${CLUSTER}__graphform/authors/*`,
  audit: `${CLUSTER}__graphform/audit/*`,
  /** What approvals were given for. */
  evidence: `${CLUSTER}__graphform/approvals/*`,
  plans: `${CLUSTER}__graphform/plans/*`,
  requestKeys: `${CLUSTER}__graphform/request-keys/*`,
  runs: `${CLUSTER}__graphform/runs/*`,
  runOutputs: `${CLUSTER}__graphform/run-outputs/*`,
  /** Who broke which lock, and why. */
  unlocks: `${CLUSTER}__graphform/unlocks/*`,
  blocked: `${CLUSTER}__graphform/blocked.json`,
  /** What `graphform doctor` tries and removes again. */
  probes: `${CLUSTER}__graphform/doctor/*`,
  openRuns: `${CLUSTER}__graphform/open-runs/*`,
  graphs: `${CLUSTER}graphs/*`,
  manifests: `${CLUSTER}graphs/*/__manifest/*`,
  rootMarkers: `${CLUSTER}graphs/*/graphform.json`,
  rows: `${CLUSTER}graphs/*.lance/*`,
  inbox: `${INBOX}*`,
  exports: `${EXPORTS}*`,
  deployment: `${DEPLOYMENT}*`,
} as const;
