/**
 * Bench: a load of 1,000,000 rows as JSON lines through the real engine into a folder, and the export of them
 * (design 12). Prints rows per second and the peak of resident memory; asserts nothing about time.
 *
 * The source is written to a temporary folder first, so that the load reads a file as it would in earnest.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { GraphId, IncarnationId, OperationId, RunId } from "../lib/digest/ids.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import type { Engine, LoadRequest } from "../lib/engine/engine.ts";
import { createLanceTables } from "../lib/engine/lance/lance-tables.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { createGraphFolder } from "../lib/file/graph-folder.ts";
import { createUlids } from "../lib/file/ids.ts";
import { openFileRoot } from "../lib/file/open-root.ts";
import { SILENT_LOG } from "../lib/ports/log.ts";

type Report = (name: string, figures: Record<string, number | string>) => void;

const PEOPLE = 700_000;
const FRIENDSHIPS = 300_000;
const GRAPH = "bench" as GraphId;
const SCHEMA = `
node Person {
  name: String @key
  age: I32?
  score: F64?
  born: Date?
  seen: DateTime?
}
edge Knows: Person -> Person {
  since: Date?
}
`;

const ids = createUlids();

/** Reports the speed and memory of one large load, of a merge onto it, and of the export. */
export async function benchLoad(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "graphform-bench-"));
  try {
    const source = join(folder, "rows.jsonl");
    await pipeline(Readable.from(lines(PEOPLE, FRIENDSHIPS)), createWriteStream(source));
    const engine = openEngine(join(folder, "root"));
    await create(engine);
    await reportLoad(report, engine, { name: "load 1,000,000 rows", source, mode: "append" });
    await reportExport(report, engine);
    const changes = join(folder, "changes.jsonl");
    await pipeline(Readable.from(lines(PEOPLE / 10, 0)), createWriteStream(changes));
    await reportLoad(report, engine, { name: "merge 70,000 rows", source: changes, mode: "merge" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openEngine(root: string): Engine {
  return createEngine({
    store: openFileRoot(root).store,
    tables: createLanceTables({ root, storage: createGraphFolder(root) }),
    clock: SYSTEM_CLOCK,
    ids,
    log: SILENT_LOG,
  });
}

async function create(engine: Engine): Promise<void> {
  const created = await engine.create({
    ...attribution(),
    graph: GRAPH,
    expect: 0,
    schema_source: SCHEMA,
    incarnation: ids.next() as IncarnationId,
  });
  if (created.tag !== "done") throw new Error(`create: ${JSON.stringify(created)}`);
}

interface Load {
  readonly name: string;
  readonly source: string;
  readonly mode: LoadRequest["mode"];
}

async function reportLoad(report: Report, engine: Engine, load: Load): Promise<void> {
  const { size } = await stat(load.source);
  const started = performance.now();
  const loaded = await engine.load({
    ...attribution(),
    graph: GRAPH,
    mode: load.mode,
    open: () => createReadStream(load.source),
    source_name: "rows.jsonl",
  });
  if (loaded.tag !== "done") throw new Error(`load: ${JSON.stringify(loaded).slice(0, 2_000)}`);
  const rows = loaded.counts.reduce((sum, each) => sum + each.rows, 0);
  report(load.name, { rows, source_megabytes: megabytes(size), ...speed(rows, started) });
}

async function reportExport(report: Report, engine: Engine): Promise<void> {
  const started = performance.now();
  const exported = await engine.export({ graph: GRAPH });
  if (exported.tag !== "exporting") throw new Error(`export: ${JSON.stringify(exported)}`);
  let rows = 0;
  for await (const line of exported.lines) rows += line.length > 0 ? 1 : 0;
  report("export 1,000,000 rows", { rows, ...speed(rows, started) });
}

function speed(rows: number, started: number): Record<string, number> {
  const seconds = (performance.now() - started) / 1_000;
  return {
    seconds: Math.round(seconds * 100) / 100,
    rows_per_second: Math.round(rows / seconds),
    peak_resident_megabytes: megabytes(process.resourceUsage().maxRSS * 1_024),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

function attribution() {
  return { operation_id: ids.next() as OperationId, run_id: ids.next() as RunId, actor: "bench" };
}

function* lines(people: number, friendships: number): Generator<string> {
  for (let index = 0; index < people; index += 1) {
    const born = `${1950 + (index % 60)}-0${1 + (index % 9)}-1${index % 9}`;
    const seen = `2024-01-0${1 + (index % 9)}T10:00:00Z`;
    const data = { name: `person-${index}`, age: index % 100, score: index / 7, born, seen };
    yield `${JSON.stringify({ type: "Person", data })}\n`;
  }
  for (let index = 0; index < friendships; index += 1) {
    const from = `person-${index}`;
    const to = `person-${(index * 31 + 7) % people}`;
    yield `${JSON.stringify({ edge: "Knows", from, to, data: { since: "2020-02-02" } })}\n`;
  }
}
