/** Opens the API of a target: which cluster, and what proves who asks. Nothing is sent yet. */
import { type ApiClient, createApiClient } from "../../lib/client/api-client.ts";
import type { Authorize } from "../../lib/client/authorize.ts";
import type { CallPorts } from "../../lib/client/call.ts";
import { CLUSTER_FILE } from "../../lib/config/bundle.ts";
import { parseClusterYaml } from "../../lib/config/parse.ts";
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
  const cluster = await clusterOf(context, target);
  if (cluster === null) {
    const message = `Neither the command nor the target nor ${CLUSTER_FILE} names a cluster of ${target.url}.`;
    return refused(diagnostic("deployment_cluster_unnamed", { path: CLUSTER_FILE, message }));
  }
  const ports = await callPorts(target);
  if (ports.tag === "refused") return ports;
  return { tag: "opened", client: createApiClient(ports.ports, target.url, cluster) };
}

async function clusterOf({ config_dir }: CommandContext, target: ApiTarget): Promise<ClusterName | null> {
  if (target.cluster !== null) return parseClusterName(target.cluster);
  const file = (await readBundle(config_dir)).read(CLUSTER_FILE);
  if (file.tag !== "file") return null;
  const parsed = parseClusterYaml(file.bytes);
  return parsed.tag === "invalid" ? null : parseClusterName(parsed.config.metadata.name?.value ?? "");
}

type Ports =
  | { readonly tag: "ports"; readonly ports: CallPorts }
  | Extract<ApiOpened, { readonly tag: "refused" }>;

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

function refused(problem: Diagnostic): Extract<ApiOpened, { readonly tag: "refused" }> {
  return { tag: "refused", diagnostics: [problem] };
}
