/**
 * Strict validation of a bundle by Cedar (spec/policy 1.3 row 18). The other checks leave nothing for it to find;
 * it guards the compiler against itself, once, before a bundle is put into force.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { PolicyBundle } from "./bundle.ts";
import { validateStrictly } from "./cedar.ts";
import { compileBundle } from "./compile.ts";
import type { PolicyScope } from "./scope.ts";

/** One diagnostic for each error and each warning that Cedar has about the compiled policies. Loads Cedar. */
export function verifyBundle(bundle: PolicyBundle, scope: PolicyScope): readonly Diagnostic[] {
  return validateStrictly(compileBundle(bundle, scope).policies).map((finding) =>
    diagnostic("policy_cedar_invalid", { path: "rules", message: `policy validation failed: ${finding}` }),
  );
}
