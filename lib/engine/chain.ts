/**
 * The chain of manifests of one graph: read its head, read one version, publish the next (design 6).
 *
 * Guarantees:
 * - Publishing is the put-if-absent of one key. Version N+1 is published at most once, for ever, and never without
 *   version N: `publish` is called only with the manifest after a head that was read.
 * - Absence is proven by two lists that answered: no chain, and nothing below the root (or only our marker). A failed
 *   call is `unavailable`, never `absent` (design 4.7).
 * - Our own publication is recognised by its operation id in the manifest that is there, never by comparing content
 *   (design 4.5): after a refusal or a lost answer the version is read back.
 */
import type { GraphId } from "../digest/ids.ts";
import { storeKey } from "../ports/object-store.ts";
import { OBSERVE_ROUNDS_MAX } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { decodeManifest, encodeManifest } from "./manifest-codec.ts";
import { graphRoot, manifestKey, manifestPrefix, manifestVersion, markerKey } from "./paths.ts";
import { getObject, listPage, putOnce, type StoreAccess } from "./repeat.ts";
import { encodeMarker, isMarkerOf } from "./root-marker.ts";

export type Unreadable = {
  readonly tag: "unreadable";
  readonly reason: "foreign_format" | "newer_format" | "corrupt";
  readonly detail: string;
};
export type Unavailable = { readonly tag: "unavailable"; readonly reason: string };

export type HeadRead =
  | { readonly tag: "head"; readonly manifest: Manifest }
  | { readonly tag: "absent"; readonly marked: boolean }
  | Unreadable
  | Unavailable;

export type VersionRead =
  | { readonly tag: "found"; readonly manifest: Manifest }
  | { readonly tag: "absent" }
  | Unreadable
  | Unavailable;

/** `refused`: the version is another operation's, or the root has become foreign. */
export type Publication =
  | { readonly tag: "done"; readonly manifest: Manifest }
  | { readonly tag: "refused" }
  | { readonly tag: "conflict" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | Unavailable;

/**
 * The newest manifest of the graph, or what else is at its root. `likely` (0: none) is read beside the list, which alone
 * says which one is the newest; no manifest ever changes, so it does not matter which of the two was answered first.
 */
export async function readHead(access: StoreAccess, graph: GraphId, likely = 0): Promise<HeadRead> {
  const ahead = likely > 0 ? { version: likely, read: readVersion(access, graph, likely) } : null;
  const [found] = await Promise.all([readNewestListed(access, graph, ahead), ahead?.read]);
  return found;
}

/** A version whose reading has begun already. */
interface AheadRead {
  readonly version: number;
  readonly read: Promise<VersionRead>;
}

async function readNewestListed(
  access: StoreAccess,
  graph: GraphId,
  ahead: AheadRead | null,
): Promise<HeadRead> {
  for (let round = 0; round < OBSERVE_ROUNDS_MAX; round += 1) {
    const page = await listPage(access, { prefix: manifestPrefix(graph), limit: 1 });
    if (page.tag === "unavailable") return page;
    const key = page.keys[0];
    const found =
      key === undefined ? await readRoot(access, graph) : await readNewest(access, graph, key, ahead);
    if (found !== "again") return found;
  }
  return { tag: "unavailable", reason: `graph ${graph} changed while its root was read` };
}

/** One version of the chain. */
export async function readVersion(
  access: StoreAccess,
  graph: GraphId,
  version: number,
): Promise<VersionRead> {
  const found = await getObject(access, manifestKey(graph, version));
  if (found.tag !== "found") return found;
  const decoded = decodeManifest(graph, version, found.bytes);
  if (decoded.tag === "decoded") return { tag: "found", manifest: decoded.manifest };
  return { tag: "unreadable", reason: decoded.tag, detail: decoded.detail };
}

/** Publishes the manifest as its version, or tells why that is another operation's now. */
export async function publish(access: StoreAccess, manifest: Manifest): Promise<Publication> {
  const key = manifestKey(manifest.graph, manifest.version);
  const put = await putOnce(access, key, encodeManifest(manifest));
  switch (put.tag) {
    case "done":
      return { tag: "done", manifest };
    case "conflict":
    case "unavailable":
      return put;
    case "refused":
    case "ambiguous":
      return settled(access, manifest, put.tag === "ambiguous" ? put.reason : null);
  }
}

/** Puts our root marker if it is not there. `refused`: something else is under its key. */
export async function ensureMarker(
  access: StoreAccess,
  graph: GraphId,
): Promise<{ readonly tag: "marked" } | { readonly tag: "refused" } | Unavailable> {
  const put = await putOnce(access, markerKey(graph), encodeMarker(graph));
  if (put.tag === "done") return { tag: "marked" };
  const found = await getObject(access, markerKey(graph));
  if (found.tag === "found") return { tag: isMarkerOf(graph, found.bytes) ? "marked" : "refused" };
  return { tag: "unavailable", reason: `the root marker of ${graph} could not be put` };
}

/** Who has the version? A version that is absent after an ambiguous put may still be ours later. */
async function settled(access: StoreAccess, manifest: Manifest, doubt: string | null): Promise<Publication> {
  const found = await readVersion(access, manifest.graph, manifest.version);
  if (found.tag === "found") {
    const ours = found.manifest.operation_id === manifest.operation_id;
    return ours ? { tag: "done", manifest: found.manifest } : { tag: "refused" };
  }
  if (found.tag === "unreadable") return { tag: "refused" };
  const reason = found.tag === "unavailable" ? found.reason : "the manifest is not there yet";
  return { tag: "ambiguous", reason: doubt ?? reason };
}

/** No manifest was listed: what is at the root? */
async function readRoot(access: StoreAccess, graph: GraphId): Promise<HeadRead | "again"> {
  const page = await listPage(access, { prefix: graphRoot(graph), limit: 2 });
  if (page.tag === "unavailable") return page;
  const [first] = page.keys;
  if (first === undefined) return { tag: "absent", marked: false };
  if (page.keys.some((key) => key.startsWith(manifestPrefix(graph)))) return "again";
  if (first !== markerKey(graph) || page.keys.length > 1 || page.next !== null) return foreign(graph, first);
  const marker = await getObject(access, markerKey(graph));
  if (marker.tag === "unavailable") return marker;
  if (marker.tag === "absent") return "again";
  return isMarkerOf(graph, marker.bytes) ? { tag: "absent", marked: true } : foreign(graph, first);
}

async function readNewest(
  access: StoreAccess,
  graph: GraphId,
  key: string,
  ahead: AheadRead | null,
): Promise<HeadRead | "again"> {
  const version = manifestVersion(graph, key);
  if (version === null) return foreign(graph, storeKey(key));
  const early = version === ahead?.version ? await ahead.read : null;
  // Published between the two calls, or not answered: it is looked for again, now that it is known to be there.
  const found = early?.tag === "found" ? early : await readVersion(access, graph, version);
  if (found.tag === "found") return { tag: "head", manifest: found.manifest };
  if (found.tag !== "absent") return found;
  return { tag: "unreadable", reason: "corrupt", detail: `manifest ${version} was listed and is not there` };
}

function foreign(graph: GraphId, key: string): Unreadable {
  const detail = `the root of ${graph} holds ${key.slice(graphRoot(graph).length)}, which is not ours`;
  return { tag: "unreadable", reason: "foreign_format", detail };
}
