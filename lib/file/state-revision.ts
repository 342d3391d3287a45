/**
 * The one thing that the file adapter must know of a ledger document: its revision, by which a document that is
 * behind is told from one that another tool has put ahead.
 */

/** `state_revision` of a document (0 if it has none, spec/cluster 4.1), or null if that cannot be read. */
export function revisionOf(bytes: Uint8Array): number | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const revision: unknown = Reflect.get(value, "state_revision") ?? 0;
  return typeof revision === "number" && Number.isSafeInteger(revision) && revision >= 0 ? revision : null;
}
