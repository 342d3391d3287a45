/** What a bench reports: named rows of figures. A figure is a count, a time or a size; the name carries the unit. */
import { performance } from "node:perf_hooks";

export type Figures = Readonly<Record<string, number | string>>;

/** Called once a row, as soon as the row is known. */
export type Report = (name: string, figures: Figures) => void;

export interface Timed<Value> {
  readonly value: Value;
  readonly wall_ms: number;
  /** Of this process; on a machine with busy neighbours it says more than the wall does. */
  readonly cpu_ms: number;
}

/** Runs `work` once and measures it. */
export async function timed<Value>(work: () => Promise<Value> | Value): Promise<Timed<Value>> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { value, wall_ms: Math.round(wall), cpu_ms: Math.round((user + system) / 1_000) };
}

/** The middle one of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
