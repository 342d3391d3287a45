/**
 * Strict validation of a bundle by Cedar (spec/policy 1.3 row 18, 5.9). The other checks leave nothing for it to
 * find; it guards the compiler against itself, once, before a bundle is put into force.
 *
 * Cedar warns about policies that can never apply, which is as bad as an error, but also about group names in mixed
 * scripts, which are the author's business. Warnings are therefore taken from the same policies under plain names.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import type { PolicyBundle } from "./bundle.ts";
import { validateStrictly } from "./cedar.ts";
import { compileBundle } from "./compile.ts";
import type { PolicyScope } from "./scope.ts";

/** One diagnostic for each error and each warning that Cedar has about the compiled policies. Loads Cedar. */
export function verifyBundle(bundle: PolicyBundle, scope: PolicyScope): readonly Diagnostic[] {
  const { errors } = validateStrictly(compileBundle(bundle, scope).policies);
  const { warnings } = validateStrictly(compileBundle(withPlainNames(bundle), scope).policies);
  return [...errors, ...warnings]
    .sort(compareBytes)
    .map((finding) =>
      diagnostic("policy_cedar_invalid", { path: "rules", message: `policy validation failed: ${finding}` }),
    );
}

function withPlainNames(bundle: PolicyBundle): PolicyBundle {
  const plain = (name: string) => `group-${bundle.groups.findIndex((group) => group.name === name)}`;
  return {
    ...bundle,
    groups: bundle.groups.map((group) => ({ ...group, name: plain(group.name) })),
    rules: bundle.rules.map((rule) => ({ ...rule, group: plain(rule.group) })),
  };
}
