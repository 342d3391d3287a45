/**
 * The rows of a killed cluster: every load is a batch of nodes and edges that no other batch has. A batch whose load
 * answered is there, one whose load failed is not, and of one whose load died all rows are there or none, once looked
 * at for ever.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeclaredGraph } from "./declared-cluster.ts";

export interface Batch {
  readonly id: string;
  readonly graph: string;
  readonly slugs: readonly string[];
  /** The properties that its rows bring a value for, by key. */
  readonly keys: readonly string[];
}

export type BatchState = "loaded" | "lost" | "in_doubt";

export interface LoadedBatch {
  readonly batch: Batch;
  readonly state: BatchState;
}

/** `plain`: only what every schema of the graph has, for a load beside a migration. */
export function newBatch(graph: DeclaredGraph, id: string, rows: number, plain: boolean): Batch {
  return {
    id,
    graph: graph.id,
    slugs: Array.from({ length: rows }, (_, index) => `${id}-${index}`),
    keys: plain ? [] : graph.properties.map((each) => each.key),
  };
}

/** The file to load, with the names that the properties have now. */
export function writeBatch(folder: string, batch: Batch, graph: DeclaredGraph): string {
  const file = join(folder, "loads", `${batch.id}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${linesOf(batch, graph).join("\n")}\n`);
  return file;
}

/** The lines of a batch as an export of the graph writes them, without ids. */
export function linesOf({ slugs, keys }: Batch, { properties }: DeclaredGraph): readonly string[] {
  const nodes = slugs.map((slug, n) => {
    const valued = properties.filter((each) => keys.includes(each.key));
    const values = valued.map(({ key, name }) => [name, `${slug}.${key}`] as const);
    return line({ type: "Item" }, { slug, n, ...Object.fromEntries(values) });
  });
  const edges = slugs
    .slice(1)
    .map((slug, n) => line({ edge: "Next", from: slugs[n] ?? "", to: slug }, { n }));
  return [...nodes, ...edges];
}

/** An exported line in the same writing. */
export function normalLine(text: string): string {
  const { data, ...around } = JSON.parse(text) as { readonly data: Readonly<Record<string, unknown>> };
  const { id: _, ...values } = data;
  return line(around, values);
}

function line(around: object, data: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...around, data: Object.fromEntries(sorted) });
}

export interface RowsJudged {
  readonly batches: readonly LoadedBatch[];
  readonly problems: readonly string[];
}

/** Compares an export with all batches of the graph; those in doubt are decided by what is there. */
export function judgeRows(
  graph: DeclaredGraph,
  batches: readonly LoadedBatch[],
  exported: readonly string[],
): RowsJudged {
  const counts = new Map<string, number>();
  for (const each of exported) counts.set(each, (counts.get(each) ?? 0) + 1);
  const problems = [...counts].filter(([, times]) => times > 1).map(([each]) => `twice there: ${each}`);
  const judged = batches.map((loaded): LoadedBatch => {
    if (loaded.batch.graph !== graph.id) return loaded;
    const lines = linesOf(loaded.batch, graph);
    const present = lines.filter((each) => counts.delete(each)).length;
    const state = present === lines.length ? "loaded" : present === 0 ? "lost" : "in_doubt";
    const expected = loaded.state === "in_doubt" ? state !== "in_doubt" : state === loaded.state;
    if (!expected) {
      problems.push(
        `${loaded.state} batch ${loaded.batch.id}: ${present} of ${lines.length} lines are there`,
      );
    }
    return { ...loaded, state };
  });
  const strangers = [...counts.keys()].map((each) => `nobody loaded ${each}`);
  return { batches: judged, problems: [...problems, ...strangers.slice(0, 5)] };
}
