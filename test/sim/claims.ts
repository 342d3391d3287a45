/**
 * Claims: what operators were told, compared with what history says of their runs (L4, L5, L6). All ids of an actor end
 * in its number, so its commits and publications are known.
 */
import type { History } from "./history.ts";
import type { Report } from "./operators.ts";
import { idSuffix } from "./sim-ids.ts";
import type { World } from "./world.ts";

/** Every answer that history contradicts. */
export function brokenClaims(world: World, history: History, reports: readonly Report[]): readonly string[] {
  return reports.flatMap((report) => (report.answer === null ? [] : judge(world, history, report)));
}

const STRONG: ReadonlySet<string> = new Set(["create", "migrate", "remove", "restore"]);

function judge(world: World, history: History, report: Report): readonly string[] {
  const { actor, task, answer } = report;
  if (answer === null) return [];
  const suffix = idSuffix(actor.number);
  const kinds = history.receipts.filter((each) => each.run_id?.endsWith(suffix)).map((each) => each.kind);
  const effects = world.chronicle.publications.filter(
    (seen) => STRONG.has(seen.cause) && seen.run_id.endsWith(suffix),
  );
  const told = `${actor.name} was told ${answer.outcome}${answer.written === true ? ", written," : ""} of its ${task.kind}`;
  const broken: string[] = [];
  const own = kinds.filter((kind) => kind !== "recovery");
  if (answer.written === true && kinds.length === 0) broken.push(`L4 ${told} and is in no revision`);
  if (answer.written === false && kinds.length > 0 && answer.outcome !== "unknown") {
    broken.push(`L5 ${told}, and revisions ${kinds} are its own`);
  }
  const nothing = answer.outcome === "noop" || answer.outcome === "refused";
  if (nothing && effects.length > 0) broken.push(`L5 ${told} and published ${effects[0]?.cause}`);
  // A restore that the graph refused has recorded that it began and that nothing came of it.
  if (nothing && own.length > 0 && task.kind !== "restore")
    broken.push(`L5 ${told}, and revisions ${own} are its own`);
  if (answer.outcome === "applied" && kinds[0] === "begin") broken.push(`L4 ${told} and has only begun`);
  if (answer.outcome === "applied" && task.kind === "restore" && own[0] !== "final") {
    broken.push(`L4 ${told} and is in no revision`);
  }
  return broken;
}
