/**
 * `tsx test/kill/main.ts --rounds N --seed S`: many rounds of killing. A failure prints seed, trace and folder; with
 * `--trace` what was done is printed also when all is well.
 */
import { parseArgs } from "node:util";
import { killRounds } from "./rounds.ts";

const ROUNDS = "200";
const SEEDS = 1_000_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: ROUNDS },
    trace: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % SEEDS) },
  },
});
// The processes that are stopped end with this one.
process.once("SIGTERM", () => process.exit(1));
process.once("SIGINT", () => process.exit(1));
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const began = performance.now();
process.stdout.write(`kill: seed ${seed}, ${rounds} rounds\n`);
try {
  const progress = (round: number): void => {
    if (round % 10 === 0) process.stdout.write(`  ${round} rounds\n`);
  };
  const report = await killRounds({ rounds, seed, waits: true, progress });
  const seconds = Math.round((performance.now() - began) / 1000);
  const reached = [...report.phases].map(([phase, times]) => `${phase} ${times}`).join(", ");
  if (values.trace) process.stdout.write(`${report.trace.join("\n")}\n`);
  process.stdout.write(
    `kill: no violation in ${seconds} s; ${report.revisions} revisions, ${report.rows} rows; ${reached}\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
