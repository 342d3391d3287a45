/**
 * What is too long for the gateway, with the real handlers on S3, DynamoDB and SQS over HTTP: a config comes by a link
 * and is kept, and rows are written into a file in parts and read by a link.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { filesOf, PERSON } from "../apply/cluster-files.ts";
import { DEMO, zipOf } from "../worker/deployment.ts";
import { httpEvent, iamAuthorizer, lambdaContext, sqsEvent } from "./aws-events.ts";
import { API_ID, type Deployed, startDeployed, UPLOADS_ARN } from "./deployed.ts";

const ROLE = "iam-role:arn:aws:iam::111122223333:role/ci";
const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: ROLE,
  issuers: {},
  group_claims: {},
  identity_map: { [ROLE]: "ci" },
  pinned_session_roles: [],
  uploaders: {},
  clusters: null,
  rules: LAPTOP_RULES,
  unbound_graph: "deny",
  invocation_ms: 300_000,
};
const POLICY = `version: 1
groups: { ci: [ci] }
rules:
  - { id: ci-uses-rows, allow: { actors: { group: ci }, actions: [read, export, change] } }
`;
const CI = iamAuthorizer("arn:aws:sts::111122223333:assumed-role/ci/session");
const ROWS = 64;
const NAME_CHARACTERS = 100_000;

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());

interface Asked {
  readonly status: number;
  readonly body: Record<string, never>;
}

async function ask(method: "GET" | "POST", path: string, body?: object): Promise<Asked> {
  const handler = path.endsWith("/export") ? deployed.handlers.operate : deployed.handlers.api;
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body };
  const event = httpEvent({
    ...{ api_id: API_ID, method, path: `/v1/clusters/${DEMO}/${path}`, authorizer: CI, headers },
    ...sent,
  });
  const answer = await handler.handler(event, lambdaContext());
  return { status: answer.statusCode ?? 0, body: JSON.parse(answer.body || "null") };
}

interface Link {
  readonly upload_id: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Asks for a link and uses it, as the command line does; the id of the upload. */
async function put(wanted: object, bytes: Uint8Array): Promise<string> {
  const { status, body } = await ask("POST", "uploads", wanted);
  expect(status).toBe(201);
  const link = body as unknown as Link;
  const sent = await fetch(link.url, { method: "PUT", headers: link.headers, body: Buffer.from(bytes) });
  expect(sent.status).toBe(200);
  return link.upload_id;
}

async function ran(path: string, body: object): Promise<Asked["body"]> {
  const ordered = await ask("POST", path, body);
  expect({ path, status: ordered.status }).toEqual({ path, status: 202 });
  await deployed.pump();
  return ordered.body["run"] as unknown as Asked["body"];
}

describe("the functions", () => {
  it("keep a config that came by a link, load by a link, and hand out rows that are too many for an answer", async () => {
    await ran("import", {});
    const declared = {
      graphs: { people: { schema: PERSON } },
      policies: { rows: { applies_to: ["people"] } },
    };
    const config = { ...filesOf(declared), "rows.policy.yaml": POLICY };
    const upload = await put({ purpose: "kept_bundle" }, await zipOf(config));
    const { status, body } = await ask("POST", `uploads/${upload}/bundle`, {});
    expect(status).toBe(201);
    // The event of the upload means nothing to the intake.
    const key = `inbox/${DEMO}/${upload}.bundle`;
    const event = { Records: [{ eventName: "ObjectCreated:Put", s3: { object: { key } } }] };
    const letter = sqsEvent({ queueArn: UPLOADS_ARN, body: JSON.stringify(event) });
    expect(await deployed.handlers.intake.handler(letter, lambdaContext())).toEqual({
      batchItemFailures: [],
    });
    await ran("applies", { bundle_digest: body["bundle_digest"] });

    const lines = Array.from({ length: ROWS }, (_, at) =>
      JSON.stringify({ type: "Person", data: { name: `${at}-`.padEnd(NAME_CHARACTERS, "x"), age: at } }),
    );
    const rows = await put({ purpose: "load", graph: "people" }, Buffer.from(`${lines.join("\n")}\n`));
    await ran("graphs/people/loads", { upload_id: rows, mode: "append" });
    expect(await ask("GET", "graphs/people/export")).toMatchObject({
      status: 422,
      body: { code: "api_answer_too_large" },
    });

    const { run_id } = await ran("graphs/people/exports", {});
    const shown = await ask("GET", `graphs/people/exports/${run_id}`);
    expect(shown.body).toMatchObject({
      run: { outcome: "exported" },
      output: { output: { rows: ROWS, manifest_version: 2 } },
    });
    const { url } = shown.body["link"] as unknown as { readonly url: string };
    const answer = await fetch(url);
    const exported = (await answer.text()).trim().split("\n");
    expect(exported.map((line) => JSON.parse(line).data.age).sort((a, b) => a - b)).toEqual(
      Array.from({ length: ROWS }, (_, at) => at),
    );
    expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(ROWS * NAME_CHARACTERS);
    expect((await fetch(url.replace("/2.jsonl", "/1.jsonl"))).status).toBe(403);
  }, 240_000);
});
