/**
 * The handlers, with the events that AWS sends, on S3, DynamoDB, SQS and SNS over HTTP: a config is uploaded, taken,
 * applied, read through the API, watched and refreshed, and a dead letter blocks its cluster.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeployment } from "../../functions/deployment.ts";
import { readEnvironment } from "../../functions/environment.ts";
import { chainsOnly } from "../../functions/open-engine.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { Deployment, DeploymentSettings } from "../../lib/worker/deployment.ts";
import { orderRun } from "../../lib/worker/order-run.ts";
import { encodeWorkMessage } from "../../lib/worker/work-message.ts";
import { type ClusterFiles, FIND_PERSON, filesOf, PERSON } from "../apply/cluster-files.ts";
import { DEMO, zipOf } from "../worker/deployment.ts";
import {
  httpEvent,
  iamAuthorizer,
  jwtAuthorizer,
  lambdaContext,
  S3_TEST_EVENT,
  sqsEvent,
} from "./aws-events.ts";
import { API_ID, type Deployed, settingsFile, startDeployed, TOKEN_API_ID, UPLOADS_ARN } from "./deployed.ts";

const ROLE = "iam-role:arn:aws:iam::111122223333:role/ci";
const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: ROLE,
  issuers: { "https://issuer.example": "corp" },
  group_claims: {},
  identity_map: { [ROLE]: "ci" },
  pinned_session_roles: [],
  uploaders: { "AWS:AROACI": ROLE },
  clusters: [DEMO],
  rules: LAPTOP_RULES,
  unbound_graph: "read",
  invocation_ms: 300_000,
};
const CONFIG: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
};
const CI = iamAuthorizer("arn:aws:sts::111122223333:assumed-role/ci/session");
const STRANGER = iamAuthorizer("arn:aws:sts::111122223333:assumed-role/other/session");

let deployed: Deployed;
let deployment: Deployment;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
  const environment = readEnvironment(process.env);
  const aws = deployed.aws.settings;
  deployment = createDeployment({
    environment,
    aws,
    settings: SETTINGS,
    openEngine: chainsOnly,
    log: SILENT_LOG,
  });
  const origin = { actor: "ci", trigger: "api", git: null, idempotency_key: null, caller: null };
  await orderRun(deployment, DEMO, { kind: "import", ...origin });
  await deployed.pump();
}, 120_000);
afterAll(() => deployed.stop());

interface Asked {
  readonly authorizer?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly api_id?: string;
}

async function get(path: string, { authorizer = CI, headers = {}, api_id = API_ID }: Asked = {}) {
  const event = httpEvent({ api_id, method: "GET", path, authorizer, headers });
  const { statusCode, body = "" } = await deployed.handlers.api.handler(event, lambdaContext());
  return { status: statusCode, body: JSON.parse(body || "null") };
}

function tick(kind: string) {
  return deployed.handlers.schedule.handler({ format_version: 1, kind }, lambdaContext());
}

function take(body: string) {
  return deployed.handlers.intake.handler(sqsEvent({ queueArn: UPLOADS_ARN, body }), lambdaContext());
}

const NONE_FAILED = { batchItemFailures: [] };

describe("the functions", () => {
  it("apply what is uploaded in mode auto, once, however often its event comes", async () => {
    const bytes = await zipOf(filesOf(CONFIG));
    const metadata = { "graphform-mode": "auto" };
    const notification = await deployed.upload(`inbox/${DEMO}/first.zip`, bytes, metadata);

    expect(await take(notification)).toEqual(NONE_FAILED);
    expect(await take(notification)).toEqual(NONE_FAILED);
    await deployed.pump();
    const applied = await get(`/v1/clusters/${DEMO}/ledger`);
    expect(await take(notification)).toEqual(NONE_FAILED);
    await deployed.pump();

    expect(applied.status).toBe(200);
    expect(JSON.stringify(applied.body)).toContain("query.people.find_person");
    expect(await get(`/v1/clusters/${DEMO}/ledger`)).toEqual(applied);
  }, 120_000);

  it("let what S3 sends when events are switched on, and what nobody understands, pass without a trace", async () => {
    expect(await take(S3_TEST_EVENT)).toEqual(NONE_FAILED);
    expect(await take("no notification")).toEqual(NONE_FAILED);
    expect(await deployed.pump()).toBe(0);
  });

  it("know a caller by what the gateway verified for this API, and by no header", async () => {
    const headers = { "x-actor": "ci", "x-amz-user-arn": ROLE };

    expect(await get("/v1/whoami")).toMatchObject({ status: 200, body: { actor: "ci" } });
    expect(await get("/v1/whoami", { authorizer: STRANGER, headers })).toMatchObject({
      status: 200,
      body: { actor: "iam-role:arn:aws:iam::111122223333:role/other" },
    });
    expect((await get("/v1/whoami", { api_id: "another" })).status).toBe(401);
    expect((await get("/v1/whoami", { authorizer: {} })).status).toBe(401);
    const claims = { iss: "https://issuer.example", sub: "ana" };
    const tokens = { api_id: TOKEN_API_ID };
    expect(await get("/v1/whoami", { ...tokens, authorizer: jwtAuthorizer(claims) })).toMatchObject({
      body: { actor: "jwt:corp:ana" },
    });
    const foreign = { ...claims, iss: "https://elsewhere.example" };
    expect((await get("/v1/whoami", { ...tokens, authorizer: jwtAuthorizer(foreign) })).status).toBe(401);
  });

  it("tell a stranger of a cluster no more than of one that is not there", async () => {
    const asked = { authorizer: STRANGER };
    const here = await get(`/v1/clusters/${DEMO}/status`, asked);
    const nowhere = await get("/v1/clusters/nowhere/status", asked);

    expect(here.status).toBe(nowhere.status);
    expect([403, 404]).toContain(here.status);
    expect(here.body.code).toBe(nowhere.body.code);
  });

  it("prompt every cluster of the deployment at a tick of the schedule, and nothing at anything else", async () => {
    const { s3, bucket } = deployed.aws;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "clusters/stray/x", Body: "x" }));

    expect(await tick("watch")).toEqual({ prompted: 1 });
    expect(await deployed.pump()).toBe(1);
    expect(await tick("refresh")).toEqual({ prompted: 1 });
    expect(await deployed.pump()).toBe(1);
    await expect(tick("delete")).rejects.toThrow();
  }, 60_000);

  it("make a message come again soon if a worker meets a defect, with the time that is left handed on", async () => {
    const queueArn = "arn:aws:sqs:us-east-1:111122223333:applies.fifo";
    const body = encodeWorkMessage({ format_version: 1, kind: "drain", cluster: DEMO });
    await deployment.applies.send({ body, group: DEMO, deduplication_id: deployment.ids.next() });
    const received = await deployment.applies.receive(0);
    if (received.tag !== "received" || received.messages[0] === undefined) throw new Error("no message");
    let asked = 0;
    const broken = {
      ...lambdaContext(),
      getRemainingTimeInMillis: () => {
        asked += 1;
        if (asked === 1) return 60_000;
        throw new Error("a defect");
      },
    };
    const { receipt } = received.messages[0];
    const delivery = { queueArn, body, messageId: "m", receiptHandle: receipt, deliveries: 1, group: DEMO };
    deployed.aws.proxies.sqs.clear();

    const answer = await deployed.handlers.apply.handler(sqsEvent(delivery), broken);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m" }] });
    const changed = deployed.aws.proxies.sqs.seen.map((each) => JSON.stringify(each));
    expect(changed.filter((each) => each.includes("ChangeMessageVisibility"))).toHaveLength(1);
    expect(await deployment.applies.acknowledge(receipt)).toMatchObject({ tag: "done" });
  }, 60_000);

  it("say that it must come again while the world does not answer, and lose nothing", async () => {
    const { s3, sqs } = deployed.aws.proxies;
    const away = { tag: "answer", reply: { status: 503, headers: {}, body: Buffer.alloc(0) } } as const;
    const bytes = await zipOf(filesOf(CONFIG));
    const notification = await deployed.upload(`inbox/${DEMO}/third.zip`, bytes);
    const again = { batchItemFailures: [{ itemIdentifier: expect.any(String) }] };

    s3.inject(away, ({ path }) => path.includes("third.zip"), 100);
    expect(await take(notification)).toEqual(again);
    s3.clear();
    expect(await take(notification)).toEqual(NONE_FAILED);

    s3.inject(away, ({ path }) => path.includes("list-type"), 100);
    await expect(tick("watch")).rejects.toThrow("could not be listed");
    s3.clear();
    // One that passes is asked again, and nobody is woken.
    s3.inject(away, ({ path }) => path.includes("list-type"), 1);
    await tick("watch");

    sqs.inject(away, ({ operation }) => operation === "SendMessage", 100);
    await expect(tick("watch")).rejects.toThrow("could not be prompted");
    sqs.clear();

    s3.inject(away, ({ method, path }) => method === "PUT" && path.includes("blocked.json"), 100);
    const body = encodeWorkMessage({ format_version: 1, kind: "drain", cluster: DEMO });
    const queueArn = "arn:aws:sqs:us-east-1:111122223333:applies-dead.fifo";
    const letter = sqsEvent({ queueArn, body, group: DEMO });
    expect(await deployed.handlers.deadLetter.handler(letter, lambdaContext())).toEqual(again);
    s3.clear();
    await deployed.pump();
  }, 120_000);

  it("begin with settings that can be used or not at all, and hold a lease no longer than they live", async () => {
    const { openRuntime } = await import("../../functions/runtime.ts");
    const runtime = await openRuntime(chainsOnly);
    runtime.log.begin({ ...lambdaContext(), getRemainingTimeInMillis: () => 60_000 });
    const holding = runtime.deployment.open(DEMO).holding?.();

    expect(holding?.renew).toBe(false);
    expect(holding?.duration_ms).toBeGreaterThan(60_000);
    expect(holding?.duration_ms).toBeLessThanOrEqual(75_000);
    const before = process.env["GRAPHFORM_SETTINGS"];
    process.env["GRAPHFORM_SETTINGS"] = settingsFile({ ...SETTINGS, invocation_ms: 1 });
    await expect(openRuntime(chainsOnly)).rejects.toThrow("invocation_ms");
    process.env["GRAPHFORM_SETTINGS"] = before;
  });

  it("block the cluster of a dead letter, so that nothing runs there", async () => {
    const body = encodeWorkMessage({ format_version: 1, kind: "drain", cluster: DEMO });
    const queueArn = "arn:aws:sqs:us-east-1:111122223333:applies-dead.fifo";
    const letters = sqsEvent(
      { queueArn, body, group: DEMO },
      { queueArn, body: "forged", messageId: "f", group: "x" },
    );

    expect(await deployed.handlers.deadLetter.handler(letters, lambdaContext())).toEqual(NONE_FAILED);
    const before = await get(`/v1/clusters/${DEMO}/ledger`);
    const bytes = await zipOf(filesOf({ graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } }));
    await take(await deployed.upload(`inbox/${DEMO}/second.zip`, bytes, { "graphform-mode": "auto" }));
    await deployed.pump();

    expect(await get(`/v1/clusters/${DEMO}/ledger`)).toEqual(before);
  }, 60_000);
});
