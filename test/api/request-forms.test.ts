/** The forms of requests and answers: problems, sizes, JSON, the description of all routes. */
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { API_ROUTES } from "../../lib/api/create-api.ts";
import { handleHttpEvent } from "../../lib/api/handle-http-event.ts";
import { createPageTokens, encodePageKey } from "../../lib/api/page-tokens.ts";
import { encodeRequest, requestKey } from "../../lib/api/request-record.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { apply, importCluster } from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { httpEvent } from "./http-event.ts";
import { configOf } from "./policies.ts";

let made: TestDeployment;
beforeAll(async () => {
  made = testDeployment();
  await importCluster(made.client("brain"), configOf());
  await apply(made.client("brain"), configOf());
});

describe("a problem", () => {
  test("has this form, for ever", async () => {
    const answer = await send(made, person("carol"), "GET", "/clusters/brain/status");
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("x-request-id")).toBe("request-1");
    expect(answer.text).toBe(
      `${JSON.stringify({
        type: "urn:graphform:problem:api_denied",
        title: "The policy of the cluster does not allow it",
        status: 403,
        detail: "policy denied action 'cluster_read_status' for actor 'act-carol'.",
        code: "api_denied",
        diagnostics: [
          {
            code: "api_denied",
            severity: "error",
            path: "brain",
            message: "policy denied action 'cluster_read_status' for actor 'act-carol'.",
            why: "What is not allowed by a rule of the applied policy is denied.",
            fix: "Ask somebody who may, or have the cluster's policy changed and applied.",
          },
        ],
        request_id: "request-1",
      })}\n`,
    );
  });

  test("with a member or a parameter that there is not names it by its place", async () => {
    const body = { bundle_digest: "0".repeat(64), tolerance: 1, extra: 2 };
    const answer = await send(made, person("alice"), "POST", "/clusters/brain/validate", { body });
    const shown = answer.body as { readonly diagnostics: readonly { readonly path: string }[] };
    expect(answer.status).toBe(422);
    expect(shown.diagnostics.map(({ path }) => path)).toEqual(["body.tolerance", "body.extra"]);
  });

  test("of a route that there is not names its method and where all routes are described", async () => {
    const answer = await send(made, person("eve"), "POST", "/clusters/brain/status");
    expect(answer.body).toMatchObject({
      status: 404,
      detail: "There is no such route: POST /v1/clusters/brain/status.",
      diagnostics: [{ fix: expect.stringContaining("/v1/openapi.json") }],
    });
  });

  test("of nobody asks for a token", async () => {
    const answer = await send(made, null, "GET", "/whoami");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.body).toMatchObject({ status: 401, code: "api_unauthenticated" });
  });

  test("of a defect says nothing but where to find it", async () => {
    const broken = testDeployment();
    const { app } = broken;
    const context = { ...person("eve"), requestId: "request-9" };
    broken.worlds.clear();
    Object.assign(broken.deployment, { open: () => new Error("a defect with a secret") });
    const answer = await send({ app }, context, "GET", "/clusters/brain/status");
    expect(answer.body).toMatchObject({ status: 500, code: "api_internal", request_id: "request-9" });
    expect(answer.text).not.toContain("secret");
    expect(
      broken.log.some(({ event, request_id }) => event === "api.defect" && request_id === "request-9"),
    ).toBe(true);
  });
});

describe("a request", () => {
  const unlock = "/clusters/brain/force-unlock";
  const unblock = "/clusters/brain/unblock";
  let open: TestDeployment;
  beforeAll(async () => {
    open = testDeployment();
    await importCluster(open.client("brain"), configOf({ cluster_policy: OPEN_POLICY }));
    await apply(open.client("brain"), configOf({ cluster_policy: OPEN_POLICY }));
  });

  test.each([
    ["is no JSON", "{", 400, "api_request_invalid"],
    ["is JSON of another form", "[]", 422, "api_request_invalid"],
    ["lacks a field", '{"lock_id":"x"}', 422, "api_request_invalid"],
    ["has a field too many", '{"lock_id":"x","reason":"y","actor":"act-dan"}', 422, "api_request_invalid"],
    ["gives a reason of two lines", '{"lock_id":"x","reason":"y\\nz"}', 422, "api_request_invalid"],
    [
      "gives a reason for a terminal",
      '{"lock_id":"x","reason":"\\u001b]52;c;aGk="}',
      422,
      "api_request_invalid",
    ],
    ["gives no reason", '{"lock_id":"x","reason":"  "}', 422, "api_request_invalid"],
    [
      "is too long",
      JSON.stringify({ lock_id: "x", reason: "y".repeat(70_000) }),
      413,
      "api_request_too_large",
    ],
  ])("that %s is refused", async (_, raw, status, code) => {
    const old = testDeployment();
    await importCluster(old.client("brain"), configOf({ cluster_policy: OPEN_POLICY }));
    await apply(old.client("brain"), configOf({ cluster_policy: OPEN_POLICY }));
    const answer = await send(old, person("dan"), "POST", unlock, { raw });
    expect(answer.body).toMatchObject({ status, code });
  });

  test.each([
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["multipart/form-data; boundary=x", 415],
    ["application/zip", 415],
    ["application/jsonx", 415],
    ["", 415],
    ["application/json", 409],
    ["Application/JSON; charset=utf-8", 409],
  ])("whose body is stated to be %j is answered with %i", async (type, status) => {
    const headers = { "content-type": type };
    const raw = '{"reason":"looked"}';
    const answer = await send(open, person("dan"), "POST", "/clusters/brain/unblock", { raw, headers });
    expect(answer.status).toBe(status);
    if (status === 415) {
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.body).toMatchObject({
        code: "api_media_type_unsupported",
        diagnostics: [{ path: "content-type", message: expect.stringContaining("application/json") }],
      });
    }
  });

  test("without a body needs no type, and one of bytes takes two", async () => {
    for (const headers of [{}, { "content-type": "application/x-www-form-urlencoded" }]) {
      const answer = await send(open, person("dan"), "POST", "/clusters/brain/refresh", { headers });
      expect(answer.status).toBe(202);
    }
    const raw = Buffer.from("PK");
    const kept = async (type: string) => {
      const headers = type === "" ? {} : { "content-type": type };
      return (await send(open, person("dan"), "POST", "/clusters/brain/bundles", { raw, headers })).status;
    };
    // What is no archive is found out only where the type is right.
    expect(await kept("application/zip")).toBe(422);
    expect(await kept("application/octet-stream")).toBe(422);
    expect(await kept("application/json")).toBe(415);
    expect(await kept("")).toBe(415);
  });

  test("of a caller who may not is refused before its body is looked at", async () => {
    for (const raw of ["{", "[]", "y".repeat(70_000)]) {
      expect((await send(made, person("eve"), "POST", unblock, { raw })).status).toBe(403);
      expect((await send(made, person("agent"), "POST", unblock, { raw })).status).toBe(404);
    }
  });

  test("with a query that no route knows is refused", async () => {
    const answer = await send(made, person("eve"), "GET", "/clusters/brain/history?limit=0&colour=red");
    expect(answer.body).toMatchObject({ status: 422, code: "api_request_invalid" });
    expect((answer.body as { diagnostics: object[] }).diagnostics).toHaveLength(2);
  });

  test.each(["", "k".repeat(201)])("with an idempotency key that is none is refused: %#", async (key) => {
    const body = { reason: null };
    const sending = { body, headers: { "idempotency-key": key } };
    const answer = await send(made, person("dan"), "POST", "/clusters/brain/graphs/people/protect", sending);
    expect(answer.body).toMatchObject({ status: 422, code: "api_request_invalid" });
  });

  test("that needs what does not answer is to be tried again", async () => {
    const away = testDeployment();
    Object.assign(away.deployment, {
      clusters: () => Promise.resolve({ tag: "unavailable", reason: "the network is down" }),
    });
    const answer = await send(away, person("eve"), "GET", "/clusters");
    expect(answer.body).toMatchObject({ status: 503, code: "api_unavailable" });
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  test("about a name that no cluster can have is about a cluster that is not there", async () => {
    for (const name of ["Brain", "brain%2F..", "a".repeat(64), "brain--x"]) {
      const answer = await send(made, person("eve"), "GET", `/clusters/${name}/status`);
      expect(answer.body).toMatchObject({ status: 404, code: "api_not_found" });
    }
  });
});

const OPEN_POLICY = `version: 1
groups: { platform: [act-dan] }
rules:
  - id: platform-may
    allow: { actors: { group: platform }, actions: [cluster_force_unlock, cluster_plan, cluster_apply, cluster_refresh] }
`;

describe("the description", () => {
  test("names every route, each with its problems and whether it asks for an identity", async () => {
    const { body } = await send(made, null, "GET", "/openapi.json");
    const document = body as { openapi: string; paths: Record<string, Record<string, object>> };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const routes = API_ROUTES.map(({ config }) => `${config.method} ${config.path}`);
    expect(described.sort()).toEqual([...routes, "get /v1/openapi.json"].sort());
    for (const { config } of API_ROUTES) {
      const operation = document.paths[config.path]?.[config.method] as {
        responses: Record<string, object>;
        security: object[];
        operationId: string;
      };
      expect(operation.responses["default"], config.path).toBeDefined();
      expect(operation.security.length > 0, config.path).toBe(config.path !== "/v1/health");
    }
    const ids = API_ROUTES.map(({ config }) => config.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("refers to nothing that it does not hold, and takes a key with every POST", async () => {
    const { text, body } = await send(made, null, "GET", "/openapi.json");
    const { components } = body as { components: { schemas: Record<string, object> } };
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(components.schemas)).toContain(name);
    }
    const { paths } = body as { paths: Record<string, { post?: { parameters: { name: string }[] } }> };
    for (const [path, { post }] of Object.entries(paths)) {
      if (post === undefined) continue;
      const names = post.parameters.map(({ name }) => name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(names.sort(), path).toEqual([...inPath, "idempotency-key"].sort());
    }
  });
});

describe("an event of the gateway", () => {
  test("reaches the app with the identity of its context and with nothing that its headers claim", async () => {
    const forged = { "x-amzn-request-context": JSON.stringify(person("eve")), authorization: "Bearer eve" };
    const whoami = (context: object) =>
      handleHttpEvent(made.app, httpEvent(context, { path: "/v1/whoami", headers: forged }));
    const answer = await whoami(role("kg-ci"));
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse(answer.body ?? "")).toMatchObject({ source: "iam" });
    expect((await whoami({ ...role("kg-ci"), apiId: "api2" })).statusCode).toBe(401);
    expect((await whoami({ apiId: "api1", stage: "$default" })).statusCode).toBe(401);
  });

  test("brings query, body and path, also as base64", async () => {
    const history = httpEvent(person("eve"), { path: "/v1/clusters/brain/history", query: "limit=1" });
    const page = JSON.parse((await handleHttpEvent(made.app, history)).body ?? "") as { items: object[] };
    expect(page.items).toHaveLength(1);
    const post = httpEvent(person("dan"), {
      method: "POST",
      path: "/v1/clusters/brain/graphs/people/protect",
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"reason":"audit"}').toString("base64"),
      base64: true,
    });
    expect(JSON.parse((await handleHttpEvent(made.app, post)).body ?? "")).toMatchObject({
      ok: true,
      outcome: "done",
      result: { protected: { people: { by: "act-dan", reason: "audit" } } },
    });
  });

  test("is routed without the name of its stage", async () => {
    const event = httpEvent({ stage: "prod" }, { path: "/prod/v1/health" });
    expect((await handleHttpEvent(made.app, event)).statusCode).toBe(200);
    const other = httpEvent({ stage: "pro" }, { path: "/prod/v1/health" });
    expect((await handleHttpEvent(made.app, other)).statusCode).toBe(401);
  });

  test("is answered with a problem where the answer is longer than the gateway passes on", async () => {
    const { app } = testDeployment();
    app.get(
      "/long",
      () => new Response("x".repeat(6_000_000), { headers: { "content-type": "text/plain" } }),
    );
    const answer = await handleHttpEvent(app, httpEvent(person("eve"), { path: "/long" }));
    expect(answer.statusCode).toBe(422);
    expect(JSON.parse(answer.body ?? "")).toMatchObject({ code: "api_answer_too_large" });
  });

  test("is answered with a packed answer where that is long and its sender can unpack it", async () => {
    const { app } = testDeployment();
    const long = "x".repeat(6_000_000);
    app.get("/long", () => new Response(long, { headers: { "content-type": "application/json" } }));
    app.get("/short", () => new Response("x", { headers: { "content-type": "application/json" } }));
    const quoted = '"'.repeat(4_000_000);
    app.get("/quoted", () => new Response(quoted, { headers: { "content-type": "application/json" } }));
    const random = randomBytes(5_000_000).toString("base64");
    app.get("/random", () => new Response(random, { headers: { "content-type": "application/json" } }));
    const ask = (path: string, coding: string) =>
      handleHttpEvent(app, httpEvent(person("eve"), { path, headers: { "accept-encoding": coding } }));

    for (const coding of ["gzip", "br, gzip;q=0.8", "*"]) {
      const { body = "", ...answer } = await ask("/long", coding);
      expect(answer).toMatchObject({
        statusCode: 200,
        headers: { "content-encoding": "gzip", vary: "accept-encoding" },
        isBase64Encoded: true,
      });
      expect(gunzipSync(Buffer.from(body, "base64")).toString("utf8") === long).toBe(true);
    }
    expect((await ask("/short", "gzip")).headers).not.toHaveProperty("content-encoding");
    const unpacked = await ask("/quoted", "");
    expect(unpacked).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(Buffer.byteLength(JSON.stringify(unpacked))).toBeLessThanOrEqual(5_800_000);
    expect(Buffer.from(unpacked.body ?? "", "base64").toString("utf8") === quoted).toBe(true);
    for (const coding of ["br", "gzip;q=0", "xgzip"])
      expect((await ask("/long", coding)).statusCode).toBe(422);
    const unpackable = await ask("/random", "gzip");
    expect(JSON.parse(unpackable.body ?? "")).toMatchObject({ status: 422, code: "api_answer_too_large" });
  });
});

describe("the records of the API", () => {
  test("keep their formats", () => {
    expect(Buffer.from(encodePageKey(sha256("key"))).toString("utf8")).toBe(
      `{\n  "format_version": 1,\n  "key": "${sha256("key")}"\n}\n`,
    );
    const record = {
      format_version: 1,
      request_digest: "abc",
      change_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      begun_at: "2026-01-01T00:00:00Z",
      answer: { status: 201, content_type: "application/json", body: "{}" },
    } as const;
    expect(JSON.parse(Buffer.from(encodeRequest(record)).toString("utf8"))).toEqual(record);
    expect(requestKey({ cluster: "a", canonical: "b", key: "c" })).toBe(
      `requests/${sha256('["a","b","c"]')}.json`,
    );
  });

  test("hold one page key, whoever of two processes makes it first, and a damaged one opens no page", async () => {
    const { deployment, records } = testDeployment();
    const [one, two] = [createPageTokens(deployment), createPageTokens(deployment)];
    const owner = { list: "/v1/x", canonical: "local:ana" };
    const [issued] = await Promise.all([one.issue(owner, "last"), two.issue(owner, "other")]);
    const token = issued.tag === "issued" ? issued.token : "";
    expect(await two.open(owner, token)).toEqual({ tag: "opened", after: "last" });
    expect(await two.open({ ...owner, list: "/v1/y" }, token)).toEqual({ tag: "invalid" });
    records.objects.set("keys/page-tokens.json", Buffer.from("{}"));
    const third = createPageTokens({ ...deployment, records: createMemoryObjectStore(records) });
    expect((await third.open(owner, token)).tag).toBe("unavailable");
  });
});
