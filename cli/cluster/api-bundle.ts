/** Brings the config folder to the deployment: what cluster.yaml names and itself, as one archive. */

import type { ApiClient } from "../../lib/client/api-client.ts";
import { CLUSTER_FILE } from "../../lib/config/bundle.ts";
import { bundleFiles } from "../../lib/config/sources.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { readBundle } from "../../lib/file/bundle-reader.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import type { ApiContext } from "./api-cluster.ts";
import { type Answered, answered, unanswered } from "./cluster.ts";

export interface BroughtBundle {
  readonly bundle_digest: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function bundleOf(asked: ApiContext, client: ApiClient): Promise<Answered<BroughtBundle>> {
  const bundle = await readBundle(asked.context.config_dir);
  // A folder without cluster.yaml is no config, and the loader says so best.
  if (bundle.read(CLUSTER_FILE).tag !== "file") return unanswered(loadDesired(bundle).diagnostics);
  const zip = await packFiles(bundleFiles(bundle));
  const kept = await client.postBundle(zip);
  if (kept.tag === "failed") return unanswered(kept.diagnostics);
  return answered({
    bundle_digest: String(kept.value["bundle_digest"]),
    diagnostics: (kept.value["diagnostics"] ?? []) as readonly Diagnostic[],
  });
}
