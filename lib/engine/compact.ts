/**
 * Compact: merges what many small writes left behind, on branches of its own like every writer, and cleans up what
 * manifests no longer need. Changes no row.
 */
import { cleanUp } from "./clean-up.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, WriteRequest } from "./engine.ts";
import type { Manifest, TablePin } from "./manifest.ts";
import { openOperationBranch } from "./operation-branch.ts";
import { prepare, refuse } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";
import { pinned, type Staged, unfinished } from "./table-work.ts";

export async function compact(context: EngineContext, request: WriteRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  const { head } = prepared;
  if (head === null) return { tag: "refused", head: { tag: "absent", marked: false } };
  if (head.state !== "live") return refuse(context, head);
  const pins: TablePin[] = [];
  for (const pin of head.tables) {
    const compacted = await compactTable(context, head, pin, request);
    if (compacted.tag === "unavailable") return compacted;
    pins.push(compacted.pin);
  }
  const published = await publishVerb(context, {
    ...successor(head, "compact", request, context.clock),
    tables: pins,
  });
  if (published.tag === "done") await cleanUp(context, published.manifest);
  return published;
}

async function compactTable(
  context: EngineContext,
  head: Manifest,
  pin: TablePin,
  request: WriteRequest,
): Promise<Staged> {
  const opened = await openOperationBranch(context.tables, {
    head,
    operation_id: request.operation_id,
    kind: "node",
    type_id: pin.type_id,
    columns: [],
    from: "pinned",
  });
  if (opened.tag !== "ok") return unfinished(pin.type_id, opened);
  const { writer, path } = opened.value;
  const compacted = await writer.compact();
  if (compacted.tag !== "ok") {
    writer.abandon();
    return unfinished(pin.type_id, compacted);
  }
  return pinned(pin.type_id, path, await writer.finish());
}
