/**
 * Every graph that has something of ours below `graphs/`: a chain or a root marker.
 *
 * Only folders are listed, so the work is proportional to the graphs and not to their files. A listing that failed is
 * `unavailable`, never an empty list (design 4.7).
 */
import type { GraphId } from "../digest/ids.ts";
import { readHead } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import type { GraphListing } from "./engine.ts";
import { HEADS_AT_ONCE_MAX, LIST_PAGE_KEYS, LIST_PAGES_MAX } from "./limits.ts";
import { GRAPHS_PREFIX, graphOfKey } from "./paths.ts";
import { listPage } from "./repeat.ts";

export async function listGraphs(context: ChainContext): Promise<GraphListing> {
  const roots: GraphId[] = [];
  let after: string | undefined;
  for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
    const options = { prefix: GRAPHS_PREFIX, limit: LIST_PAGE_KEYS, folders: true, after };
    const listed = await listPage(context, options);
    if (listed.tag === "unavailable") return listed;
    roots.push(...listed.keys.flatMap((key) => graphOfKey(key) ?? []));
    if (listed.next === null) return oursAmong(context, roots);
    after = listed.next;
  }
  return {
    tag: "unavailable",
    reason: `there are more than ${LIST_PAGES_MAX} pages of folders below ${GRAPHS_PREFIX}`,
  };
}

async function oursAmong(context: ChainContext, roots: readonly GraphId[]): Promise<GraphListing> {
  const graphs: GraphId[] = [];
  for (let start = 0; start < roots.length; start += HEADS_AT_ONCE_MAX) {
    const some = roots.slice(start, start + HEADS_AT_ONCE_MAX);
    const heads = await Promise.all(some.map((graph) => readHead(context, graph)));
    for (const [index, head] of heads.entries()) {
      if (head.tag === "unavailable") return head;
      if (isOurs(head)) graphs.push(some[index]!);
    }
  }
  return { tag: "listed", graphs };
}

/** A chain that is broken or newer is a chain of ours; a foreign root and an empty one are not. */
function isOurs(head: Awaited<ReturnType<typeof readHead>>): boolean {
  switch (head.tag) {
    case "head":
      return true;
    case "absent":
      return head.marked;
    case "unreadable":
      return head.reason !== "foreign_format";
    case "unavailable":
      return false;
  }
}
