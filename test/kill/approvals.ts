/** Approvals of a round: given by a person for what a plan gates, and accounted for when everything is at rest. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plan } from "../../cli/verbs/plan.ts";
import { verbJson } from "../cli/captured.ts";
import { type StoredCommit, storedHistory } from "./history.ts";
import { documentsIn, manifestsOf } from "./manifests.ts";
import { demand, type Stage } from "./stage.ts";
import { blowAt, type CleanRun, describeBlow, strike } from "./victim.ts";

const APPROVES_MAX = 4;
/** What an approve that nobody disturbs comes to, about. */
const CLEAN_APPROVE: CleanRun = { calls: 16, span_ms: 40 };
/** More rows than loads beside an apply bring. */
const TOLERANCE = "10000";

/**
 * Approves every delete that the config brings, and the hard drops of `dropping`. A command that dies may have given
 * its approval or not; the person repeats it until one answers.
 */
export async function approveAll(stage: Stage, dropping: readonly string[]): Promise<void> {
  const { folder, trace } = stage;
  const out = join(folder, "reviewed.plan");
  const { document } = await verbJson(folder, (context) =>
    plan(context, { out, detailed_exitcode: false, targets: null }),
  );
  const gates = (document["approvals_required"] ?? []) as readonly { readonly resource: string }[];
  const id = String(document["plan_id"]);
  const deletes = gates.map(({ resource }) => [resource]);
  const drops = dropping.map((graph) => [`schema.${graph}`, "--data-loss", "--tolerance", TOLERANCE]);
  for (const words of [...deletes, ...drops]) {
    trace.push(`approve ${words.join(" ")} of plan ${id}`);
    await approve(stage, ["approve", ...words, "--plan", id, "--as", "dana", "--json"]);
  }
}

async function approve(stage: Stage, args: readonly string[]): Promise<void> {
  const { folder, random, trace } = stage;
  for (let tries = 1; ; tries += 1) {
    const blow = tries < APPROVES_MAX && random.chance(0.4) ? blowAt(CLEAN_APPROVE, random, false) : null;
    const struck = await strike(folder, args, blow);
    if (blow !== null) trace.push(`  ${describeBlow(blow)}: ${struck.tag}`);
    if (struck.tag !== "survived") continue;
    const { code, out, err } = struck.ran;
    demand(code === 0, `approve ends with ${code} and says: ${out}${err}`);
    return;
  }
}

interface Spent {
  readonly approval_id: string;
  readonly operation_id: string;
  readonly revision: number;
}

/** C1, C2, C4: no effect that needs an approval without one, and no approval spent without its effect, or twice. */
export function approvalProblems(folder: string): readonly string[] {
  const spent = storedHistory(folder).flatMap(spentBy);
  const published = manifestsOf(folder);
  const removes = published.filter((each) => each.cause === "remove");
  const operations = new Set(spent.map((each) => each.operation_id));
  return [
    ...twice(spent.map((each) => each.approval_id)).map((id) => `approval ${id} was spent twice`),
    ...twice(spent.map((each) => each.operation_id)).map((id) => `operation ${id} spent two approvals`),
    ...removes
      .filter((each) => !operations.has(each.operation_id))
      .map((each) => `${each.graph} was removed at version ${each.version} without an approval`),
    ...spent
      .filter((each) => published.every((manifest) => manifest.operation_id !== each.operation_id))
      .map(
        (each) => `approval ${each.approval_id} is spent on ${each.operation_id}, which published nothing`,
      ),
    ...recordProblems(folder, spent),
  ];
}

function spentBy({ revision, receipt }: StoredCommit): readonly Spent[] {
  return receipt.approvals_consumed.map((each) => ({ ...each, revision }));
}

interface EvidenceFacts {
  readonly approval_id: string;
  readonly state: { readonly tag: string };
}

interface ArtifactFacts {
  readonly approval_id: string;
  readonly consumed_at: string | null;
}

/** Ledger, evidence and artifact tell the same of every approval. */
function recordProblems(folder: string, spent: readonly Spent[]): readonly string[] {
  const state = JSON.parse(readFileSync(join(folder, "__cluster", "state.json"), "utf8"));
  const wanted = spent.map((each) => each.approval_id).sort();
  const problems: string[] = [];
  const recorded = Object.keys(state.approval_records).sort();
  if (recorded.join() !== wanted.join()) problems.push(`the ledger records ${recorded}, history ${wanted}`);
  const evidence = documentsIn<EvidenceFacts>(join(folder, "__graphform", "approvals"));
  const consumed: string[] = [];
  for (const { approval_id, state: became } of evidence) {
    if (became.tag === "reserved") problems.push(`approval ${approval_id} is still reserved`);
    if (became.tag === "consumed") consumed.push(approval_id);
  }
  if (consumed.sort().join() !== wanted.join())
    problems.push(`evidence of ${consumed}, history of ${wanted}`);
  const artifacts = documentsIn<ArtifactFacts>(join(folder, "__cluster", "approvals"));
  const marked = artifacts.filter((each) => each.consumed_at !== null).map((each) => each.approval_id);
  if (marked.sort().join() !== wanted.join())
    problems.push(`artifacts say ${marked}, history says ${wanted}`);
  return problems;
}

function twice(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
