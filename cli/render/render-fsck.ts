/** A check as a person reads it: how much is sure, what is not and what to do, and the commands that mend it. */
import { assertNever } from "../../lib/digest/assert.ts";
import type { FsckOutput } from "../../lib/observe/fsck-cluster.ts";
import { FSCK_AREAS, FSCK_VERDICTS, type FsckFact, type FsckVerdict } from "../../lib/observe/fsck-fact.ts";
import type { RepairStep } from "../../lib/observe/fsck-repair.ts";
import type { Style } from "../style.ts";
import { commandLine, type Place } from "./command-line.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";

/** Facts of one area and one verdict that are listed; the rest are counted. */
const LISTED_MAX = 10;

export function renderFsck(raw: FsckOutput, style: Style, place: Place): readonly string[] {
  const output = printableFields(raw);
  const sums = FSCK_VERDICTS.map((verdict) => `${output.counts[verdict]} ${verdict}`);
  const total = count(output.facts.length, "fact");
  const head = `cluster fsck: revision ${output.state_observations.state_revision}, ${total}: ${sums.join(", ")}`;
  return [
    output.ok ? style.green(head) : style.red(head),
    ...FSCK_AREAS.flatMap((area) =>
      areaLines(
        output.facts.filter((fact) => fact.area === area),
        style,
      ),
    ),
    ...(output.repair === null ? [] : repairLines(output, output.repair, style, place)),
  ];
}

function areaLines(facts: readonly FsckFact[], style: Style): readonly string[] {
  const [first] = facts;
  if (first === undefined) return [];
  const sums = FSCK_VERDICTS.flatMap((verdict) => {
    const number = facts.filter((fact) => fact.verdict === verdict).length;
    return number === 0 ? [] : [`${number} ${verdict}`];
  });
  const bad = (["contradicted", "unknown"] as const).flatMap((verdict) =>
    listed(
      facts.filter((fact) => fact.verdict === verdict),
      verdict,
      style,
    ),
  );
  return [`  ${first.area.padEnd(11)} ${sums.join(", ")}`, ...bad];
}

function listed(facts: readonly FsckFact[], verdict: FsckVerdict, style: Style): readonly string[] {
  const shown = facts.slice(0, LISTED_MAX).flatMap((fact) => factLines(fact, style));
  const hidden = facts.length - LISTED_MAX;
  const more = hidden > 0 ? [`      ... and ${hidden} more ${verdict}; --json lists all of them`] : [];
  return [...shown, ...more];
}

function factLines({ verdict, subject, statement, fix }: FsckFact, style: Style): readonly string[] {
  const head = `    ${label(verdict, style)} ${style.bold(subject)}: ${statement}`;
  return fix === null ? [head] : [head, `      do: ${fix}`];
}

function label(verdict: FsckVerdict, style: Style): string {
  switch (verdict) {
    case "proven":
    case "consistent":
      return style.dim(verdict);
    case "unknown":
      return style.yellow(verdict);
    case "contradicted":
      return style.red(verdict);
    default:
      return assertNever(verdict);
  }
}

function repairLines(
  output: FsckOutput,
  steps: readonly RepairStep[],
  style: Style,
  place: Place,
): readonly string[] {
  if (steps.length === 0) {
    const sure = output.counts.unknown + output.counts.contradicted === 0;
    return ["", sure ? "Nothing has to be mended." : "No command mends this; the facts say what to do."];
  }
  const lines = steps.flatMap(({ command: [verb = "", ...words], why, facts }, index) => {
    const more = facts > why.length ? [`       ... and ${facts - why.length} more`] : [];
    const line = commandLine(place, verb, ...words);
    return [`  ${index + 1}. ${style.bold(line)}`, ...why.map((reason) => `       ${reason}`), ...more];
  });
  return ["", "Nothing was changed. These commands mend it, in this order:", ...lines];
}
