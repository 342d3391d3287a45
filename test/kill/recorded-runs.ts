/** Runs with a record that rounds leave behind: gone on with by whoever takes over, or given up. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cancelRunRecord } from "../../cli/verbs/runs.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { verbJson } from "../cli/captured.ts";
import { run } from "../cli/command.ts";
import { expectHonest } from "./honest.ts";
import { demand, type Stage } from "./stage.ts";

function openRuns(folder: string): readonly string[] {
  const marks = join(folder, "__graphform", "open-runs");
  return existsSync(marks) ? readdirSync(marks).map((name) => name.slice(0, -".json".length)) : [];
}

/**
 * What a run may say for not going on: its record was never put, it has ended, others have done its work, or somebody
 * has changed the config.
 */
const EXPECTED_CODES = new Set([
  "run_not_found",
  "run_ended",
  "plan_stale",
  "plan_already_used",
  "run_config_mismatch",
]);

/** Maybe goes on with the newest run that died. What it leaves to do, the apply after it does. */
export async function maybeGoOn(stage: Stage): Promise<void> {
  const { folder, random, trace } = stage;
  const id = openRuns(folder).at(-1);
  if (id === undefined || !random.chance(0.7)) return;
  const ran = await run(folder, "apply", "--continue", id, "--as", "heir", "--json");
  expectHonest(stage, ran);
  const { code, out } = ran;
  const { outcome, diagnostics } = JSON.parse(out) as {
    readonly outcome: string;
    readonly diagnostics: readonly { readonly code: string; readonly severity: string }[];
  };
  trace.push(`apply --continue ${id}: ${outcome}`);
  const errors = diagnostics.filter((each) => each.severity === "error").map((each) => each.code);
  const expected = code === 0 || errors.some((each) => EXPECTED_CODES.has(each));
  demand(expected, `the run ${id} goes on and says ${outcome}: ${errors.join()}`);
}

/** Gives up whatever run is still open, so that the next round begins without any. */
export async function giveUpRuns({ folder, trace }: Stage): Promise<void> {
  for (const id of openRuns(folder)) {
    const { code, codes } = await verbJson(folder, (context) => cancelRunRecord(context, id as RunId));
    trace.push(`runs cancel ${id}: ${code}`);
    demand(code === 0 || codes.every((each) => EXPECTED_CODES.has(each)), `runs cancel says ${codes}`);
  }
}
