/**
 * Looks at the graphs that a set of changes concerns, and only at those, so that the work of a plan is proportional to
 * the change (design 12): existence for creates, a preview with data impact for schema updates, rows for deletes.
 */
import { graphAddress, parseAddress } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { GraphId } from "../../digest/ids.ts";
import type { Engine, LiveGraph, Observation, PreviewOutcome } from "../../engine/engine.ts";
import type { LedgerState } from "../../ledger/state.ts";
import type { RawChange } from "../../plan/change.ts";
import type { GraphFinding } from "../../plan/graph-finding.ts";
import { observedGraph } from "../recorded-graph.ts";
import { inWaves } from "../wave.ts";

export interface FoundGraphs {
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  /** The graphs among them that live, as they were observed. */
  readonly live: ReadonlyMap<GraphId, LiveGraph>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Question {
  readonly graph: GraphId;
  /** Source of the desired schema, if the change is a schema update. */
  readonly schema_source: string | null;
  readonly count_rows: boolean;
  /** What earlier soft drops have hidden is to be destroyed; the schema stays as it is. */
  readonly purge: boolean;
}

export async function findGraphs(
  engine: Engine,
  changes: readonly RawChange[],
  desired: Desired,
  state: LedgerState | null,
): Promise<FoundGraphs> {
  const questions = questionsOf(changes, desired);
  const answers = await inWaves(questions, (question) => answer(engine, question, state));
  const named = answers.map((each, index) => [questions[index]!.graph, each] as const);
  return {
    graphs: new Map(named.map(([graph, { finding }]) => [graph, finding])),
    live: new Map(named.flatMap(([graph, { live }]) => (live === null ? [] : [[graph, live] as const]))),
    diagnostics: answers.flatMap((each) => each.diagnostics),
  };
}

function questionsOf(changes: readonly RawChange[], desired: Desired): readonly Question[] {
  const questions = new Map<GraphId, Question>();
  for (const change of changes) {
    const address = parseAddress(change.resource);
    if (address?.kind !== "graph" && address?.kind !== "schema") continue;
    if (address.kind === "graph" && change.operation === "update") continue;
    const earlier = questions.get(address.graph);
    const schema = desired.resources.get(change.resource);
    const updates =
      address.kind === "schema" &&
      change.operation === "update" &&
      change.purge !== true &&
      schema?.kind === "schema";
    questions.set(address.graph, {
      graph: address.graph,
      schema_source: updates ? schema.source : (earlier?.schema_source ?? null),
      count_rows: change.operation === "delete" || (earlier?.count_rows ?? false),
      purge: change.purge === true,
    });
  }
  return [...questions.values()];
}

interface Answer {
  readonly finding: GraphFinding;
  readonly live: LiveGraph | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function answer(engine: Engine, question: Question, state: LedgerState | null): Promise<Answer> {
  const recorded = state === null ? null : observedGraph(state, graphAddress(question.graph));
  const observation = await engine.observe(question.graph, recorded?.manifest_version ?? 0);
  const finding = findingOf(observation, question.graph, state);
  if (observation.tag === "live") {
    return { live: observation, ...(await lookInto(engine, question, observation, finding)) };
  }
  const unseen = question.schema_source === null ? [] : [unavailable(question.graph, notLive(finding))];
  return { live: null, finding, diagnostics: unseen };
}

/** What the question asks of a graph that lives. */
async function lookInto(
  engine: Engine,
  question: Question,
  on: LiveGraph,
  finding: GraphFinding,
): Promise<Omit<Answer, "live">> {
  if (question.count_rows) {
    const counted = await engine.count({ graph: question.graph, version: on.head.version });
    if (counted.tag !== "counted") return { finding, diagnostics: [] };
    return {
      finding: { ...finding, rows: counted.counts.reduce((sum, each) => sum + each.rows, 0) },
      diagnostics: [],
    };
  }
  if (question.purge) {
    const { source } = on.schema;
    const request = { graph: question.graph, schema_source: source, data_loss: true, on };
    const purge = previewed(finding, question.graph, await engine.preview(request));
    return { ...purge, finding: { ...purge.finding, schema_source: source } };
  }
  if (question.schema_source === null) return { finding, diagnostics: [] };
  const schema_source = question.schema_source;
  return previewed(
    finding,
    question.graph,
    await engine.preview({ graph: question.graph, schema_source, data_loss: false, on }),
  );
}

/** What an observation says about the graph, compared with what the ledger records of it. */
export function findingOf(observation: Observation, graph: GraphId, state: LedgerState | null): GraphFinding {
  const nothing = { drifted: false, incarnation: null, schema_digest: null, rows_written: null };
  switch (observation.tag) {
    case "absent":
      return { presence: "absent", version: 0, ...nothing };
    case "never":
    case "deleted": {
      const version = observation.head.version;
      const presence = observation.tag === "never" ? "absent" : "deleted";
      return { presence, version, ...nothing };
    }
    case "live": {
      const recorded = state?.applied_revision.resources[`schema.${graph}`]?.digest;
      return {
        presence: "live",
        drifted: recorded !== undefined && recorded !== observation.schema.digest,
        version: observation.head.version,
        incarnation: observation.head.incarnation,
        schema_digest: observation.schema.digest,
        rows_written: observation.head.rows_written,
      };
    }
    case "unreadable":
    case "unavailable": {
      const detail = observation.tag === "unreadable" ? observation.detail : observation.reason;
      return { presence: observation.tag, version: null, ...nothing, detail };
    }
    default:
      return assertNever(observation);
  }
}

function previewed(finding: GraphFinding, graph: GraphId, outcome: PreviewOutcome): Omit<Answer, "live"> {
  switch (outcome.tag) {
    case "previewed": {
      const { plan, impact, diagnostics } = outcome.preview;
      const migration = { supported: plan.supported, steps: plan.steps, impact };
      const refused = plan.steps.flatMap((step) => (step.kind === "unsupported_change" ? [step] : []));
      const warnings = refused.map((step) => unavailable(graph, `${step.entity}: ${step.reason}`));
      return { finding: { ...finding, migration }, diagnostics: [...diagnostics, ...warnings] };
    }
    case "invalid":
      // The store has answered: it is the schema that the planner cannot make anything of.
      return {
        finding: { ...finding, migration: { supported: false, steps: [], impact: [] } },
        diagnostics: outcome.diagnostics,
      };
    case "not_live":
      return { finding, diagnostics: [unavailable(graph, "the graph is not live any more")] };
  }
}

function notLive(finding: GraphFinding): string {
  return finding.detail ?? "no graph is live at its root";
}

function unavailable(graph: GraphId, detail: string): Diagnostic {
  return diagnostic("schema_preview_unavailable", {
    path: `schema.${graph}`,
    message: `The schema change of graph.${graph} cannot be applied: ${detail}.`,
  });
}
