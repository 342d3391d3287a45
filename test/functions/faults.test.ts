/**
 * The whole flow on the wire: upload, plan, approval by a second person, apply, refresh, drift, through the handlers and
 * over HTTP; then the same while answers are lost, requests refused and throttled, messages handled twice at once, and
 * with a hundred clusters side by side. Nothing is applied twice, nothing is lost, and history has no gap.
 */
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { FIND_PERSON, filesOf, PERSON } from "../apply/cluster-files.ts";
import { seededRandom } from "../sim/random.ts";
import type { Fault, FaultProxy, SeenRequest } from "../wire/emulators/fault-proxy.ts";
import { zipOf } from "../worker/deployment.ts";
import { httpEvent, iamAuthorizer, jwtAuthorizer, lambdaContext, sqsEvent } from "./aws-events.ts";
import { API_ID, type Deployed, startDeployed, UPLOADS_ARN } from "./deployed.ts";

const ROLE = "iam-role:arn:aws:iam::111122223333:role/ci";
const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: ROLE,
  issuers: { "https://issuer.example": "corp" },
  group_claims: {},
  identity_map: { [ROLE]: "ci", "jwt:corp:ana": "ana" },
  pinned_session_roles: [],
  uploaders: { "AWS:AROACI": ROLE },
  clusters: null,
  rules: { ...LAPTOP_RULES, self_approval: "refused" },
  unbound_graph: "read",
  invocation_ms: 300_000,
};
const CI = iamAuthorizer("arn:aws:sts::111122223333:assumed-role/ci/session");
const ANA = jwtAuthorizer({ iss: "https://issuer.example", sub: "ana" });
/** Enough to go through every lane of the queues and their prompts. */
const ROUNDS = 14;
const CLUSTERS = 100;
/** Clusters whose messages are handled side by side. */
const LANES = 10;

const CONTROL_POLICY = `version: 1
groups:
  ci: [ci]
  approvers: [ana]
rules:
  - id: ci-works
    allow:
      actors: { group: ci }
      actions: [cluster_validate, cluster_plan, cluster_apply, cluster_refresh, cluster_read_status, cluster_read_history]
  - id: approvers-approve
    allow: { actors: { group: approvers }, actions: [cluster_approve, cluster_read_status] }
`;

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());
beforeEach(() => {
  for (const proxy of Object.values(deployed.aws.proxies)) proxy.clear();
});

interface Asked {
  readonly authorizer?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

async function call(method: string, path: string, { authorizer = CI, body }: Asked = {}) {
  const event = httpEvent({ api_id: API_ID, method, path, authorizer, body });
  const answer = await deployed.handlers.operate.handler(event, lambdaContext());
  return { status: answer.statusCode, body: JSON.parse(answer.body || "null") };
}

function take(notification: string) {
  return deployed.handlers.intake.handler(
    sqsEvent({ queueArn: UPLOADS_ARN, body: notification }),
    lambdaContext(),
  );
}

/** Uploads a config and works until nothing is left; the record of its run. */
async function handIn(cluster: string, name: string, files: Readonly<Record<string, string>>, mode: string) {
  const key = `inbox/${cluster}/${name}.zip`;
  const notification = await deployed.upload(key, await zipOf(files), { "graphform-mode": mode });
  expect(await take(notification)).toEqual({ batchItemFailures: [] });
  await deployed.pump();
  const { body } = await call("GET", `/v1/clusters/${cluster}/runs?limit=1`);
  return body.items[0];
}

async function importCluster(cluster: string): Promise<void> {
  expect((await call("POST", `/v1/clusters/${cluster}/import`, { body: {} })).status).toBe(202);
  await deployed.pump();
}

async function keysBelow(prefix: string): Promise<readonly string[]> {
  const { s3, bucket } = deployed.aws;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

async function documentAt(key: string) {
  const { s3, bucket } = deployed.aws;
  const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse((await found.Body?.transformToString()) ?? "");
}

/** The receipts that are history, oldest first: one head a revision, from 1 on without a gap. */
async function historyOf(cluster: string) {
  const root = `clusters/${cluster}/__graphform`;
  const heads = await keysBelow(`${root}/heads/`);
  const revisions = heads.map((key) =>
    Number(key.slice(-"00000000000000000001.json".length, -".json".length)),
  );
  expect(revisions).toEqual(revisions.map((_, index) => index + 1));
  const { state_revision } = await documentAt(`clusters/${cluster}/__cluster/state.json`);
  expect(state_revision).toBe(revisions.length);
  const receipts = await keysBelow(`${root}/receipts/`);
  return Promise.all(
    heads.map(async (key) => {
      const { revision = Number(key.slice(-25, -5)), commit_id } = await documentAt(key);
      const own = receipts.find((each) => each.includes(String(revision)) && each.includes(commit_id));
      return documentAt(own ?? "");
    }),
  );
}

const graphs = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { schema: PERSON, queries: { find_person: FIND_PERSON } }]));

function configOf(names: readonly string[], note = ""): Readonly<Record<string, string>> {
  const files = filesOf({
    graphs: graphs(...names),
    policies: { control: { applies_to: ["cluster"] } },
  });
  const queries = Object.keys(files).filter((path) => path.endsWith(".gq"));
  const changed = queries.map((path) => [path, `// ${note}\n${files[path]}`]);
  return { ...files, ...Object.fromEntries(changed), "control.policy.yaml": CONTROL_POLICY };
}

describe("a deployment on the wire", () => {
  it("deletes a graph only after a second person has approved it, and tells of what it finds (C1, C3, A7)", async () => {
    const cluster = "brain";
    await importCluster(cluster);
    const applied = await handIn(cluster, "first", configOf(["people", "shop"]), "auto");
    const planned = await handIn(cluster, "second", configOf(["people"]), "plan");
    const { plan_id } = planned;
    const approval = { address: "graph.shop", plan_id, reason: "nobody uses it" };

    const alone = await call("POST", `/v1/clusters/${cluster}/approvals`, { body: approval });
    const apply = await call("POST", `/v1/clusters/${cluster}/plans/${plan_id}/apply`, { body: {} });
    await deployed.pump();
    const run = `/v1/clusters/${cluster}/runs/${apply.body.run.run_id}`;
    const waiting = await call("GET", run);
    const before = await call("GET", `/v1/clusters/${cluster}/ledger`);
    const second = await call("POST", `/v1/clusters/${cluster}/approvals`, {
      authorizer: ANA,
      body: approval,
    });
    await deployed.pump();
    const ended = await call("GET", run);
    const after = await call("GET", `/v1/clusters/${cluster}/ledger`);

    expect(applied).toMatchObject({ state: "ended", outcome: "applied", actor: "ci" });
    expect(planned).toMatchObject({ state: "ended", outcome: "planned" });
    expect(alone.status).toBe(403);
    expect(waiting.body.run).toMatchObject({ state: "waiting_approval", outcome: null });
    expect(Object.keys(before.body.applied_revision.resources)).toContain("graph.shop");
    expect(second.status).toBe(201);
    expect(ended.body.run).toMatchObject({ state: "ended", outcome: "applied" });
    expect(Object.keys(after.body.applied_revision.resources)).not.toContain("graph.shop");
    const receipts = await historyOf(cluster);
    expect(receipts.flatMap((each) => each.approvals_consumed)).toHaveLength(1);
  }, 120_000);

  it("applies each upload once, whatever single requests of it meet (L1, L4, L7, A7, R6)", async () => {
    const cluster = "storm";
    await importCluster(cluster);
    await handIn(cluster, "start", configOf(["people"]), "auto");
    const random = seededRandom(7);

    for (let round = 1; round <= ROUNDS; round += 1) {
      const met = injectStorm(random);
      const key = `inbox/${cluster}/${round}.zip`;
      const bytes = await zipOf(configOf(["people"], `round ${round}`));
      for (const proxy of Object.values(deployed.aws.proxies)) proxy.clear();
      const notification = await deployed.upload(key, bytes, { "graphform-mode": "auto" });
      met.begin();
      await take(notification);
      await take(notification);
      await deployed.pump();
      for (const proxy of Object.values(deployed.aws.proxies)) proxy.clear();
      await take(notification);
      await deployed.handlers.schedule.handler({ format_version: 1, kind: "watch" }, lambdaContext());
      await deployed.pump();
      const ledger = await call("GET", `/v1/clusters/${cluster}/ledger`);
      const digests = await keysBelow(`clusters/${cluster}/__cluster/resources/query/people/find_person/`);
      const { digest } = ledger.body.applied_revision.resources["query.people.find_person"];
      const payload = digests.find((each) => each.includes(digest));
      const { s3, bucket } = deployed.aws;
      const text = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: payload ?? "" }));
      expect(await text.Body?.transformToString()).toContain(`round ${round}\n`);
    }

    const receipts = await historyOf(cluster);
    const changes = receipts.filter((each) =>
      each.changes.some(
        (change: { readonly address: string }) => change.address === "query.people.find_person",
      ),
    );
    expect(changes).toHaveLength(1 + ROUNDS);
    expect(await keysBelow(`clusters/${cluster}/__cluster/recoveries/`)).toEqual([]);
    expect(await keysBelow(`clusters/${cluster}/__cluster/lock.json`)).toEqual([]);
    expect(await keysBelow(`clusters/${cluster}/graphs/people.omni/__manifest/`)).toHaveLength(1);
  }, 300_000);

  it("does once what two workers take on at once, because the visibility of its message has passed (K2, A7)", async () => {
    const cluster = "twice";
    await importCluster(cluster);
    const notification = await deployed.upload(
      `inbox/${cluster}/first.zip`,
      await zipOf(configOf(["people"])),
      { "graphform-mode": "auto" },
    );
    await take(notification);
    const body = JSON.stringify({ format_version: 1, kind: "drain", cluster });
    const delivery = { queueArn: "arn:aws:sqs:us-east-1:111122223333:applies.fifo", body, group: cluster };

    const answers = await Promise.all(
      ["a", "b", "c"].map((messageId) =>
        deployed.handlers.apply.handler(sqsEvent({ ...delivery, messageId }), lambdaContext()),
      ),
    );
    await deployed.pump();

    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ batchItemFailures: [] })));
    const receipts = await historyOf(cluster);
    const created = receipts.filter((each) =>
      each.changes.some((change: { readonly address: string }) => change.address === "graph.people"),
    );
    expect(created.filter((each) => each.kind === "final")).toHaveLength(1);
    expect(await keysBelow(`clusters/${cluster}/graphs/people.omni/__manifest/`)).toHaveLength(1);
  }, 120_000);

  it("keeps a hundred clusters apart, each with a history without a gap (L1)", async () => {
    const names = Array.from({ length: CLUSTERS }, (_, index) => `c${index}`);
    const files = { "cluster.yaml": "version: 1\ngraphs: {}\n" };
    const withPolicy = {
      "cluster.yaml":
        "version: 1\ngraphs: {}\npolicies:\n  control:\n    file: control.policy.yaml\n    applies_to: [cluster]\n",
      "control.policy.yaml": CONTROL_POLICY,
    };
    await inLanes(names, async (cluster) => {
      await call("POST", `/v1/clusters/${cluster}/import`, { body: {} });
    });
    await Promise.all(Array.from({ length: LANES }, () => deployed.pump()));
    const bundles = [await zipOf(files), await zipOf(withPolicy)];
    for (const [index, bytes] of bundles.entries()) {
      await inLanes(names, async (cluster) => {
        const key = `inbox/${cluster}/${index}.zip`;
        await take(await deployed.upload(key, bytes, { "graphform-mode": "auto" }));
      });
      await Promise.all(Array.from({ length: LANES }, () => deployed.pump()));
    }

    const histories = await Promise.all(names.map(historyOf));

    for (const receipts of histories) {
      const policies = receipts.filter((each) => "policy.control" in each.resources);
      expect(policies).toHaveLength(1);
    }
  }, 300_000);
});

/** Single requests of the services meet something, each at another point of the flow. */
function injectStorm(random: { readonly below: (limit: number) => number }): { readonly begin: () => void } {
  const { s3, dynamodb, sqs } = deployed.aws.proxies;
  const plans = Array.from({ length: 3 }, () => ({
    ...FAULTS[random.below(FAULTS.length)]!,
    after: random.below(30),
  }));
  return {
    begin: () => {
      for (const { service, fault, writes, after } of plans) {
        const proxy: FaultProxy = { s3, dynamodb, sqs }[service];
        let seen = 0;
        proxy.inject(fault, (request) => {
          if (writes && !isWrite(request)) return false;
          seen += 1;
          return seen > after;
        });
      }
    },
  };
}

function isWrite({ method, operation }: SeenRequest): boolean {
  return method === "PUT" || method === "DELETE" || ["PutItem", "SendMessage"].includes(operation);
}

const xml = (code: string) => Buffer.from(`<Error><Code>${code}</Code><Message>injected</Message></Error>`);
const reply = (status: number, code: string) => ({
  status,
  headers: { "content-type": "application/xml" },
  body: xml(code),
});

const FAULTS: readonly {
  readonly service: "s3" | "dynamodb" | "sqs";
  readonly fault: Fault;
  readonly writes: boolean;
}[] = [
  { service: "s3", fault: { tag: "drop_answer" }, writes: true },
  { service: "s3", fault: { tag: "reset" }, writes: true },
  { service: "s3", fault: { tag: "answer_after", reply: reply(500, "InternalError") }, writes: true },
  { service: "s3", fault: { tag: "answer", reply: reply(503, "SlowDown") }, writes: false },
  { service: "s3", fault: { tag: "answer", reply: reply(409, "ConditionalRequestConflict") }, writes: true },
  { service: "dynamodb", fault: { tag: "drop_answer" }, writes: true },
  { service: "dynamodb", fault: { tag: "reset" }, writes: false },
  { service: "sqs", fault: { tag: "drop_answer" }, writes: true },
];

/** So many at once, each in its turn. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
