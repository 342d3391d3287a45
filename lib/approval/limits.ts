/** Limits of approvals, each with its unit. */

/** Size of the evidence of one approval; reasons are the only part of it that can be long. */
export const EVIDENCE_BYTES_MAX = 64 * 1024;
/** Size of one artifact, which holds less. */
export const ARTIFACT_BYTES_MAX = 64 * 1024;
