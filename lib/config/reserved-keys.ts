/** Keys that are refused by name: reserved for a later version, or removed (spec/cluster 1.1, 1.2 step 3). */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { YamlValue } from "./yaml-value.ts";

export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  "apply",
  "env_file",
  "pipelines",
  "embeddings",
  "ui",
  "aliases",
  "bindings",
]);

/** One `future_phase_field` for every reserved top-level key, in file order. */
export function findReservedKeys(root: YamlValue): readonly Diagnostic[] {
  if (root.tag !== "map") return [];
  return root.entries
    .filter((entry) => RESERVED_KEYS.has(entry.key))
    .map((entry) =>
      diagnostic("future_phase_field", {
        path: entry.key,
        message: `The key \`${entry.key}\` is reserved for a later version.`,
        source: entry.key_at,
      }),
    );
}

/** One `removed_streaming_declaration` for every graph that has the key, whatever its value. */
export function findRemovedKeys(root: YamlValue): readonly Diagnostic[] {
  if (root.tag !== "map") return [];
  const graphs = root.entries.find((entry) => entry.key === "graphs")?.value;
  if (graphs?.tag !== "map") return [];
  return graphs.entries.flatMap((graph) => {
    const streaming =
      graph.value.tag === "map" ? graph.value.entries.find((entry) => entry.key === REMOVED_KEY) : undefined;
    if (streaming === undefined) return [];
    const path = `graphs.${graph.key}.${REMOVED_KEY}`;
    const message = `The key \`${path}\` is no longer supported.`;
    return [diagnostic("removed_streaming_declaration", { path, message, source: streaming.key_at })];
  });
}

/** A graph's key that version 1 no longer has. */
export const REMOVED_KEY = "streaming";
