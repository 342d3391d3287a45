/** Reading verbs of the chain: `observe`, `at`, and the schema that a manifest names. */
import type { GraphId } from "../digest/ids.ts";
import { readHead, readVersion } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import type { ManifestRead, Observation } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { readSchemaRecord } from "./schema-record.ts";

/** What stands at the graph's root now; `likely` as in `readHead`. */
export async function observe(context: ChainContext, graph: GraphId, likely = 0): Promise<Observation> {
  const read = await readHead(context, graph, likely);
  return read.tag === "head" ? observationOf(context, read.manifest) : read;
}

/** The observation of a manifest that was read as the head. */
export async function observationOf(context: ChainContext, head: Manifest): Promise<Observation> {
  switch (head.state) {
    case "never":
      return { tag: "never", head };
    case "deleted":
      return { tag: "deleted", head };
    case "live": {
      const record = await readSchemaRecord(context, head);
      if (record.tag === "found") return { tag: "live", head, schema: record.schema };
      return record.tag === "unavailable" ? record : { ...record, tag: "unreadable", reason: record.reason };
    }
  }
}

/** One manifest of the chain with the schema it was written under. */
export async function readAt(context: ChainContext, graph: GraphId, version: number): Promise<ManifestRead> {
  const read = await readVersion(context, graph, version);
  if (read.tag === "unreadable") return { tag: "unreadable", detail: read.detail };
  if (read.tag !== "found") return read;
  if (read.manifest.state !== "live") return { tag: "found", manifest: read.manifest, schema: null };
  const record = await readSchemaRecord(context, read.manifest);
  if (record.tag === "found") return { tag: "found", manifest: read.manifest, schema: record.schema };
  return record.tag === "unavailable" ? record : { tag: "unreadable", detail: record.detail };
}
