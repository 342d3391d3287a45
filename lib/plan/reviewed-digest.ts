/**
 * ReviewedDigest: the digest of a plan as people have seen it, by which a deployment tells that the file in their hands is
 * the plan that it keeps. It is over the whole document but the keys of rows, which are shown only to who may read them.
 * The order of members does not matter, so two programs agree on it. Pure.
 */
import { compareBytes, type Digest, sha256 } from "../digest/digest.ts";
import { encodePlan, type PlanDocument } from "./plan-document.ts";

/** The member of a step's impact that quotes keys of rows. */
export const ROW_KEYS = "violating_ids";

export function reviewedDigest(plan: PlanDocument): Digest {
  const document: unknown = JSON.parse(encodePlan(plan));
  return sha256(JSON.stringify(seen(document)));
}

function seen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seen);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([name, member]) => [name, name === ROW_KEYS ? [] : seen(member)] as const);
  return Object.fromEntries(members);
}
