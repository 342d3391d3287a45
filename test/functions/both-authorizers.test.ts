/**
 * A deployment whose callers come by two APIs, roles by one and tokens by the other, under the cluster policy E4 of
 * spec/policy 5.6: the inputs of a stack become settings, and the real handlers get the events that each API sends. CI
 * plans with a role, an approver with a second factor approves with a token, and neither is believed at the other's API.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsOf } from "../../infra/settings.ts";
import { filesOf, PERSON } from "../apply/cluster-files.ts";
import { inputs } from "../infra/stack.ts";
import { E4 } from "../policy/worked-examples.ts";
import { DEMO, zipOf } from "../worker/deployment.ts";
import { httpEvent, iamAuthorizer, jwtAuthorizer, lambdaContext } from "./aws-events.ts";
import { API_ID, type Deployed, startDeployed, TOKEN_API_ID } from "./deployed.ts";

const ISSUER = "https://issuer.example";
const ADMIN = "iam-role:arn:aws:iam::111122223333:role/admin";
const CAROL_USER = "arn:aws:iam::111122223333:user/carol";
/** Whoever has two ways in is one actor. */
const SETTINGS = settingsOf(
  inputs({
    authorizer: { kind: "both", issuer: ISSUER, audience: ["graphform"], alias: "corp" },
    bootstrap_principal: ADMIN,
    identity: {
      map: {
        [`iam-user:${CAROL_USER}`]: "act-carol",
        "jwt:corp:carol": "act-carol",
        "jwt:corp:dan": "act-dan",
      },
    },
  }),
);

/** What the gateway has verified, the API that has, and what the function sees of the token. */
interface Credential {
  readonly api_id: string;
  readonly authorizer: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const role = (name: string): Credential => ({
  api_id: API_ID,
  authorizer: iamAuthorizer(`arn:aws:sts::111122223333:assumed-role/${name}/session`),
});
const token = (sub: string, amr: readonly string[]): Credential => {
  const payload = Buffer.from(JSON.stringify({ iss: ISSUER, sub, amr }), "utf8").toString("base64url");
  return {
    api_id: TOKEN_API_ID,
    authorizer: jwtAuthorizer({ iss: ISSUER, sub, amr: `[${amr.join(" ")}]` }),
    headers: { authorization: `Bearer e30.${payload}.c2ln` },
  };
};

const CI = role("kg-ci");
const CAROL = token("carol", ["pwd", "mfa"]);
const CAROL_BY_IAM: Credential = { api_id: API_ID, authorizer: iamAuthorizer(CAROL_USER) };
const DAN = token("dan", ["pwd", "mfa"]);

const configOf = (graphs: readonly string[]) => ({
  ...filesOf({
    graphs: Object.fromEntries(graphs.map((graph) => [graph, { schema: PERSON }])),
    policies: { control: { applies_to: ["cluster"] } },
  }),
  "control.policy.yaml": E4,
});

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());

async function send(by: Credential, method: "GET" | "POST", path: string, body?: object | Uint8Array) {
  const { api_id, authorizer, headers } = by;
  const isZip = body instanceof Uint8Array;
  const type = isZip ? { "content-type": "application/zip" } : {};
  const event = httpEvent({ api_id, method, path, authorizer, headers: { ...headers, ...type }, body });
  const sent = isZip
    ? { ...event, body: Buffer.from(body).toString("base64"), isBase64Encoded: true }
    : event;
  const answer = await deployed.handlers.api.handler(sent, lambdaContext());
  return { status: answer.statusCode, body: JSON.parse(answer.body || "null") };
}

const ask = (by: Credential, method: "GET" | "POST", path: string, body?: object | Uint8Array) =>
  send(by, method, `/v1/clusters/${DEMO}/${path}`, body);

async function handIn(by: Credential, graphs: readonly string[]): Promise<string> {
  const kept = await ask(by, "POST", "bundles", await zipOf(configOf(graphs)));
  expect(kept.status).toBe(201);
  return kept.body.bundle_digest;
}

/** Orders a run, works until nothing is left, and reads with CI what it has come to. */
async function ran(by: Credential, path: string, body: object) {
  const ordered = await ask(by, "POST", path, body);
  expect({ path, status: ordered.status, code: ordered.body.code }).toEqual({ path, status: 202 });
  await deployed.pump();
  return (await ask(CI, "GET", `runs/${ordered.body.run.run_id}`)).body.run;
}

const whoami = async (by: Credential) => {
  const { status, body } = await send(by, "GET", "/v1/whoami");
  return status === 200 ? body.actor : status;
};

describe("a deployment with both authorizers", () => {
  it("knows each caller by the API that verifies them, and nobody by the other one", async () => {
    const both = { ...CI.authorizer, ...CAROL.authorizer };

    expect(await whoami(CI)).toBe("iam-role:arn:aws:iam::111122223333:role/kg-ci");
    expect(await whoami(CAROL)).toBe("act-carol");
    expect(await whoami({ ...CI, api_id: TOKEN_API_ID })).toBe(401);
    expect(await whoami({ ...CAROL, api_id: API_ID })).toBe(401);
    for (const api_id of [API_ID, TOKEN_API_ID]) {
      expect(await whoami({ ...CAROL, api_id, authorizer: both })).toBe(401);
    }
  });

  it("lets CI plan with its role, an approver approve with a token and a second factor, and another apply", async () => {
    expect((await ask(role("admin"), "POST", "import", {})).status).toBe(202);
    await deployed.pump();
    const bundle_digest = await handIn(role("admin"), ["people", "shop"]);
    const first = await ran(role("admin"), "applies", { bundle_digest });
    const planned = await ran(CI, "plans", { bundle_digest: await handIn(CI, ["people"]) });
    const { plan_id } = planned;
    const approve = (by: Credential) =>
      ask(by, "POST", "approvals", { address: "graph.shop", plan_id, reason: "nobody uses it" });

    expect(first).toMatchObject({ outcome: "applied" });
    expect(planned).toMatchObject({
      outcome: "planned",
      actor: "iam-role:arn:aws:iam::111122223333:role/kg-ci",
    });
    // Its author may not, she may not by IAM, and neither may her token without a second factor or at the other API.
    expect((await approve(CI)).status).toBe(403);
    expect((await approve(CAROL_BY_IAM)).status).toBe(403);
    expect((await approve(token("carol", ["pwd"]))).status).toBe(403);
    expect((await approve({ ...CAROL, api_id: API_ID })).status).toBe(401);
    expect((await approve(CAROL)).status).toBe(201);
    // Who has approved it does not apply it, by whichever API.
    const apply = `plans/${plan_id}/apply`;
    expect((await ask(CAROL, "POST", apply, {})).status).toBe(403);
    expect((await ask(CAROL_BY_IAM, "POST", apply, {})).status).toBe(403);
    expect(await ran(DAN, apply, {})).toMatchObject({ outcome: "applied", actor: "act-dan" });
    const { body } = await ask(CI, "GET", "ledger");
    expect(Object.keys(body.applied_revision.resources)).toContain("graph.people");
    expect(Object.keys(body.applied_revision.resources)).not.toContain("graph.shop");
  }, 120_000);
});
