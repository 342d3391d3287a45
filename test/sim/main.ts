/**
 * Long runs of the simulation from the command line.
 *
 *   npm run sim -- --seeds 2000 --from 1 [--bug NAME]   seeded universes
 *   npm run sim -- --seed 17 [--bug NAME] [--trace]     one universe, made as small as it still fails
 *   npm run sim -- --bugs                               the planted bugs
 *   npm run sim -- --record-coverage                    writes coverage.json
 *   npm run soak                                        every layer, unscaled
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { COVERAGE_FORMAT_VERSION, offeredCoverage, recordCoverage } from "./coverage.ts";
import { PORT_BUGS, type PortBugName } from "./planted-bugs.ts";
import { shrink } from "./shrink.ts";
import type { PortsChange } from "./sim-ports.ts";
import { type OnProgress, soakHistories, soakScenarios, soakUniverses } from "./soak.ts";
import { renderFindings, type Tally } from "./tally.ts";
import { runUniverse } from "./universe.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    bug: { type: "string" },
    bugs: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    soak: { type: "boolean", default: false },
    "record-coverage": { type: "boolean", default: false },
  },
});

const EVERY = 100;
let broken = 0;

function isPortBug(name: string): name is PortBugName {
  return Object.hasOwn(PORT_BUGS, name);
}

function plantedBug(): PortsChange | undefined {
  const { bug } = values;
  if (bug === undefined) return undefined;
  if (isPortBug(bug)) return PORT_BUGS[bug].plant;
  throw new Error(`there is no bug ${bug}; there are ${Object.keys(PORT_BUGS).join(", ")}`);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

/** Prints a line now and then, with what was done for each second of CPU time. */
function progress(what: string, every: number): OnProgress {
  const begun = process.cpuUsage();
  return (done, tally) => {
    if (done % every !== 0) return;
    const { user, system } = process.cpuUsage(begun);
    const seconds = (user + system) / 1e6;
    const rate = (tally.states / seconds).toFixed(1);
    console.log(
      `${what} ${done}: ${tally.states} states, ${tally.calls} calls, ${rate}/s, ${tally.findings.length} findings`,
    );
  };
}

function report(what: string, tally: Tally): void {
  broken += tally.findings.length;
  const rows = [...tally.rows].map(([row, count]) => `${row} ${count}`).join(", ");
  console.log(
    `${what}: ${tally.states} states, ${tally.equal} equal ones, ${tally.calls} calls; rows ${rows || "none"}`,
  );
  if (tally.findings.length > 0) console.log(`commit ${commit()}\n${renderFindings(tally)}`);
}

async function seeds(from: number, count: number): Promise<void> {
  const tally = await soakUniverses({ from, count }, plantedBug(), progress("seeds", EVERY));
  report("universes", tally);
  for (const { label, violation } of tally.findings.slice(0, 3)) {
    const { dropped } = await shrink(Number(label.slice("seed ".length)), violation.slice(0, 2), {
      ports: plantedBug(),
    });
    console.log(`${label}: ${violation}; still so without the operators ${dropped.join(", ") || "none"}`);
  }
}

async function one(seed: number): Promise<void> {
  const options = { ports: plantedBug() };
  const whole = await runUniverse(seed, options);
  const [first] = whole.violations;
  const { universe, dropped } =
    first === undefined ? { universe: whole, dropped: [] } : await shrink(seed, first.slice(0, 2), options);
  if (values.trace) console.log(universe.trace.join("\n"));
  broken += universe.violations.length;
  const without = dropped.length === 0 ? "" : ` without the operators ${dropped.join(", ")}`;
  console.log(`seed ${seed}${without}, commit ${commit()}:`);
  console.log(universe.violations.join("\n") || "nothing is broken");
}

async function soak(): Promise<void> {
  report("single faults", await soakScenarios("single", progress("scenario", 1)));
  report("pauses", await soakScenarios("holds", progress("scenario", 1)));
  report("histories", await soakHistories({ from: 1, count: 500 }, progress("history", EVERY)));
  await seeds(Number(values.from), Number(values.seeds ?? 20_000));
  report("double faults", await soakScenarios("double", progress("scenario", 1)));
}

async function coverage(): Promise<void> {
  const tally = await soakScenarios("single", progress("scenario", 1));
  const rows = Object.fromEntries([...tally.rows].sort());
  recordCoverage({ format_version: COVERAGE_FORMAT_VERSION, scenarios: await offeredCoverage(), rows });
}

if (values.soak) await soak();
else if (values["record-coverage"]) await coverage();
else if (values.bugs)
  for (const [name, { says }] of Object.entries(PORT_BUGS)) console.log(`${name}: ${says}`);
else if (values.seed !== undefined) await one(Number(values.seed));
else await seeds(Number(values.from), Number(values.seeds ?? 1_000));
process.exitCode = broken > 0 ? 1 : 0;
