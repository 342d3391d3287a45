/**
 * A deployment in memory: clusters by name, each a world of its own, and the API in front of it. Callers come as a
 * gateway would hand them over.
 */
import { createAccess } from "../../lib/access/cedar-access.ts";
import { identifyGateway } from "../../lib/access/identity.ts";
import { type ApiApp, createApi } from "../../lib/api/create-api.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import type { DeploymentRules } from "../../lib/ledger/deployment-rules.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import type { ManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { createMemoryQueueBackend, createMemoryWorkQueue } from "../../lib/memory/work-queue.ts";
import type { LogEvent } from "../../lib/ports/log.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import type { Deployment, DeploymentSettings, UploadedFile } from "../../lib/worker/deployment.ts";
import { type Client, newWorld, openClient, type World } from "../apply/cluster.ts";
import { type Interference, interferedStore, NO_INTERFERENCE } from "../apply/interference.ts";
import { memoryExports } from "../worker/memory-exports.ts";

export const BOOTSTRAP = "iam-role:arn:aws:iam::111122223333:role/bootstrap";
export const ISSUER = "https://login.example.com/";

export const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: BOOTSTRAP,
  issuers: { [ISSUER]: "login" },
  group_claims: { login: "groups" },
  identity_map: {
    "jwt:login:alice": "act-alice",
    "jwt:login:bruno": "act-bruno",
    "jwt:login:carol": "act-carol",
    "jwt:login:dan": "act-dan",
    "jwt:login:eve": "act-eve",
    "jwt:login:agent": "agent-support",
    "iam-user:arn:aws:iam::111122223333:user/alice": "act-alice",
  },
  pinned_session_roles: [],
  uploaders: {},
  clusters: null,
  rules: { ...LAPTOP_RULES, self_approval: "refused" },
  unbound_graph: "deny",
  invocation_ms: 600_000,
};

export interface TestDeployment {
  readonly deployment: Deployment;
  readonly app: ApiApp;
  readonly worlds: Map<string, World>;
  readonly records: MemoryBackend;
  readonly inbox: Map<string, UploadedFile>;
  readonly exports: Map<string, string>;
  readonly notices: Notice[];
  readonly log: LogEvent[];
  readonly clock: ManualClock;
  /** The ports of a cluster, for what a test arranges itself. */
  client(cluster: string): Client;
}

export interface TestOptions {
  readonly settings?: Partial<DeploymentSettings>;
  readonly rules?: Partial<DeploymentRules>;
  /** What becomes of calls to the store of every cluster. */
  readonly interference?: Interference;
}

export function testDeployment(options: TestOptions = {}): TestDeployment {
  const worlds = new Map<string, World>();
  const records = createMemoryBackend();
  const inbox = new Map<string, UploadedFile>();
  const exports = new Map<string, string>();
  const notices: Notice[] = [];
  const log: LogEvent[] = [];
  const { clock } = newWorld();
  const ids = createCountingIds(99);
  const settings: DeploymentSettings = { ...SETTINGS, ...options.settings };
  const rules = { ...settings.rules, ...options.rules };
  const worldOf = (cluster: string): World => {
    const world = worlds.get(cluster) ?? { ...newWorld(), clock };
    worlds.set(cluster, world);
    return world;
  };
  const client = (cluster: string, interference = NO_INTERFERENCE): Client => {
    const opened = openClient(worldOf(cluster), interference, rules);
    const kept = { info: (event: LogEvent) => log.push(event), warn: (event: LogEvent) => log.push(event) };
    return { ...opened, ports: { ...opened.ports, ids, root: `s3://bucket/clusters/${cluster}`, log: kept } };
  };
  const queue = () =>
    createMemoryWorkQueue(createMemoryQueueBackend(), { clock, ids, visibility_ms: 60_000 });
  const deployment: Deployment = {
    settings: { ...settings, rules },
    open: (cluster) => client(cluster, options.interference).ports,
    clusters() {
      const names = [...worlds].flatMap(([name, { objects }]) => (objects.objects.size > 0 ? [name] : []));
      return Promise.resolve({ tag: "listed", names: names as ClusterName[] });
    },
    inbox: {
      read(key, bytesMax) {
        const file = inbox.get(key);
        if (file === undefined) return Promise.resolve({ tag: "absent" });
        const bytes = file.bytes.length;
        return Promise.resolve(bytes > bytesMax ? { tag: "too_large", bytes } : { tag: "found", file });
      },
      presign(key, bytesMax, metadata) {
        const headers = Object.fromEntries(
          Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
        );
        const url = `https://uploads.example.com/${key}?max=${bytesMax}`;
        return Promise.resolve({ url, method: "PUT", headers, expires_at: "2026-01-01T01:00:00Z" });
      },
    },
    exports: memoryExports(exports),
    applies: queue(),
    tasks: queue(),
    notices: { publish: (notice) => Promise.resolve(notices.push(notice) > 0) },
    clock,
    ids,
    log: { info: (event) => void log.push(event), warn: (event) => void log.push(event) },
    records: interferedStore(createMemoryObjectStore(records), NO_INTERFERENCE),
  };
  const app = createApi({
    deployment,
    access: createAccess(deployment.settings, deployment.records),
    identify: (origin) => Promise.resolve(identifyGateway(origin, GATEWAYS, settings)),
  });
  return { deployment, app, worlds, records, inbox, exports, notices, log, clock, client };
}

/** One API for those who have a token, and one for roles. */
export const GATEWAYS = [
  { api_id: "api1", stage: "$default", kind: "jwt" },
  { api_id: "api-iam", stage: "$default", kind: "iam" },
] as const;

/** The request context of a person with a token. */
export function person(name: string, claims: Readonly<Record<string, unknown>> = {}): object {
  const jwt = { claims: { iss: ISSUER, sub: name, amr: "[pwd mfa]", ...claims }, scopes: null };
  return { apiId: "api1", stage: "$default", requestId: "request-1", authorizer: { jwt } };
}

/** The request context of a role. */
export function role(name: string, session = "session-1"): object {
  const userArn = `arn:aws:sts::111122223333:assumed-role/${name}/${session}`;
  return { apiId: "api-iam", stage: "$default", requestId: "request-1", authorizer: { iam: { userArn } } };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly headers: Headers;
}

export interface Sending {
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header whose token the gateway has made the claims of `context` from. */
function tokenOf(context: object | null): Readonly<Record<string, string>> {
  const { authorizer } = (context ?? {}) as { authorizer?: { jwt?: { claims: Record<string, unknown> } } };
  if (authorizer?.jwt === undefined) return {};
  const claims = Object.entries(authorizer.jwt.claims).map(([name, value]) => {
    const list = typeof value === "string" ? /^\[(.*)\]$/.exec(value)?.[1]?.split(" ") : undefined;
    return [name, list ?? value];
  });
  const payload = Buffer.from(JSON.stringify(Object.fromEntries(claims)), "utf8").toString("base64url");
  return { authorization: `Bearer e30.${payload}.c2ln` };
}

/** Sends a request below `/v1` as the caller of `context`; null: nobody. */
export async function send(
  { app }: Pick<TestDeployment, "app">,
  context: object | null,
  method: "GET" | "POST",
  path: string,
  sending: Sending = {},
): Promise<Answer> {
  const { raw } = sending;
  const text = sending.body === undefined ? undefined : JSON.stringify(sending.body);
  const body = raw === undefined ? text : typeof raw === "string" ? raw : Buffer.from(raw);
  const headers = {
    ...tokenOf(context),
    ...(text === undefined && typeof raw !== "string" ? {} : { "content-type": "application/json" }),
    ...sending.headers,
  };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const response = await app.request(`/v1${path}`, init, context === null ? {} : { requestContext: context });
  const answered = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    body: isJson && answered.trim() !== "" ? JSON.parse(answered) : null,
    text: answered,
    headers: response.headers,
  };
}
