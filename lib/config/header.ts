/** The header of cluster.yaml: version, name, backend and storage root (spec/cluster 1.1, 1.2 step 5, 1.6). */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { checkStorageRoot } from "./storage-root.ts";

const SUPPORTED_VERSION = 1;
const SUPPORTED_BACKEND = "cluster";

/** Every complaint about the header. */
export function checkHeader(config: ClusterConfig): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const { version, metadata, state, storage } = config;
  if (version.value !== SUPPORTED_VERSION) {
    found.push(
      diagnostic("unsupported_cluster_config_version", {
        path: "version",
        message: `Version ${version.value} of cluster.yaml is not supported; only version 1 is.`,
        source: version.at,
      }),
    );
  }
  if (metadata.name !== null && metadata.name.value.trim() === "") {
    found.push(
      diagnostic("empty_metadata_name", {
        path: "metadata.name",
        message: "The name of the cluster is blank.",
        source: metadata.name.at,
      }),
    );
  }
  if (state.backend !== null && state.backend.value !== SUPPORTED_BACKEND) {
    found.push(
      diagnostic("unsupported_state_backend", {
        path: "state.backend",
        message: `The state backend \`${state.backend.value}\` is not supported.`,
        source: state.backend.at,
      }),
    );
  }
  if (storage !== null) found.push(...checkStorageRoot(storage));
  return found;
}
