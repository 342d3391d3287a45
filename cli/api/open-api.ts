/** Opens the API of a target: which cluster, and what proves who asks. Nothing is sent yet. */
import { type ApiClient, createApiClient } from "../../lib/client/api-client.ts";
import type { Authorize } from "../../lib/client/authorize.ts";
import type { CallPorts } from "../../lib/client/call.ts";
import { CLUSTER_FILE } from "../../lib/config/bundle.ts";
import { parseClusterYaml } from "../../lib/config/parse.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { type ClusterName, parseClusterName } from "../../lib/digest/ids.ts";
import { readBundle } from "../../lib/file/bundle-reader.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import type { CommandContext } from "../command-context.ts";
import { HTTP_TRANSPORT } from "./http-transport.ts";
import type { ApiTarget } from "./target.ts";

export type ApiOpened =
  | { readonly tag: "opened"; readonly client: ApiClient }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function openApi(context: CommandContext, target: ApiTarget): Promise<ApiOpened> {
  const named = await clusterOf(context, target);
  if (named.tag === "refused") return named;
  const ports = await callPorts(target);
  if (ports.tag === "refused") return ports;
  return { tag: "opened", client: createApiClient(ports.ports, target.url, named.cluster) };
}

type Refused = Extract<ApiOpened, { readonly tag: "refused" }>;
type NamedCluster = { readonly tag: "named"; readonly cluster: ClusterName } | Refused;

async function clusterOf({ config_dir }: CommandContext, target: ApiTarget): Promise<NamedCluster> {
  if (target.cluster !== null) return named(target.cluster, "The target");
  const bundle = await readBundle(config_dir);
  const file = bundle.read(CLUSTER_FILE);
  const parsed = file.tag === "file" ? parseClusterYaml(file.bytes) : null;
  // Whoever names the cluster in a file that cannot be read is told about the file.
  if (parsed?.tag === "invalid") return { tag: "refused", diagnostics: loadDesired(bundle).diagnostics };
  const name = parsed?.config.metadata.name?.value;
  if (name !== undefined) return named(name, CLUSTER_FILE);
  const message = `Neither the command nor the target nor ${CLUSTER_FILE} names a cluster of ${target.url}.`;
  return refused(diagnostic("deployment_cluster_unnamed", { path: CLUSTER_FILE, message }));
}

function named(name: string, by: string): NamedCluster {
  const cluster = parseClusterName(name);
  if (cluster !== null) return { tag: "named", cluster };
  const message = `${by} names the cluster "${name}", and no cluster of a deployment can have that name.`;
  return refused(diagnostic("deployment_cluster_unnamed", { path: CLUSTER_FILE, message }));
}

type Ports = { readonly tag: "ports"; readonly ports: CallPorts } | Refused;

async function callPorts(target: ApiTarget): Promise<Ports> {
  const authorize = target.auth.tag === "token" ? withToken(target.auth.env) : await signing(target);
  if (authorize === null) {
    const variable = target.auth.tag === "token" ? target.auth.env : "AWS_REGION";
    const message = `${target.url} needs to know who asks, and ${variable} is not set.`;
    return refused(diagnostic("deployment_credentials_missing", { path: variable, message }));
  }
  const ports = { transport: HTTP_TRANSPORT, authorize, clock: SYSTEM_CLOCK, ids: createUlids() };
  return { tag: "ports", ports };
}

function withToken(variable: string): Authorize | null {
  const token = process.env[variable]?.trim() ?? "";
  if (token === "") return null;
  const headers = { authorization: `Bearer ${token}` };
  return () => Promise.resolve({ tag: "headers", headers });
}

/** API Gateway says its region in its name; behind a name of one's own the environment or the target must. */
async function signing(target: ApiTarget): Promise<Authorize | null> {
  const named = target.auth.tag === "iam" ? target.auth.region : null;
  const host = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$/.exec(new URL(target.url).hostname)?.[1];
  const region = named ?? host ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? null;
  if (region === null) return null;
  const { createSigner } = await import("../../lib/aws/sign-request.ts");
  const sign = createSigner({ region, service: "execute-api", credentials: null, profile: null });
  return async ({ method, url, headers, body }) => {
    const signed = await sign({ method, url: new URL(url), headers, body }, SYSTEM_CLOCK.nowMs());
    if (signed.tag === "signed") return { tag: "headers", headers: signed.headers };
    const message = `The request could not be signed: ${signed.reason}.`;
    const problem = diagnostic("deployment_credentials_missing", { path: "AWS credentials", message });
    return { tag: "failed", diagnostics: [problem] };
  };
}

function refused(problem: Diagnostic): Refused {
  return { tag: "refused", diagnostics: [problem] };
}
