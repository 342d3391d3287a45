/**
 * What must hold of a cluster on a folder when every process has ended and one apply has come through, whatever was
 * killed before (reliability 7). Everything that does not hold is told at once.
 */
import { readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { openCluster } from "../../cli/open-cluster.ts";
import { apply } from "../../cli/verbs/apply.ts";
import { status } from "../../cli/verbs/status.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { verbJson } from "../cli/captured.ts";
import { isLocked } from "../cli/command.ts";
import { approvalProblems } from "./approvals.ts";
import { judgeRows, type LoadedBatch, normalLine, type RowsJudged } from "./batches.ts";
import type { DeclaredCluster, DeclaredGraph } from "./declared-cluster.ts";
import { historyProblems, intentsOf } from "./history.ts";
import { effectProblems } from "./manifests.ts";
import { demand } from "./stage.ts";

/** What changes although nothing happens: who held the lease, and files that are on their way. */
const RESTLESS = ["locks", "lease", "staging"].map((each) => join("__graphform", each) + sep);

export interface Rest extends RowsJudged {}

/** Every problem, and the batches with what is known of them now. */
export async function judgeRest(
  folder: string,
  cluster: DeclaredCluster,
  deleted: readonly DeclaredGraph[],
  batches: readonly LoadedBatch[],
): Promise<Rest> {
  const problems = [
    ...(await statusProblems(folder, cluster)),
    ...(await lockProblems(folder)),
    ...historyProblems(folder),
    ...intentsOf(folder).map((name) => `the intent ${name} is left`),
    ...effectProblems(folder),
    ...approvalProblems(folder),
    ...(await strayProblems(folder, cluster)),
    ...(await idleProblems(folder)),
  ];
  let judged = batches;
  for (const graph of cluster.graphs) {
    problems.push(...(await chainProblems(folder, graph.id)));
    const rows = judgeRows(graph, judged, await exported(folder, graph, undefined));
    judged = rows.batches;
    problems.push(...rows.problems.map((each) => `${graph.id}: ${each}`));
  }
  for (const graph of deleted) {
    const rows = judgeRows(graph, judged, await exported(folder, graph, await lastLife(folder, graph)));
    judged = rows.batches;
    problems.push(...rows.problems.map((each) => `${graph.id}, which is deleted: ${each}`));
  }
  return { batches: judged, problems };
}

/** A3, A4: the ledger has exactly what is declared, all of it applied, and nothing to say about it. */
async function statusProblems(folder: string, { graphs }: DeclaredCluster): Promise<readonly string[]> {
  const { code, document, codes } = await verbJson(folder, status);
  const problems = codes.map((each) => `status says ${each}`);
  if (code !== 0) problems.push(`status ends with ${code}`);
  const statuses = Object.entries(
    document["resource_statuses"] as Readonly<Record<string, { status: string }>>,
  );
  for (const [address, record] of statuses) {
    if (record.status !== "applied") problems.push(`${address} is ${JSON.stringify(record)}`);
  }
  const recorded = Object.keys(document["resource_digests"] as object)
    .filter((each) => each.startsWith("graph."))
    .join();
  const declared = graphs.map(({ id }) => `graph.${id}`).sort();
  if (recorded !== declared.join()) problems.push(`the ledger has ${recorded}, declared are ${declared}`);
  return problems;
}

/** A4: nothing lives that is not declared. */
async function strayProblems(folder: string, { graphs }: DeclaredCluster): Promise<readonly string[]> {
  const { engine } = openCluster({ root: folder, rules: LAPTOP_RULES });
  const listed = await engine.graphs();
  if (listed.tag !== "listed") return [`the graphs cannot be listed: ${listed.reason}`];
  const strays = listed.graphs.filter((id) => graphs.every((each) => each.id !== id));
  const problems: string[] = [];
  for (const id of strays) {
    const observed = await engine.observe(id);
    if (observed.tag !== "deleted" && observed.tag !== "never")
      problems.push(`${id} is ${observed.tag}, declared by nobody`);
  }
  return problems;
}

async function lockProblems(folder: string): Promise<readonly string[]> {
  const read = await openCluster({ root: folder, rules: LAPTOP_RULES }).lease.read();
  const problems = isLocked(folder) ? ["lock.json is left"] : [];
  if (read.tag !== "read" || read.holder !== null) problems.push(`the lease is ${JSON.stringify(read)}`);
  return problems;
}

/** A7: one more apply has nothing to do and leaves every file as it is. */
async function idleProblems(folder: string): Promise<readonly string[]> {
  const before = filesOf(folder);
  const { code, document } = await verbJson(folder, (context) =>
    apply(context, { plan: undefined, auto_approve: true, targets: null }),
  );
  const problems: string[] = [];
  const said = { code, outcome: document["outcome"], converged: document["converged"] };
  if (JSON.stringify(said) !== JSON.stringify({ code: 0, outcome: "noop", converged: true })) {
    problems.push(`one more apply says ${JSON.stringify({ ...said, diagnostics: document["diagnostics"] })}`);
  }
  const after = filesOf(folder);
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  return [...problems, ...changed.slice(0, 5).map((name) => `one more apply touched ${name}`)];
}

function filesOf(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const root of ["__cluster", "__graphform", "graphs"]) {
    for (const entry of readdirSync(join(folder, root), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      if (!entry.isFile() || RESTLESS.some((each) => name.startsWith(each))) continue;
      const { size, mtimeMs, ino } = statSync(path);
      files.set(name, `${size} ${mtimeMs} ${ino}`);
    }
  }
  return files;
}

/** The chain has every version, and no operation published two of them (A2, L7). */
async function chainProblems(folder: string, id: string): Promise<readonly string[]> {
  const { engine } = openCluster({ root: folder, rules: LAPTOP_RULES });
  const graph = id as GraphId;
  const observed = await engine.observe(graph);
  if (observed.tag !== "live") return [`${id} is ${observed.tag}`];
  const operations = new Set<string>();
  for (let version = 1; version <= observed.head.version; version += 1) {
    const read = await engine.at(graph, version);
    if (read.tag !== "found") return [`version ${version} of ${id} is ${read.tag}`];
    operations.add(read.manifest.operation_id);
  }
  if (operations.size === observed.head.version) return [];
  return [`${observed.head.version} versions of ${id} have ${operations.size} operations`];
}

/** The last version before the delete: its bytes stay for as long as it can be restored. */
async function lastLife(folder: string, { id }: DeclaredGraph): Promise<number> {
  const observed = await openCluster({ root: folder, rules: LAPTOP_RULES }).engine.observe(id as GraphId);
  demand(observed.tag === "deleted", `${id} was deleted and is ${observed.tag}`);
  const lives = observed.tag === "deleted" ? observed.head.dead.map((each) => each.since) : [];
  return Math.max(...lives);
}

async function exported(
  folder: string,
  graph: DeclaredGraph,
  version: number | undefined,
): Promise<readonly string[]> {
  const outcome = await openCluster({ root: folder, rules: LAPTOP_RULES }).engine.export({
    graph: graph.id as GraphId,
    version,
    edge_ids: false,
  });
  if (outcome.tag !== "exporting") return [`export of ${graph.id} is ${outcome.tag}`];
  const lines: string[] = [];
  for await (const line of outcome.lines) lines.push(normalLine(line));
  return lines;
}
