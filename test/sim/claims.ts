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
  const told = `${actor.name} was told ${answer.outcome}${answer.written ? ", written," : ""} of its ${task.kind}`;
  const effects = world.chronicle.publications.filter(
    (seen) => STRONG.has(seen.cause) && seen.run_id.endsWith(suffix),
  );
  if (READ_ONLY.has(task.kind)) {
    return kinds.length + effects.length === 0 ? [] : [`L5 ${told} and changed something`];
  }
  if (task.kind === "load" || task.kind === "force_unlock") return [];
  const broken: string[] = [];
  const own = kinds.filter((kind) => kind !== "recovery");
  if (answer.written && kinds.length === 0) broken.push(`L4 ${told} and is in no revision`);
  switch (answer.outcome) {
    case "noop":
    case "refused":
      if (own.length > 0 || effects.length > 0)
        broken.push(`L5 ${told}, and revisions ${own} or effects are its own`);
      if (!answer.written && kinds.length > 0) broken.push(`L5 ${told}, and revisions ${kinds} are its own`);
      return broken;
    case "applied":
      if (kinds.length === 0) broken.push(`L4 ${told} and is in no revision`);
      if (kinds[0] === "begin") broken.push(`L4 ${told} and has only begun`);
      return broken;
    case "partial":
    case "unknown":
      return broken;
  }
}

const READ_ONLY: ReadonlySet<string> = new Set(["plan", "status"]);
