/**
 * Preview: the plan from the accepted schema to a source, and what each step does to the rows that are there now
 * (RFC D7, design 5). Reads only, one manifest.
 *
 * Numbers per step: the rows of its type; the values (for a dropped type, the rows) that current readers lose; and for
 * a step that cannot be made, the rows that stand in its way, with the ids of the first of them.
 */

import type { MigrationPlan } from "../schema/migration.ts";
import { evolve } from "./accept-schema.ts";
import type { EngineContext } from "./context.ts";
import type { PreviewOutcome, PreviewRequest, StepImpact } from "./engine.ts";
import { hiddenDrops } from "./hidden.ts";
import { observe } from "./observe.ts";
import { type ImpactBase, stepImpact } from "./step-impact.ts";

export async function preview(context: EngineContext, request: PreviewRequest): Promise<PreviewOutcome> {
  const observation = request.on ?? (await observe(context, request.graph));
  if (observation.tag !== "live" || observation.head.incarnation === null) {
    return { tag: "not_live", observation };
  }
  const { head, schema } = observation;
  const evolved = evolve(schema, request.schema_source, request.data_loss, request.graph);
  if (evolved.tag === "invalid") return evolved;
  const purges = request.data_loss && evolved.plan.steps.length === 0;
  const base: ImpactBase = { head, accepted: schema.ir, desired: evolved.schema.ir };
  const measured = purges
    ? await measurePurge(context, base)
    : await measureSteps(context, base, evolved.plan);
  if (measured.tag === "unavailable") return { tag: "not_live", observation: measured };
  return {
    tag: "previewed",
    preview: {
      plan: measured.plan,
      impact: measured.impact,
      version: head.version,
      incarnation: observation.head.incarnation,
      accepted_digest: schema.digest,
      diagnostics: evolved.diagnostics,
    },
  };
}

type Measured =
  | { readonly tag: "measured"; readonly plan: MigrationPlan; readonly impact: readonly StepImpact[] }
  | { readonly tag: "unavailable"; readonly reason: string };

async function measureSteps(
  context: EngineContext,
  base: ImpactBase,
  plan: MigrationPlan,
): Promise<Measured> {
  const impact: StepImpact[] = [];
  for (const [index, step] of plan.steps.entries()) {
    const found = await stepImpact(context, base, step);
    if (found.tag === "unavailable") return found;
    if (found.tag === "impact") impact.push({ step: index, ...found.impact });
  }
  return { tag: "measured", plan, impact };
}

/** A migration that changes nothing and allows data loss: the plan is what it would destroy. */
async function measurePurge(context: EngineContext, base: ImpactBase): Promise<Measured> {
  const drops = await hiddenDrops(context, base.head, base.desired);
  if (drops.tag === "unavailable") return drops;
  if (drops.tag !== "ok") return { tag: "unavailable", reason: "rows that the head pins are not there" };
  return {
    tag: "measured",
    plan: { supported: true, steps: drops.value.map((drop) => drop.step) },
    impact: drops.value.map((drop, step) => ({ step, ...drop.impact })),
  };
}
