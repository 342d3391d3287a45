/**
 * `npm run bench [-- name...] [--json]`: measures the figures that the system is designed for (design 12) and prints
 * them beside their targets. Counts are exact; times depend on the machine, so that no bench ever fails on one.
 */
import { existsSync } from "node:fs";
import type { Figures, Report } from "./report.ts";

interface Bench {
  readonly name: string;
  readonly what: string;
  readonly run: (report: Report) => Promise<void>;
}

const BENCHES: readonly Bench[] = [
  {
    name: "process",
    what: "a whole process, from the shell and back; target of plan: well under 500 ms on a quiet machine",
    run: async (report) => (await import("./whole-process.ts")).benchWholeProcess(report),
  },
  {
    name: "compile",
    what: "validate and plan by number of queries; target: 10,000 cold in less than 2,000 ms of one core",
    run: async (report) => (await import("./compile.ts")).benchCompile(report),
  },
  {
    name: "memory",
    what: "plan of 100,000 resources; target: 512 MiB",
    run: async (report) => (await import("./memory.ts")).benchMemory(report),
  },
  {
    name: "trips",
    what: "store calls of a command: all of them, and the longest chain in which each waits for the one before",
    run: async (report) => (await import("./round-trips.ts")).benchRoundTrips(report),
  },
  {
    name: "cost",
    what: "AWS, US dollars: 1,000 runs from ordering to reading, and a month of nothing; see bench/README.md",
    run: async (report) => (await import("./aws-cost.ts")).benchAwsCost(report),
  },
  {
    name: "size",
    what: "JavaScript of the command line",
    run: async (report) => (await import("./bundle-size.ts")).benchBundleSize(report),
  },
  {
    name: "functions",
    what: "each function of a deployment; target of api: 1,048,576 bytes to start, no parser",
    run: async (report) => (await import("./functions.ts")).benchFunctions(report),
  },
  { name: "load", what: "1,000,000 rows through the engine into a folder", run: benchLoadIfThere },
];

async function benchLoadIfThere(report: Report): Promise<void> {
  if (!existsSync(new URL("load.ts", import.meta.url))) {
    report("load", { skipped: "bench/load.ts is not there" });
    return;
  }
  await (await import("./load.ts")).benchLoad(report);
}

interface Row {
  readonly bench: string;
  readonly name: string;
  readonly figures: Figures;
}

function printRow({ name, figures }: Row): void {
  const cells = Object.entries(figures).map(([key, value]) => `${key}: ${shown(value)}`);
  process.stdout.write(`  ${name.padEnd(44)} ${cells.join("   ")}\n`);
}

function shown(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = BENCHES.map((bench) => bench.name).join(", ");
    process.stderr.write(`There is no bench ${unknown.join(", ")}; there are ${known}.\n`);
    process.exitCode = 1;
    return;
  }
  const rows: Row[] = [];
  for (const bench of BENCHES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    if (!json) process.stdout.write(`\n${bench.name}: ${bench.what}\n`);
    await bench.run((name, figures) => {
      const row = { bench: bench.name, name, figures };
      rows.push(row);
      if (!json) printRow(row);
    });
  }
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}

await main(process.argv.slice(2));
