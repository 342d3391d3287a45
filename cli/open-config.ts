/** Reads the config folder of a command: the whole desired model, or only where its cluster is stored. */
import { resolve } from "node:path";
import {
  NOTHING_STORED,
  readCompilations,
  type StoredCompilations,
} from "../lib/apply/planning/compilations.ts";
import type { Bundle } from "../lib/config/bundle.ts";
import { CLUSTER_FILE } from "../lib/config/bundle.ts";
import { parseClusterYaml } from "../lib/config/parse.ts";
import { resolveStorageRoot } from "../lib/config/storage-root.ts";
import { type Desired, loadDesired } from "../lib/desired/desired.ts";
import { type Diagnostic, diagnostic } from "../lib/diagnostic/diagnostic.ts";
import { parseGraphId } from "../lib/digest/ids.ts";
import { readBundle } from "../lib/file/bundle-reader.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { openFileRoot } from "../lib/file/open-root.ts";
import { type DeploymentRules, LAPTOP_RULES, readRules } from "../lib/ledger/deployment-rules.ts";

export type StorageFound =
  | {
      readonly tag: "folder";
      readonly root: string;
      readonly lock: boolean;
      /** What the deployment at the root allows. */
      readonly rules: DeploymentRules;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "unusable"; readonly diagnostics: readonly Diagnostic[] };

export interface OpenedConfig {
  readonly desired: Desired;
  readonly storage: StorageFound;
  /** What the cluster knew to compile already. */
  readonly compilations: StoredCompilations;
}

/** Everything that the folder declares, compiled from nothing but the folder itself (design 5: validate is hermetic). */
export async function openDesired(configDir: string): Promise<Desired> {
  return loadDesired(await readBundle(configDir));
}

/** The same with the help of what the cluster keeps from earlier runs (design 12); the result is the same. */
export async function openConfig(configDir: string): Promise<OpenedConfig> {
  const bundle = await readBundle(configDir);
  const compilations = await findCompilations(bundle);
  const desired = loadDesired(bundle, compilations);
  return { desired, storage: await withRules(storageFolderOf(desired)), compilations };
}

async function findCompilations(bundle: Bundle): Promise<StoredCompilations> {
  const cluster = bundle.read(CLUSTER_FILE);
  if (cluster.tag !== "file") return NOTHING_STORED;
  const parsed = parseClusterYaml(cluster.bytes);
  if (parsed.tag === "invalid") return NOTHING_STORED;
  const root = storageFolder(bundle, resolveStorageRoot(parsed.config.storage, bundle.config_dir), true);
  if (root.tag === "unusable") return NOTHING_STORED;
  const graphs = parsed.config.graphs.flatMap(({ id }) => parseGraphId(id) ?? []);
  return readCompilations(openFileRoot(root.root).store, graphs);
}

/** Where the cluster of a config is stored, from cluster.yaml alone; the files it names are not looked at. */
export async function findStorage(configDir: string): Promise<StorageFound> {
  const bundle = await readBundle(configDir);
  const cluster = bundle.read(CLUSTER_FILE);
  if (cluster.tag !== "file") return { tag: "unusable", diagnostics: loadDesired(bundle).diagnostics };
  const parsed = parseClusterYaml(cluster.bytes);
  if (parsed.tag === "invalid") return { tag: "unusable", diagnostics: parsed.diagnostics };
  const errors = parsed.diagnostics.filter((each) => each.severity === "error");
  if (errors.length > 0) return { tag: "unusable", diagnostics: parsed.diagnostics };
  const storage = resolveStorageRoot(parsed.config.storage, bundle.config_dir);
  return withRules(storageFolder(bundle, storage, parsed.config.state.lock !== false));
}

/** A folder whose rules are not read yet. */
type Place =
  | Omit<Extract<StorageFound, { tag: "folder" }>, "rules">
  | Extract<StorageFound, { tag: "unusable" }>;

/** Rules that cannot be read stop every command before it looks at anything else. */
async function withRules(place: Place): Promise<StorageFound> {
  if (place.tag === "unusable") return place;
  const { store } = openFileRoot(place.root);
  const read = await readRules({ store, clock: SYSTEM_CLOCK }, LAPTOP_RULES);
  if (read.tag === "refused") return { tag: "unusable", diagnostics: read.diagnostics };
  return { ...place, rules: read.rules };
}

/** The folder that a desired model is stored in. */
function storageFolderOf(desired: Desired): Place {
  const lock = desired.settings?.lock ?? true;
  return storageFolder({ config_dir: desired.config_dir }, desired.settings?.storage ?? null, lock);
}

function storageFolder(bundle: Pick<Bundle, "config_dir">, storage: string | null, lock: boolean): Place {
  const root = storage ?? bundle.config_dir;
  if (!root.startsWith("s3://")) return { tag: "folder", root: resolve(root), lock, diagnostics: [] };
  const message = `The storage root ${root} is on S3, and this command works on folders.`;
  return {
    tag: "unusable",
    diagnostics: [diagnostic("storage_backend_unsupported", { path: "storage", message })],
  };
}
