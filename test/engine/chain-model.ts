/**
 * A model of one graph: what its chain must look like after each verb, in the few rules that matter. It knows nothing
 * of manifests, stores or tables.
 */
import type { OperationId } from "../../lib/digest/ids.ts";

export interface Life {
  readonly id: string;
  readonly people: readonly string[];
  readonly reclaiming: boolean;
}

export interface GraphModel {
  /** Operation ids by version, from version 1. */
  readonly chain: readonly OperationId[];
  readonly live: Life | null;
  readonly dead: readonly Life[];
}

export const NO_GRAPH: GraphModel = { chain: [], live: null, dead: [] };

export type Verb =
  | { readonly verb: "create"; readonly life: string }
  | { readonly verb: "load"; readonly name: string }
  | { readonly verb: "migrate" | "remove" | "fence" | "compact" }
  | { readonly verb: "restore" | "reclaim"; readonly life: string };

/** The model after a verb that was sent on the right version, or null if the verb is not possible there. */
export function after(model: GraphModel, verb: Verb, operation: OperationId): GraphModel | null {
  const next = { ...model, chain: [...model.chain, operation] };
  switch (verb.verb) {
    case "fence":
      return next;
    case "create":
      if (model.live || model.dead.some((life) => life.id === verb.life)) return null;
      return { ...next, live: { id: verb.life, people: [], reclaiming: false } };
    case "load":
      if (!model.live) return null;
      return { ...next, live: { ...model.live, people: withPerson(model.live.people, verb.name) } };
    case "migrate":
    case "compact":
      return model.live ? next : null;
    case "remove":
      return model.live ? { ...next, live: null, dead: [...model.dead, model.live] } : null;
    case "restore": {
      const life = model.dead.find((each) => each.id === verb.life);
      if (model.live || !life || life.reclaiming) return null;
      return { ...next, live: life, dead: model.dead.filter((each) => each !== life) };
    }
    case "reclaim": {
      const life = model.dead.find((each) => each.id === verb.life);
      if (!life) return null;
      if (life.reclaiming) return model;
      const marked = { ...life, reclaiming: true };
      return { ...next, dead: model.dead.map((each) => (each === life ? marked : each)) };
    }
  }
}

function withPerson(people: readonly string[], name: string): readonly string[] {
  return [...new Set([...people, name])].sort();
}
