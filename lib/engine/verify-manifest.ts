/**
 * What makes a manifest valid, in one place; called when one is encoded and when one is decoded (style 7.17).
 *
 * Guarantees: pure. The answer is the first broken rule in a sentence, or null. A manifest that passes never pins a
 * dataset of another incarnation, never brings an incarnation back that is listed as dead, and has exactly the fields
 * that its state gives a meaning to.
 */
import type { Manifest, TablePin } from "./manifest.ts";
import { branchBase, parseDatasetName } from "./paths.ts";

/** The first rule that the manifest breaks; null if it is valid. */
export function manifestFault(manifest: Manifest): string | null {
  return versionFault(manifest) ?? stateFault(manifest) ?? tablesFault(manifest) ?? deadFault(manifest);
}

function versionFault(manifest: Manifest): string | null {
  if (!Number.isSafeInteger(manifest.version) || manifest.version < 1)
    return "its version is no positive integer";
  const first = manifest.version === 1;
  if (first && manifest.cause !== "create" && manifest.cause !== "fence") {
    return `a chain cannot begin with a ${manifest.cause}`;
  }
  return null;
}

function stateFault(manifest: Manifest): string | null {
  const live = manifest.state === "live";
  const named = [manifest.incarnation, manifest.schema_digest, manifest.schema_record];
  if (live && named.includes(null)) return "it is live without an incarnation or a schema";
  if (!live && named.some((each) => each !== null)) return `it is ${manifest.state} and names a life`;
  if (!live && (manifest.tables.length > 0 || manifest.rows_written !== 0)) {
    return `it is ${manifest.state} and has rows`;
  }
  if (manifest.state === "never" && manifest.dead.length > 0)
    return "it never lived and has dead incarnations";
  if (manifest.state === "deleted" && manifest.dead.length === 0)
    return "it is deleted and nothing ever lived";
  return causeFault(manifest);
}

function causeFault(manifest: Manifest): string | null {
  switch (manifest.cause) {
    case "create":
    case "migrate":
    case "load":
    case "restore":
    case "compact":
      return manifest.state === "live" ? null : `a ${manifest.cause} leaves a graph live`;
    case "remove":
      return manifest.state === "deleted" ? null : "a remove leaves a graph deleted";
    case "reclaim":
      return manifest.state === "never" ? "nothing can be reclaimed before a first life" : null;
    case "fence":
      return null;
  }
}

function tablesFault(manifest: Manifest): string | null {
  let last = 0;
  for (const pin of manifest.tables) {
    if (pin.type_id <= last) return "its tables are not in ascending order of type id";
    last = pin.type_id;
    const fault = pinFault(manifest, pin);
    if (fault !== null) return `its table of type ${pin.type_id} ${fault}`;
  }
  return null;
}

function pinFault(manifest: Manifest, pin: TablePin): string | null {
  const name = parseDatasetName(pin.path);
  if (!name) return "has a path that is not one of ours";
  if (name.incarnation !== manifest.incarnation) return "lies in another incarnation";
  if (name.type_id !== pin.type_id) return "lies in another type's dataset";
  if (name.first > manifest.version) return "lies in a dataset of a later version";
  if (pin.branch === null) return null;
  const base = branchBase(pin.branch);
  return base === null || base >= manifest.version ? "is on a branch of a later version" : null;
}

function deadFault(manifest: Manifest): string | null {
  const seen = new Set<string>();
  for (const each of manifest.dead) {
    if (each.incarnation === manifest.incarnation) return "its live incarnation is listed as dead";
    if (seen.has(each.incarnation)) return "an incarnation is listed as dead twice";
    if (each.since >= manifest.version) return "a dead incarnation lived later than this version";
    seen.add(each.incarnation);
  }
  return null;
}
