/**
 * Every graph that has something of ours below `graphs/`: a chain or a root marker.
 *
 * Only folders are listed, so the work is proportional to the graphs and not to their files. A listing that failed is
 * `unavailable`, never an empty list (design 4.7).
 */
import type { GraphId } from "../digest/ids.ts";
import { type HeadRead, readHead, type Unavailable } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import type { GraphListing, GraphsObserved, Observation } from "./engine.ts";
import { HEADS_AT_ONCE_MAX, LIST_PAGE_KEYS, LIST_PAGES_MAX } from "./limits.ts";
import { observationOf } from "./observe.ts";
import { GRAPHS_PREFIX, graphOfKey } from "./paths.ts";
import { listPage } from "./repeat.ts";

export async function listGraphs(context: ChainContext): Promise<GraphListing> {
  const found = await eachOfOurs(context, async () => null);
  return found.tag === "unavailable" ? found : { tag: "listed", graphs: [...found.values.keys()] };
}

/** The same with what stands at each of them, from one look. */
export async function observeGraphs(context: ChainContext): Promise<GraphsObserved> {
  const found = await eachOfOurs(
    context,
    async (head): Promise<Observation> =>
      head.tag === "head" ? observationOf(context, head.manifest) : head,
  );
  return found.tag === "unavailable" ? found : { tag: "observed", graphs: found.values };
}

type Found<Value> = { readonly tag: "found"; readonly values: ReadonlyMap<GraphId, Value> } | Unavailable;

async function eachOfOurs<Value>(
  context: ChainContext,
  use: (head: HeadRead) => Promise<Value>,
): Promise<Found<Value>> {
  const roots = await listRoots(context);
  if (roots.tag === "unavailable") return roots;
  const values = new Map<GraphId, Value>();
  for (let start = 0; start < roots.graphs.length; start += HEADS_AT_ONCE_MAX) {
    const some = roots.graphs.slice(start, start + HEADS_AT_ONCE_MAX);
    const seen = await Promise.all(
      some.map(async (graph) => {
        const head = await readHead(context, graph);
        return { graph, head, value: isOurs(head) ? await use(head) : null };
      }),
    );
    for (const { graph, head, value } of seen) {
      if (head.tag === "unavailable") return head;
      if (isOurs(head)) values.set(graph, value as Value);
    }
  }
  return { tag: "found", values };
}

async function listRoots(context: ChainContext): Promise<GraphListing> {
  const graphs: GraphId[] = [];
  let after: string | undefined;
  for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
    const options = { prefix: GRAPHS_PREFIX, limit: LIST_PAGE_KEYS, folders: true, after };
    const listed = await listPage(context, options);
    if (listed.tag === "unavailable") return listed;
    graphs.push(...listed.keys.flatMap((key) => graphOfKey(key) ?? []));
    if (listed.next === null) return { tag: "listed", graphs };
    after = listed.next;
  }
  const reason = `there are more than ${LIST_PAGES_MAX} pages of folders below ${GRAPHS_PREFIX}`;
  return { tag: "unavailable", reason };
}

/** A chain that is broken or newer is a chain of ours; a foreign root and an empty one are not. */
function isOurs(head: HeadRead): boolean {
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
