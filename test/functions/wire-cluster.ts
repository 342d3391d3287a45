/**
 * WireCluster: what people and AWS do with the clusters of a deployment on the wire, in few words, and what is stored of
 * them afterwards. Everything goes through the handlers and, over HTTP, through the SDK's clients.
 */
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { type ClusterFiles, type Files, filesOf } from "../apply/cluster-files.ts";
import { zipOf } from "../worker/deployment.ts";
import { httpEvent, lambdaContext, sqsEvent } from "./aws-events.ts";
import { type Deployed, UPLOADS_ARN } from "./deployed.ts";
import { ANA, CI, SETTINGS as LAMBDA_SETTINGS } from "./lambda-cluster.ts";

/** Nobody approves a change of their own here, and no invocation has to hurry. */
export const SETTINGS: DeploymentSettings = {
  ...LAMBDA_SETTINGS,
  rules: { ...LAPTOP_RULES, self_approval: "refused" },
  invocation_ms: 300_000,
};
/** EventBridge repeats a tick that failed. */
const TICKS_MAX = 3;
/** SQS hands a message out again that its function has not taken. */
const DELIVERIES_MAX = 3;

const CONTROL_POLICY = `version: 1
groups:
  ci: [ci]
  approvers: [ana]
rules:
  - id: ci-works
    allow:
      actors: { group: ci }
      actions: [cluster_validate, cluster_plan, cluster_apply, cluster_refresh, cluster_read_status, cluster_read_history]
  - id: approvers-decide
    allow:
      actors: { group: approvers }
      actions: [cluster_approve, cluster_read_status, cluster_force_unlock]
`;

/** Everybody may do their part; `note` stands in the policy, so that each config can be told from others. */
export function configOf(graphs: NonNullable<ClusterFiles["graphs"]>, note = ""): Files {
  const files = filesOf({ graphs, policies: { control: { applies_to: ["cluster"] } } });
  return { ...files, "control.policy.yaml": `${CONTROL_POLICY}# ${note}\n` };
}

export interface Asked {
  readonly method: "GET" | "POST";
  /** Below `/v1/clusters/`. */
  readonly path: string;
  readonly body?: unknown;
  /** `ci` where nobody is named. */
  readonly by?: "ci" | "ana";
}

export async function call({ handlers }: Deployed, { method, path, body, by = "ci" }: Asked) {
  const caller = { ci: CI, ana: ANA }[by];
  const event = httpEvent({ ...caller, method, path: `/v1/clusters/${path}`, body });
  const answer = await handlers.operate.handler(event, lambdaContext());
  return { status: answer.statusCode, body: JSON.parse(answer.body || "null") };
}

/** Hands the event of an upload to its function until it is taken. */
export async function take({ handlers }: Deployed, notification: string): Promise<void> {
  const event = sqsEvent({ queueArn: UPLOADS_ARN, body: notification });
  for (let deliveries = 0; deliveries < DELIVERIES_MAX; deliveries += 1) {
    const { batchItemFailures } = await handlers.intake.handler(event, lambdaContext());
    if (batchItemFailures.length === 0) return;
  }
  throw new Error("the upload was not taken");
}

/** A tick of the schedule, without what it leads to. */
export async function tick({ handlers }: Deployed, kind: "watch" | "refresh"): Promise<void> {
  for (let ticks = 1; ; ticks += 1) {
    const sent = handlers.schedule.handler({ format_version: 1, kind }, lambdaContext());
    const failure = await sent.then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null) return;
    if (ticks === TICKS_MAX) throw failure;
  }
}

export interface Upload {
  readonly files: Files;
  readonly mode: "plan" | "auto";
  readonly name: string;
}

/** Puts a config into the inbox; the body of the message of its event. */
export async function uploadConfig(deployed: Deployed, cluster: string, { files, mode, name }: Upload) {
  return deployed.upload(`inbox/${cluster}/${name}.zip`, await zipOf(files), { "graphform-mode": mode });
}

export async function newestRun(deployed: Deployed, cluster: string) {
  return (await call(deployed, { method: "GET", path: `${cluster}/runs?limit=1` })).body.items[0];
}

/** Uploads a config and works until nothing is left; the record of its run. */
export async function handIn(deployed: Deployed, cluster: string, upload: Upload) {
  await take(deployed, await uploadConfig(deployed, cluster, upload));
  await deployed.pump();
  return newestRun(deployed, cluster);
}

export async function orderImport(deployed: Deployed, cluster: string): Promise<void> {
  const ordered = await call(deployed, { method: "POST", path: `${cluster}/import`, body: {} });
  expect(ordered.status).toBe(202);
}

export async function keysBelow({ aws }: Deployed, prefix: string): Promise<readonly string[]> {
  const command = new ListObjectsV2Command({ Bucket: aws.bucket, Prefix: prefix });
  const { Contents = [], IsTruncated } = await aws.s3.send(command);
  if (IsTruncated === true) throw new Error(`more objects below ${prefix} than one page has`);
  return Contents.flatMap(({ Key }) => Key ?? []);
}

export async function textAt({ aws }: Deployed, key: string): Promise<string> {
  const found = await aws.s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key: key }));
  return (await found.Body?.transformToString()) ?? "";
}

async function documentAt(deployed: Deployed, key: string) {
  return JSON.parse(await textAt(deployed, key));
}

/** The document of the ledger. */
export function ledgerOf(deployed: Deployed, cluster: string) {
  return documentAt(deployed, `clusters/${cluster}/__cluster/state.json`);
}

/** The receipts that are history, oldest first: one head a revision, from 1 on without a gap. */
export async function historyOf(deployed: Deployed, cluster: string) {
  const root = `clusters/${cluster}/__graphform`;
  const heads = await keysBelow(deployed, `${root}/heads/`);
  const revisions = heads.map((key) => key.slice(-"00000000000000000001.json".length, -".json".length));
  expect(revisions.map(Number)).toEqual(revisions.map((_, index) => index + 1));
  expect((await ledgerOf(deployed, cluster)).state_revision).toBe(revisions.length);
  return Promise.all(
    heads.map(async (key, index) => {
      const { commit_id } = await documentAt(deployed, key);
      return documentAt(deployed, `${root}/receipts/${revisions[index]}-${commit_id}.json`);
    }),
  );
}

interface Changes {
  readonly kind: string;
  readonly trigger: string;
  readonly changes: readonly { readonly address: string }[];
}

/** The receipts that changed the resource. */
export function changesOf(receipts: readonly Changes[], address: string): readonly Changes[] {
  return receipts.filter((each) => each.changes.some((change) => change.address === address));
}
