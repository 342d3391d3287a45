/**
 * Restore: publishes a dead incarnation live again, exactly as its last live manifest had it.
 *
 * Guarantees: refused when a reclaim of the incarnation was published (its bytes may be gone), when it is unknown,
 * and when the id is live. Restore and reclaim race for one version of the chain, so only one of them happens.
 */
import { readVersion } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, RestoreRequest } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { prepare, refuse } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";

export async function restore(context: EngineContext, request: RestoreRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  const { head } = prepared;
  if (head === null) return { tag: "refused", head: { tag: "absent", marked: false } };
  const life = head.dead.find((each) => each.incarnation === request.incarnation);
  if (!life || life.reclaiming || head.state === "live") return refuse(context, head);
  const last = await readVersion(context, request.graph, life.since);
  if (last.tag === "unavailable") return last;
  if (last.tag !== "found" || last.manifest.incarnation !== request.incarnation) {
    const detail = last.tag === "unreadable" ? last.detail : "it is not the incarnation's last manifest";
    return corruptHistory(life.since, detail);
  }
  return publishVerb(context, revived(context, request, head, last.manifest));
}

function revived(context: EngineContext, request: RestoreRequest, head: Manifest, last: Manifest): Manifest {
  return {
    ...successor(head, "restore", request, context.clock),
    state: "live",
    incarnation: last.incarnation,
    schema_digest: last.schema_digest,
    schema_record: last.schema_record,
    tables: last.tables,
    rows_written: last.rows_written,
    dead: head.dead.filter((each) => each.incarnation !== request.incarnation),
  };
}

function corruptHistory(version: number, detail: string): EngineOutcome {
  return {
    tag: "refused",
    head: { tag: "unreadable", reason: "corrupt", detail: `version ${version}: ${detail}` },
  };
}
