/**
 * NoConfig: what a command declares that has no config at hand: nothing. The commands around plan and apply need one
 * only for what it says of the lock, so in a deployment they run without.
 */
import { sha256 } from "../digest/digest.ts";
import type { Desired } from "./desired.ts";

export const NO_CONFIG: Desired = {
  ok: true,
  diagnostics: [],
  config_dir: "",
  config_file: "",
  config_digest: null,
  bundle_digest: sha256(""),
  settings: null,
  resources: new Map(),
  dependencies: [],
  resource_digests: {},
  compiled: { schemas: [], query_files: [] },
};
