/**
 * resolveIdentity: a compiled schema with stable ids (spec/schema 6.3, 6.4).
 *
 * Guarantees: what continues an accepted type or property keeps its id, and its incarnation; what is new gets ids
 * from the accepted counter, in a fixed order, so that equal inputs give equal results; no id is ever used again.
 * Pure: the identity domain of a new graph is handed in.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { isUlid } from "../digest/ids.ts";
import { allocateIdentity } from "./allocate-identity.ts";
import { buildIr } from "./build-ir.ts";
import type { CompiledSchema } from "./compile.ts";
import type { SchemaIr } from "./ir.ts";
import { IDENTITY_ID_MAX } from "./limits.ts";
import { matchIdentity, matchNothing } from "./match-identity.ts";
import { createReporter } from "./reporter.ts";

export type IdentityResolved =
  | {
      readonly tag: "resolved";
      readonly ir: SchemaIr;
      /** Warnings: hints that had no effect. */
      readonly notes: readonly Diagnostic[];
    }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const START = { line: 1, column: 1 };

/**
 * Gives `compiled` the identities of `accepted`. Without an accepted schema the graph is new and `domain`, a ULID,
 * becomes its identity domain; otherwise the domain of `accepted` stays and `domain` is not looked at.
 */
export function resolveIdentity(
  accepted: SchemaIr | null,
  compiled: CompiledSchema,
  domain: string,
): IdentityResolved {
  const reporter = createReporter(compiled.file);
  if (accepted === null && !isUlid(domain)) {
    const message = "invalid schema identity domain: it must be a canonical upper-case ULID";
    reporter.report("schema_identity_domain", START, message);
    return { tag: "invalid", diagnostics: reporter.diagnostics() };
  }
  const matches =
    accepted === null ? matchNothing(compiled, reporter) : matchIdentity(accepted, compiled, reporter);
  const identity = allocateIdentity(compiled.shape, matches, accepted?.next_identity_id ?? 1);
  if (identity.next > IDENTITY_ID_MAX)
    reporter.report("schema_identity_exhausted", START, "the identity allocator is exhausted");
  if (reporter.failed()) return { tag: "invalid", diagnostics: reporter.diagnostics() };
  const ir = buildIr(compiled.shape, identity, accepted?.schema_identity_domain ?? domain);
  return { tag: "resolved", ir, notes: reporter.diagnostics() };
}
