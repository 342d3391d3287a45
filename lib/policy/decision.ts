/**
 * Decision: the answer to one request, with what settled it (spec/policy 2.3, 5.7).
 *
 * Guarantees: pure. `failed` is an operational error and never an answer. The rules are sorted, so that the same
 * request always gives the same answer.
 */
import { compareBytes } from "../digest/digest.ts";
import type { CedarAnswer } from "./cedar.ts";
import type { CompiledBundle } from "./compile.ts";

export type Decision =
  | {
      readonly tag: "allow";
      /** The smallest of `rules`. */
      readonly matched_rule: string;
      readonly rules: readonly string[];
      readonly message: string;
    }
  | {
      readonly tag: "deny";
      /** The smallest of the rules and duties (`duty/<id>`) that deny; null if simply nothing allows. */
      readonly matched_rule: string | null;
      readonly rules: readonly string[];
      readonly message: string;
    }
  | {
      readonly tag: "failed";
      readonly matched_rule: null;
      readonly rules: readonly string[];
      readonly message: string;
    };

/** What a decision is about, for its message. */
export interface DecisionSubject {
  readonly actor: string;
  readonly action: string;
  readonly branch?: string | null | undefined;
  readonly target_branch?: string | null | undefined;
}

/** The decision of `answer`, in terms of the rules of the bundle. */
export function readDecision(
  subject: DecisionSubject,
  compiled: CompiledBundle,
  answer: CedarAnswer,
): Decision {
  if (answer.tag === "failed") return failedDecision(answer.reason);
  const rules = answer.determining.map((id) => compiled.rules.get(id)).filter((rule) => rule !== undefined);
  const sorted = [...new Set(rules)].sort(compareBytes);
  const [matched] = sorted;
  if (!answer.allowed) return deniedDecision(subject, "actor", sorted);
  if (matched === undefined) return failedDecision("Cedar allowed the request by no rule of the bundle");
  const message = `policy allowed action '${subject.action}' for actor '${subject.actor}'`;
  return { tag: "allow", matched_rule: matched, rules: sorted, message };
}

/** A request that no policy had to be asked about, or that one denies. */
export function deniedDecision(
  subject: DecisionSubject,
  who: "actor" | "unknown actor",
  rules: readonly string[],
): Decision {
  const known = who === "actor";
  const branch = known && subject.branch ? ` on branch '${subject.branch}'` : "";
  const target = known && subject.target_branch ? ` targeting branch '${subject.target_branch}'` : "";
  const [matched] = rules;
  const rule = matched === undefined ? "" : ` by '${matched}'`;
  const message = `policy denied action '${subject.action}'${branch}${target} for ${who} '${subject.actor}'${rule}`;
  return { tag: "deny", matched_rule: matched ?? null, rules, message };
}

function failedDecision(message: string): Decision {
  return { tag: "failed", matched_rule: null, rules: [], message };
}
