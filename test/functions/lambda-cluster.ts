/**
 * LambdaCluster: one cluster of a deployment on Lambda, and what people do with it in few words, through the functions
 * and as they are deployed.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { API_TIMEOUT_S } from "../../infra/limits.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { type ClusterFiles, type Files, filesOf } from "../apply/cluster-files.ts";
import { zipOf } from "../worker/deployment.ts";
import { httpEvent, iamAuthorizer, jwtAuthorizer, sqsEvent, uploadNotification } from "./aws-events.ts";
import { API_ID, TOKEN_API_ID, UPLOADS_ARN } from "./deployed.ts";
import { INVOCATION_MS, type Lambda, VISIBILITY_MS } from "./lambda.ts";

const ROLE = "iam-role:arn:aws:iam::111122223333:role/ci";
/** Each by the API that verifies them. */
export const CI = {
  api_id: API_ID,
  authorizer: iamAuthorizer("arn:aws:sts::111122223333:assumed-role/ci/session"),
};
export const ANA = {
  api_id: TOKEN_API_ID,
  authorizer: jwtAuthorizer({ iss: "https://issuer.example", sub: "ana" }),
};
/** What the gateway lets a function have. */
export const API_MS = API_TIMEOUT_S * 1000;
/** The lease of a worker that died is over, and its message is still hidden. */
export const LEASE_OVER_MS = INVOCATION_MS + 20_000;

export const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: ROLE,
  issuers: { "https://issuer.example": "corp" },
  group_claims: {},
  identity_map: { [ROLE]: "ci", "jwt:corp:ana": "ana" },
  pinned_session_roles: [],
  uploaders: { "AWS:AROACI": ROLE },
  clusters: null,
  rules: LAPTOP_RULES,
  unbound_graph: "read",
  invocation_ms: INVOCATION_MS,
};

const POLICY = `version: 1
groups:
  ci: [ci]
  operators: [ana]
rules:
  - id: ci-works
    allow:
      actors: { group: ci }
      actions: [cluster_validate, cluster_plan, cluster_apply, cluster_refresh, cluster_read_status, cluster_read_history]
  - id: operators-decide
    allow:
      actors: { group: operators }
      actions: [cluster_approve, cluster_read_status, cluster_force_unlock]
`;

const ROWS_POLICY = `version: 1
groups:
  ci: [ci]
rules:
  - id: ci-loads
    allow:
      actors: { group: ci }
      actions: [read, change]
`;

/** The files of a config in which everybody may do their part. */
export function configOf(graphs: NonNullable<ClusterFiles["graphs"]>): Files {
  const applies_to = Object.keys(graphs);
  const rows = applies_to.length === 0 ? {} : { rows: { applies_to } };
  const files = filesOf({ graphs, policies: { control: { applies_to: ["cluster"] }, ...rows } });
  return { ...files, "control.policy.yaml": POLICY, "rows.policy.yaml": ROWS_POLICY };
}

export interface Asked {
  readonly method: "GET" | "POST";
  /** Below `/v1/clusters/`. */
  readonly path: string;
  readonly body?: unknown;
  /** `ci` where nobody is named. */
  readonly by?: "ci" | "ana";
  readonly idempotency_key?: string;
}

/** The event that the gateway makes of it. */
export function requestOf({ method, path, body, by = "ci", idempotency_key }: Asked) {
  const caller = { ci: CI, ana: ANA }[by];
  const headers = idempotency_key === undefined ? {} : { "idempotency-key": idempotency_key };
  return httpEvent({ ...caller, method, path: `/v1/clusters/${path}`, headers, body });
}

export async function call(lambda: Lambda, asked: Asked) {
  const invoked = await lambda.invoke("operate", requestOf(asked), API_MS);
  if (invoked.tag !== "answered") throw new Error(JSON.stringify(invoked));
  const answer = invoked.value as { readonly statusCode: number; readonly body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body || "null") };
}

export interface Upload {
  readonly files: Files;
  readonly mode: "plan" | "auto";
  readonly name: string;
}

/** Puts a config into the inbox; the event of it for the function that takes uploads. */
export async function uploadConfig({ aws }: Lambda, cluster: string, { files, mode, name }: Upload) {
  const bytes = await zipOf(files);
  const key = `inbox/${cluster}/${name}.zip`;
  const Metadata = { "graphform-mode": mode };
  const put = new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: bytes, Metadata });
  const { ETag = "" } = await aws.s3.send(put);
  const principal = "AWS:AROACI:session";
  const body = uploadNotification({ bucket: aws.bucket, key, principal, etag: ETag, bytes: bytes.length });
  return sqsEvent({ queueArn: UPLOADS_ARN, body });
}

/** Hands in a config and works until nothing is left; the record of its run. */
export async function handIn(lambda: Lambda, cluster: string, files: Files, mode: Upload["mode"]) {
  const name = `${mode}-${Date.now()}`;
  await lambda.invoke("intake", await uploadConfig(lambda, cluster, { files, mode, name }));
  await lambda.pump();
  return newestRun(lambda, cluster);
}

export async function newestRun(lambda: Lambda, cluster: string) {
  return (await call(lambda, { method: "GET", path: `${cluster}/runs?limit=1` })).body.items[0];
}

export async function createCluster(lambda: Lambda, cluster: string, files: Files): Promise<void> {
  await call(lambda, { method: "POST", path: `${cluster}/import`, body: {} });
  await lambda.pump();
  const run = await handIn(lambda, cluster, files, "auto");
  if (run.outcome !== "applied") throw new Error(JSON.stringify(run));
}

export function promptDrain(lambda: Lambda, cluster: string): Promise<void> {
  return lambda.send("applies", cluster, JSON.stringify({ format_version: 1, kind: "drain", cluster }));
}

/** A tick of the schedule, and whatever it leads to. */
export async function tick(lambda: Lambda, kind: "watch" | "refresh" = "watch"): Promise<void> {
  await lambda.invoke("schedule", { format_version: 1, kind });
  await lambda.pump();
}

/** Time goes on until what is hidden is visible again, with or without a tick of the schedule before; one comes after. */
export async function comeBack(lambda: Lambda, withTick: boolean): Promise<void> {
  if (withTick) {
    lambda.advance(LEASE_OVER_MS);
    await tick(lambda);
  }
  lambda.advance(VISIBILITY_MS);
  await lambda.pump();
  await tick(lambda);
}
