/** Which deployment a command asks: `--api URL`, `--on NAME`, else the target in use; none: the config folder's. */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { parseClusterName } from "../../lib/digest/ids.ts";
import type { ApiTarget } from "./target.ts";
import { DEFAULT_TOKEN_ENV, FOLDER_TARGET, type NamedTarget, readTargets } from "./targets-file.ts";
import { apiUrl } from "./url.ts";

export interface TargetFlags {
  readonly api?: string | undefined;
  readonly on?: string | undefined;
  readonly cluster?: string | undefined;
}

export type TargetChosen =
  /** Null: the cluster of the config folder. */
  | { readonly tag: "chosen"; readonly target: ApiTarget | null }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export function chooseTarget(flags: TargetFlags, file: string): TargetChosen {
  const { cluster = null } = flags;
  if (cluster !== null && parseClusterName(cluster) === null) {
    const message = `"${cluster}" is not the name of a cluster.`;
    return refused(diagnostic("deployment_cluster_unnamed", { path: "--cluster", message }));
  }
  if (flags.api !== undefined) return byUrl(flags.api, cluster);
  if (flags.on === FOLDER_TARGET) return folder(cluster);
  const read = readTargets(file);
  if (read.tag === "invalid") {
    return { tag: "refused", diagnostics: read.diagnostics };
  }
  const { targets, use } = read.targets;
  const name = flags.on ?? use;
  if (name === FOLDER_TARGET) return folder(cluster);
  const named = targets[name];
  if (named === undefined) {
    const known = Object.keys(targets).sort().join(", ");
    const message = `There is no target "${name}". There ${known === "" ? "is none" : `is ${known}`}.`;
    return refused(diagnostic("target_not_named", { path: "--on", message }));
  }
  const words = flags.on === undefined ? [] : ["--on", name];
  return { tag: "chosen", target: byName(named, cluster, words) };
}

function folder(cluster: string | null): TargetChosen {
  if (cluster === null) return { tag: "chosen", target: null };
  const message = "--cluster names a cluster of a deployment, and no deployment is named.";
  return refused(diagnostic("deployment_only", { path: "--cluster", message }));
}

function byUrl(text: string, cluster: string | null): TargetChosen {
  const url = apiUrl(text);
  if (url === null) {
    const message = `"${text}" is no URL of an API that can be used.`;
    return refused(diagnostic("deployment_url_invalid", { path: "--api", message }));
  }
  const words = ["--api", url, ...clusterWords(cluster)];
  const isAws = /\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.test(new URL(url).hostname);
  const token = process.env[DEFAULT_TOKEN_ENV] !== undefined;
  const auth = isAws && !token ? IAM : ({ tag: "token", env: DEFAULT_TOKEN_ENV } as const);
  return { tag: "chosen", target: { url, cluster, auth, words } };
}

const IAM = { tag: "iam", region: null } as const;

function byName(named: NamedTarget, cluster: string | null, words: readonly string[]): ApiTarget {
  const auth =
    named.auth === "iam"
      ? ({ tag: "iam", region: named.region ?? null } as const)
      : ({ tag: "token", env: named.token_env ?? DEFAULT_TOKEN_ENV } as const);
  return {
    url: apiUrl(named.api) ?? named.api,
    cluster: cluster ?? named.cluster ?? null,
    auth,
    words: [...words, ...clusterWords(cluster)],
  };
}

function clusterWords(cluster: string | null): readonly string[] {
  return cluster === null ? [] : ["--cluster", cluster];
}

function refused(problem: Diagnostic): TargetChosen {
  return { tag: "refused", diagnostics: [problem] };
}
