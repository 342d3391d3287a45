/**
 * FsckFact: one thing that must be so of a cluster at rest, how sure it is, and what to do if it is not. Pure data.
 *
 * `proven`: a digest or a conditional record shows it. `consistent`: nothing speaks against it, and nothing could prove
 * it. `unknown`: it cannot be told, because something could not be read, is lost, or is still open. `contradicted`: two
 * records of the same thing disagree, or one is damaged.
 */
import { compareBytes } from "../digest/digest.ts";

export const FSCK_VERDICTS = ["proven", "consistent", "unknown", "contradicted"] as const;
export type FsckVerdict = (typeof FSCK_VERDICTS)[number];

export const FSCK_AREAS = [
  "deployment",
  "ledger",
  "history",
  "protection",
  "payloads",
  "graphs",
  "intents",
  "approvals",
  "lock",
  "plans",
] as const;
export type FsckArea = (typeof FSCK_AREAS)[number];

/** A command that mends something. None of them guesses: each does what it does on any day. */
export type Repair =
  | { readonly tag: "import" }
  | { readonly tag: "force_unlock"; readonly lock_id: string }
  | { readonly tag: "recover" }
  | { readonly tag: "discard"; readonly operation_id: string }
  | { readonly tag: "refresh" }
  | { readonly tag: "apply" }
  | { readonly tag: "revoke"; readonly approval_id: string };

/** Field order is the JSON order. */
export interface FsckFact {
  readonly area: FsckArea;
  /** The address or the key that the fact is about. */
  readonly subject: string;
  readonly verdict: FsckVerdict;
  /** A full sentence. */
  readonly statement: string;
  /** What a person does about it, full sentences; null where nothing is to be done. */
  readonly fix: string | null;
}

/** A fact with the commands that mend it, in any order. */
export interface JudgedFact extends FsckFact {
  readonly repairs: readonly Repair[];
}

/** Facts of one area, in a few words. */
export interface FactsOf {
  proven(subject: string, statement: string): JudgedFact;
  consistent(subject: string, statement: string): JudgedFact;
  unknown(subject: string, statement: string, fix: string | null, ...repairs: readonly Repair[]): JudgedFact;
  contradicted(
    subject: string,
    statement: string,
    fix: string | null,
    ...repairs: readonly Repair[]
  ): JudgedFact;
}

export function factsOf(area: FsckArea): FactsOf {
  const fact =
    (verdict: FsckVerdict) =>
    (
      subject: string,
      statement: string,
      fix: string | null = null,
      ...repairs: readonly Repair[]
    ): JudgedFact => ({ area, subject, verdict, statement, fix, repairs });
  return {
    proven: fact("proven"),
    consistent: fact("consistent"),
    unknown: fact("unknown"),
    contradicted: fact("contradicted"),
  };
}

/** By area, worst first, then by subject. */
export function sortFacts(facts: readonly JudgedFact[]): readonly JudgedFact[] {
  const rank = (each: JudgedFact) => [FSCK_AREAS.indexOf(each.area), -FSCK_VERDICTS.indexOf(each.verdict)];
  return [...facts].sort((a, b) => {
    const [areaA, verdictA] = rank(a) as [number, number];
    const [areaB, verdictB] = rank(b) as [number, number];
    return areaA - areaB || verdictA - verdictB || compareBytes(a.subject, b.subject);
  });
}
