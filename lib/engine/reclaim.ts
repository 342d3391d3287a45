/**
 * Reclaim: marks a dead incarnation as being reclaimed and then, if the ledger has recorded its delete, removes its
 * bytes (design 6).
 *
 * Guarantees: no byte is deleted before the mark is published and `recorded` is true. The mark is for ever: from then
 * on a restore is refused, so nothing of a live incarnation can be touched. An incarnation that is already marked
 * needs no further version: its folder is listed and emptied again each time, because a writer that was paused may
 * have left bytes there since. A removal that failed is `ambiguous`: the mark stands, bytes may remain, and repeating
 * the reclaim is how to know.
 */
import type { IncarnationId } from "../digest/ids.ts";
import { eraseIncarnation } from "./clean-up.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, RestoreRequest } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { prepare, refuse } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";

export type ReclaimRequest = RestoreRequest & { readonly recorded: boolean };

export async function reclaim(context: EngineContext, request: ReclaimRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return erased(context, request, prepared.manifest);
  const { head } = prepared;
  if (head === null) return { tag: "refused", head: { tag: "absent", marked: false } };
  const life = head.dead.find((each) => each.incarnation === request.incarnation);
  if (!life) return refuse(context, head);
  if (life.reclaiming) return erased(context, request, head);
  const published = await publishVerb(context, {
    ...successor(head, "reclaim", request, context.clock),
    dead: marked(head, request.incarnation),
  });
  return published.tag === "done" ? erased(context, request, published.manifest) : published;
}

function marked(head: Manifest, incarnation: IncarnationId): Manifest["dead"] {
  return head.dead.map((each) => (each.incarnation === incarnation ? { ...each, reclaiming: true } : each));
}

async function erased(
  context: EngineContext,
  request: ReclaimRequest,
  manifest: Manifest,
): Promise<EngineOutcome> {
  const isMarked = manifest.dead.some((each) => each.incarnation === request.incarnation && each.reclaiming);
  if (!isMarked) return refuse(context, manifest);
  if (!request.recorded) return { tag: "done", manifest };
  const gone = await eraseIncarnation(context, manifest, request.incarnation);
  if (gone.tag === "ok") return { tag: "done", manifest };
  return { tag: "ambiguous", reason: `the incarnation is marked, bytes may remain: ${gone.reason}` };
}
