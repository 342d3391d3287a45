/**
 * Preview: the plan from the accepted schema to a source, and what each step does to the rows that are there now
 * (RFC D7, design 5). Reads only, one manifest.
 *
 * Numbers per step: the rows of its type; the values (for a dropped type, the rows) that current readers lose; and for
 * a step that cannot be made, the rows that stand in its way, with the ids of the first of them.
 */
import { evolve } from "./accept-schema.ts";
import type { EngineContext } from "./context.ts";
import type { PreviewOutcome, PreviewRequest, StepImpact } from "./engine.ts";
import { observe } from "./observe.ts";
import { stepImpact } from "./step-impact.ts";

export async function preview(context: EngineContext, request: PreviewRequest): Promise<PreviewOutcome> {
  const observation = await observe(context, request.graph);
  if (observation.tag !== "live" || observation.head.incarnation === null) {
    return { tag: "not_live", observation };
  }
  const { head, schema } = observation;
  const evolved = evolve(schema, request.schema_source, request.data_loss, request.graph);
  if (evolved.tag === "invalid") return evolved;
  const impact: StepImpact[] = [];
  for (const [index, step] of evolved.plan.steps.entries()) {
    const found = await stepImpact(context, { head, accepted: schema.ir, desired: evolved.schema.ir }, step);
    if (found.tag === "unavailable") return { tag: "not_live", observation: found };
    if (found.tag === "impact") impact.push({ step: index, ...found.impact });
  }
  return {
    tag: "previewed",
    preview: {
      plan: evolved.plan,
      impact,
      version: head.version,
      incarnation: observation.head.incarnation,
      accepted_digest: schema.digest,
      diagnostics: evolved.diagnostics,
    },
  };
}
