/**
 * The first part of step 4 of an apply: the approvals of its gated changes are reserved, for graph effects and for
 * catalog changes alike. An effect whose approval was revoked or taken meanwhile is not sent; nothing else waits for it.
 */
import type { Address } from "../../desired/address.ts";
import { graphAddress, schemaAddress } from "../../desired/address.ts";
import type { ApplyRun } from "../apply-run.ts";
import type { Effect, EffectResult } from "../effect.ts";
import { type ApprovalUse, type Reservation, reserveApprovals } from "./reservations.ts";

export interface ReservedForRun {
  /** The effects that may be sent, gated ones with their reserved evidence. */
  readonly effects: readonly Effect[];
  /** Those that may not, with why. */
  readonly failed: readonly EffectResult[];
  /** Reserved approvals of changes that move no graph. */
  readonly catalog: readonly ApprovalUse[];
  /** Addresses whose approval could not be reserved. */
  readonly refused: ReadonlySet<Address>;
}

export async function reserveForRun(
  run: ApplyRun,
  effects: readonly Effect[],
  catalog: readonly ApprovalUse[],
): Promise<ReservedForRun> {
  const uses = [...effects.flatMap(useOf), ...catalog];
  const answers = await reserveApprovals(run.ports, run.run_id, uses);
  const byOperation = new Map(answers.map((answer) => [answer.use.operation_id, answer]));
  const ready: Effect[] = [];
  const failed: EffectResult[] = [];
  for (const effect of effects) {
    const answer = byOperation.get(effect.operation_id);
    if (answer?.tag === "refused") failed.push({ tag: "failed", effect, detail: answer.detail });
    else ready.push(answer === undefined ? effect : reservedEffect(effect, answer.use));
  }
  return {
    effects: ready,
    failed,
    catalog: answers.filter(isReservedCatalogUse).map((answer) => answer.use),
    refused: new Set(answers.filter((answer) => answer.tag === "refused").map(({ use }) => use.address)),
  };
}

function isReservedCatalogUse(answer: Reservation): boolean {
  return answer.tag === "reserved" && answer.use.graph === null;
}

function reservedEffect(effect: Effect, use: ApprovalUse): Effect {
  return effect.approval === null ? effect : { ...effect, approval: use.stored };
}

/** The approval that an effect uses, as a list of at most one. */
export function useOf(effect: Effect): readonly ApprovalUse[] {
  if (effect.approval === null) return [];
  const { graph, operation_id, expect, approval } = effect;
  const address = effect.kind === "graph_delete" ? graphAddress(graph) : schemaAddress(graph);
  return [{ address, operation_id, graph, expect, stored: approval }];
}
