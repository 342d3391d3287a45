/**
 * Declared paths: how what a person wrote in cluster.yaml becomes a path inside the config folder (W35).
 *
 * Guarantees: purely lexical, so that a packed bundle and the folder it was packed from agree. A path that climbs out
 * of the folder is refused even if it would come back in, because what lies beside the folder differs per machine.
 */

export type InsidePath =
  /** From the folder, without dot segments; the folder itself is the empty path. */
  { readonly tag: "inside"; readonly path: string } | { readonly tag: "outside"; readonly reason: string };

/** Resolves `declared` against the folder whose absolute path is `root`; without a root no absolute path is inside. */
export function resolveInside(declared: string, root: string | null): InsidePath {
  if (declared.includes("\0")) return { tag: "outside", reason: "the path holds a NUL character" };
  if (!declared.startsWith("/")) return normalise(declared);
  const base = root === null ? null : root.replace(/\/+$/, "");
  if (base === null || (declared !== base && !declared.startsWith(`${base}/`))) {
    return { tag: "outside", reason: "the path is absolute and does not lie in the config folder" };
  }
  return normalise(declared.slice(base.length + 1));
}

function normalise(relative: string): InsidePath {
  const kept: string[] = [];
  for (const segment of relative.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.pop() === undefined) {
      return { tag: "outside", reason: "the path leaves the config folder through `..`" };
    }
  }
  return { tag: "inside", path: kept.join("/") };
}

/** `base` and `path` as one path, in the spelling of both; an absolute `path` stands alone. */
export function joinPath(base: string, path: string): string {
  if (path.startsWith("/") || base === "") return path;
  return base.endsWith("/") ? base + path : `${base}/${path}`;
}

/** True for files that hold secrets by convention; no bundle gives them out, whatever names them (design 11). */
export function isSecretFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return name === ".env" || name.startsWith(".env.");
}
