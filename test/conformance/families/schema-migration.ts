/**
 * Conformance family `schema_migration`: a schema before and after, and the plan that leads from one to the other.
 *
 * The accepted schema is the one before, freshly initialised. Planning needs no rows: no decision of the planner looks
 * at them. A case that applies also runs through the engine, with the rows that it loads. Applying an unsupported plan
 * is an error, planning it is not.
 */
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic } from "../../../lib/diagnostic/diagnostic.ts";
import { compileSchema } from "../../../lib/schema/compile.ts";
import { resolveIdentity } from "../../../lib/schema/identity.ts";
import type { SchemaIr } from "../../../lib/schema/ir.ts";
import { type MigrationStepJson, migrationJson } from "../../../lib/schema/migration-json.ts";
import { planMigration } from "../../../lib/schema/planner.ts";
import type { CaseResult, ConformanceCase, RunCase } from "../family.ts";
import { applyMigration } from "../migration-engine.ts";

type Matcher = Readonly<Record<string, unknown>>;

interface MigrationCase extends ConformanceCase {
  readonly before: string;
  readonly after: string;
  readonly mode: "plan" | "apply";
  readonly options: { readonly allow_data_loss?: boolean };
  readonly data_loaded?: readonly string[];
  readonly result: "ok" | "error";
  readonly supported?: boolean | null;
  readonly applied?: boolean;
  readonly steps_empty?: boolean;
  readonly steps_include?: readonly Matcher[];
  readonly steps_exclude?: readonly Matcher[];
  readonly step_order?: readonly (readonly [Matcher, Matcher])[];
  readonly step_counts?: readonly { readonly match: Matcher; readonly count: number }[];
  readonly step_kinds?: readonly string[];
  readonly codes?: readonly string[];
  readonly error_contains?: readonly string[];
  readonly error_contains_any?: readonly string[];
}

type Seen =
  | { readonly tag: "ok"; readonly supported: boolean; readonly steps: readonly MigrationStepJson[] }
  | { readonly tag: "error"; readonly text: string };

const DOMAIN = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

export const runCase: RunCase = async (testCase) => {
  const wanted = testCase as MigrationCase;
  const faults = compare(wanted, await applied(wanted, run(wanted)));
  return faults.length === 0
    ? { tag: "passed" }
    : ({ tag: "failed", detail: faults.join("; ") } as CaseResult);
};

function run(testCase: MigrationCase): Seen {
  const before = resolve(null, testCase.before);
  if (before.tag === "error") return { tag: "error", text: `before: ${before.text}` };
  const after = resolve(before.ir, testCase.after);
  if (after.tag === "error") return after;
  const options = { data_loss: testCase.options.allow_data_loss === true };
  const plan = migrationJson(planMigration(before.ir, after.ir, options));
  const refused = plan.steps.find((each) => each.kind === "unsupported_change");
  if (testCase.mode === "apply" && refused?.kind === "unsupported_change")
    return { tag: "error", text: `[${refused.code ?? ""}] ${refused.reason}` };
  return { tag: "ok", ...plan };
}

/** What the engine makes of a plan that a case applies; a plan without steps is not sent to it. */
async function applied(testCase: MigrationCase, planned: Seen): Promise<Seen> {
  if (testCase.mode === "plan" || planned.tag === "error" || planned.steps.length === 0) return planned;
  const { before, after, data_loaded = [] } = testCase;
  const data_loss = testCase.options.allow_data_loss === true;
  const refused = await applyMigration({ before, after, data_loaded, data_loss });
  return refused === null ? planned : { tag: "error", text: refused };
}

function resolve(
  accepted: SchemaIr | null,
  source: string,
): { readonly tag: "ok"; readonly ir: SchemaIr } | { readonly tag: "error"; readonly text: string } {
  const compiled = compileSchema(source, "schema.pg");
  if (compiled.tag === "invalid") return { tag: "error", text: render(compiled.diagnostics) };
  const resolved = resolveIdentity(accepted, compiled, DOMAIN);
  if (resolved.tag === "invalid") return { tag: "error", text: render(resolved.diagnostics) };
  return { tag: "ok", ir: resolved.ir };
}

function render(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((each) => each.message).join("\n");
}

function compare(wanted: MigrationCase, seen: Seen): readonly string[] {
  if (seen.tag !== wanted.result)
    return [`expected ${wanted.result}, got ${seen.tag === "error" ? seen.text : "ok"}`];
  if (seen.tag === "error") return compareError(wanted, seen.text);
  const { steps, supported } = seen;
  const shown = JSON.stringify(steps);
  const has = (matcher: Matcher) => steps.some((each) => matches(each, matcher));
  const faults: string[] = [];
  const demand = (holds: boolean, what: string) => {
    if (!holds) faults.push(`expected ${what}, got ${shown}`);
  };
  demand((wanted.supported ?? supported) === supported, `supported ${wanted.supported}`);
  demand((wanted.applied ?? steps.length > 0) === steps.length > 0, `applied ${wanted.applied}`);
  demand(wanted.steps_empty !== true || steps.length === 0, "no steps");
  for (const each of wanted.steps_include ?? []) demand(has(each), `a step ${JSON.stringify(each)}`);
  for (const each of wanted.steps_exclude ?? []) demand(!has(each), `no step ${JSON.stringify(each)}`);
  for (const [first, second] of wanted.step_order ?? [])
    demand(position(steps, first) < position(steps, second), "the steps in order");
  for (const { match, count } of wanted.step_counts ?? [])
    demand(
      steps.filter((each) => matches(each, match)).length === count,
      `${count} of ${JSON.stringify(match)}`,
    );
  for (const kind of wanted.step_kinds ?? []) demand(has({ kind }), `a step of kind ${kind}`);
  for (const code of wanted.codes ?? []) demand(has({ code }), `a step with code ${code}`);
  return faults;
}

function compareError(wanted: MigrationCase, text: string): readonly string[] {
  const folded = text.toLowerCase();
  const any = wanted.error_contains_any ?? [];
  const missing = (wanted.error_contains ?? []).filter((each) => !folded.includes(each.toLowerCase()));
  if (any.length > 0 && !any.some((each) => folded.includes(each.toLowerCase())))
    missing.push(any.join(" or "));
  return missing.map((each) => `expected ${each} in the error, got ${text}`);
}

function position(steps: readonly MigrationStepJson[], matcher: Matcher): number {
  const found = steps.findIndex((each) => matches(each, matcher));
  return found === -1 ? Number.NaN : found;
}

/** A step matches if the listed members are equal; `<key>_contains` lists substrings; `exact` rules out others. */
function matches(step: MigrationStepJson, matcher: Matcher): boolean {
  const members = step as unknown as Matcher;
  const { exact, ...listed } = matcher;
  if (exact === true) return isDeepStrictEqual({ ...members }, listed);
  return Object.entries(listed).every(([key, value]) => {
    if (!key.endsWith("_contains")) return isDeepStrictEqual(members[key], value);
    const text = String(members[key.slice(0, -"_contains".length)] ?? "").toLowerCase();
    return (value as readonly string[]).every((each) => text.includes(each.toLowerCase()));
  });
}
