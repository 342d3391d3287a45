/**
 * Membership: which groups of a bundle a caller belongs to (spec/policy 1.1, 5.2).
 *
 * Guarantees: pure. A caller belongs to a group by their actor id, or by a group claim of their verified token. An
 * actor id that looks like a claim belongs to nothing, so that nobody gains a claim by being called like one.
 */
import type { PolicyBundle } from "./bundle.ts";
import { CLAIM_GROUP_PREFIX } from "./bundle.ts";

/** The groups that a caller belongs to, in the order of the file; none: the bundle does not know them. */
export type Membership = (actor: string, claimGroups: readonly string[]) => readonly string[];

/** Looks up the members of `bundle`. */
export function membershipOf(bundle: PolicyBundle): Membership {
  const groups = new Map<string, string[]>();
  const order = new Map(bundle.groups.map((group, index) => [group.name, index] as const));
  for (const group of bundle.groups) {
    for (const member of new Set(group.members)) {
      const known = groups.get(member);
      if (known === undefined) groups.set(member, [group.name]);
      else known.push(group.name);
    }
  }
  return (actor, claimGroups) => {
    const names = [
      ...(actor.startsWith(CLAIM_GROUP_PREFIX) ? [] : [actor]),
      ...claimGroups.filter((claim) => claim.startsWith(CLAIM_GROUP_PREFIX)),
    ];
    const found = new Set(names.flatMap((name) => groups.get(name) ?? []));
    return [...found].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  };
}
