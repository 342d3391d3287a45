/**
 * The digest of one query declaration alone, beside the digest of its whole file (W37).
 *
 * Guarantees: pure; insensitive to comments, white space and to the other declarations of the file, because it covers
 * the syntax tree without positions. It is no part of OmniGraph's formats.
 */
import { type Digest, sha256 } from "../digest/digest.ts";
import type { QueryAst } from "../query/ast.ts";

/** The digest of `query`. */
export function declarationDigest(query: QueryAst): Digest {
  return sha256(`query-declaration\0${treeText(query)}`);
}

/** Fields that say where something stands, not what it is. */
const POSITIONS: ReadonlySet<string> = new Set(["at", "lineStarts"]);

/** JSON of the tree in the order of its fields; integers are exact and marked, so that 1 and "1" differ. */
function treeText(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(treeText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  let text = "{";
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields)) {
    if (!POSITIONS.has(key)) text += `${key}:${treeText(fields[key])},`;
  }
  return `${text}}`;
}
