/** Remove: publishes the tombstone of the live incarnation. Its bytes stay until a reclaim (design 6). */
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, WriteRequest } from "./engine.ts";
import { prepare, refuse } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";

export async function remove(context: EngineContext, request: WriteRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  const { head } = prepared;
  if (head === null) return { tag: "refused", head: { tag: "absent", marked: false } };
  if (head.incarnation === null) return refuse(context, head);
  const life = { incarnation: head.incarnation, since: head.version, reclaiming: false };
  return publishVerb(context, {
    ...successor(head, "remove", request, context.clock),
    state: "deleted",
    incarnation: null,
    schema_digest: null,
    schema_record: null,
    tables: [],
    rows_written: 0,
    dead: [...head.dead, life],
  });
}
