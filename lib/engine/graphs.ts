/**
 * Every graph that has something of ours below `graphs/`: a chain or a root marker.
 *
 * After each page the rest of the last folder is skipped, so the work is proportional to the graphs and not to
 * their files. A listing that failed is `unavailable`, never an empty list (design 4.7).
 */
import type { GraphId } from "../digest/ids.ts";
import { readHead } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import type { GraphListing } from "./engine.ts";
import { LIST_PAGE_KEYS, LIST_PAGES_MAX } from "./limits.ts";
import { GRAPHS_PREFIX, graphOfKey } from "./paths.ts";
import { listPage } from "./repeat.ts";

export async function listGraphs(context: ChainContext): Promise<GraphListing> {
  const graphs: GraphId[] = [];
  let after: string | undefined;
  for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
    const listed = await listPage(context, { prefix: GRAPHS_PREFIX, limit: LIST_PAGE_KEYS, after });
    if (listed.tag === "unavailable") return listed;
    for (const graph of graphsOf(listed.keys)) {
      const head = await readHead(context, graph);
      if (head.tag === "unavailable") return head;
      if (isOurs(head)) graphs.push(graph);
    }
    const last = listed.keys.at(-1);
    if (last === undefined || listed.next === null) return { tag: "listed", graphs };
    after = pastFolder(last);
  }
  return {
    tag: "unavailable",
    reason: `there are more than ${LIST_PAGES_MAX} folders below ${GRAPHS_PREFIX}`,
  };
}

/** The graphs in whose roots the keys lie, each once. */
function graphsOf(keys: readonly string[]): readonly GraphId[] {
  return [...new Set(keys.flatMap((key) => graphOfKey(key) ?? []))];
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

/** A text that sorts after every key in the folder of this key and before every other folder (`0` follows `/`). */
function pastFolder(key: string): string {
  const folder = key.slice(GRAPHS_PREFIX.length).split("/", 1)[0] ?? "";
  const inFolder = key.length > GRAPHS_PREFIX.length + folder.length;
  return inFolder ? `${GRAPHS_PREFIX}${folder}0` : key;
}
