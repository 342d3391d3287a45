/**
 * parseClusterYaml: bytes of cluster.yaml in; the typed document, or every reason why there is none, out (spec/cluster
 * 1.2 steps 2 to 5).
 *
 * Guarantees: pure and total. Unlike the reference, which stops at the first complaint of the typed reading, all
 * complaints come at once: repeated, reserved and removed keys first, then syntax and types. Header complaints
 * (version, name, backend, storage) leave the document usable, so that everything else is checked as well.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { CLUSTER_FILE } from "./bundle.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { decodeCluster } from "./decode-cluster.ts";
import { checkHeader } from "./header.ts";
import { findRemovedKeys, findReservedKeys } from "./reserved-keys.ts";
import { decodeUtf8 } from "./source-text.ts";
import { type DeclaredSources, sourcesOfTree } from "./sources.ts";
import { parseYaml } from "./yaml-document.ts";

interface ParseFindings {
  readonly diagnostics: readonly Diagnostic[];
  /** What the document names, as far as it could be read. */
  readonly sources: DeclaredSources;
}

export type ParsedCluster =
  /** `diagnostics` are the header's and may be errors. */
  | ({ readonly tag: "parsed"; readonly config: ClusterConfig } & ParseFindings)
  | ({ readonly tag: "invalid" } & ParseFindings);

/** The bytes of a bundle never change, and several steps of a run ask for what the same ones say. */
const parsedBefore = new WeakMap<Uint8Array, ParsedCluster>();

/** Parses the content of `cluster.yaml`. */
export function parseClusterYaml(bytes: Uint8Array): ParsedCluster {
  const before = parsedBefore.get(bytes);
  if (before !== undefined) return before;
  const parsed = parseBytes(bytes);
  parsedBefore.set(bytes, parsed);
  return parsed;
}

function parseBytes(bytes: Uint8Array): ParsedCluster {
  const text = decodeUtf8(bytes);
  if (text.tag === "invalid") {
    const message = `cluster.yaml is not UTF-8: ${text.reason}.`;
    return {
      tag: "invalid",
      sources: sourcesOfTree(null),
      diagnostics: [
        diagnostic("cluster_config_read_error", {
          path: CLUSTER_FILE,
          message,
          source: text.at(CLUSTER_FILE),
        }),
      ],
    };
  }
  const document = parseYaml(text.text, CLUSTER_FILE);
  const sources = sourcesOfTree(document.root);
  const root = document.root ?? { tag: "empty", at: { file: CLUSTER_FILE, line: 1, column: 1 }, size: 1 };
  const findings = [...document.duplicates, ...findReservedKeys(root), ...findRemovedKeys(root)];
  if (document.errors.length > 0) {
    return { tag: "invalid", sources, diagnostics: [...findings, ...document.errors] };
  }
  const decoded = decodeCluster(root);
  const diagnostics = [...findings, ...decoded.diagnostics];
  if (decoded.config === null || findings.length > 0) {
    return { tag: "invalid", sources, diagnostics };
  }
  return { tag: "parsed", config: decoded.config, sources, diagnostics: checkHeader(decoded.config) };
}
