/** Answers that break off and defects of the API: what still reaches the caller, and under which request id. */
import { beforeEach, describe, expect, test } from "vitest";
import { createAccess } from "../../lib/access/cedar-access.ts";
import { createApi } from "../../lib/api/create-api.ts";
import { handleHttpEvent } from "../../lib/api/handle-http-event.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { apply, importCluster } from "../apply/cluster.ts";
import { person, SETTINGS, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { httpEvent } from "./http-event.ts";
import { configOf } from "./policies.ts";

let made: TestDeployment;
const carol = person("carol");
const dan = {
  actor: "act-dan",
  source: "local",
  canonical: "local:dan",
  session: null,
  amr: [],
  claim_groups: [],
} as const;

beforeEach(async () => {
  made = testDeployment();
  await importCluster(made.client("brain"), configOf());
  await apply(made.client("brain"), configOf());
});

/** What the engine of every cluster does from now on. */
function engineBreaks(broken: (engine: Engine) => Partial<Engine>): void {
  const { open } = made.deployment;
  Object.assign(made.deployment, {
    open(name: ClusterName) {
      const ports = open(name);
      return { ...ports, engine: { ...ports.engine, ...broken(ports.engine) } };
    },
  });
}

/** Rows whose reading fails after the first. */
function exportBreaks(): void {
  engineBreaks((engine) => ({
    async export(request) {
      const outcome = await engine.export(request);
      if (outcome.tag !== "exporting") return outcome;
      async function* lines() {
        yield '{"type":"Person","data":{"name":"Ada"}}';
        throw new Error("the bucket with the secret is gone");
      }
      return { ...outcome, lines: lines() };
    },
  }));
}

const rows = "/clusters/brain/graphs/people/export";

describe("an answer that breaks off", () => {
  test("is a problem behind the gateway, which has passed on nothing of it, and is told to the log", async () => {
    exportBreaks();
    const answer = await handleHttpEvent(made.app, httpEvent(carol, { path: `/v1${rows}` }));

    expect(answer).toMatchObject({
      statusCode: 503,
      headers: {
        "content-type": "application/problem+json",
        "x-request-id": "request-1",
        "cache-control": "no-store",
        "retry-after": "1",
      },
    });
    expect(JSON.parse(answer.body ?? "")).toMatchObject({
      code: "api_unavailable",
      request_id: "request-1",
    });
    expect(answer.body).not.toContain("secret");
    expect(made.log).toContainEqual(
      expect.objectContaining({
        event: "api.answer_broken_off",
        request_id: "request-1",
        reason: expect.stringContaining("the bucket with the secret is gone"),
      }),
    );
  });

  test("is never taken for a whole one where it is sent as it comes", async () => {
    exportBreaks();
    await expect(send(made, carol, "GET", rows)).rejects.toThrow();
    expect(made.log.map(({ event }) => event)).toContain("api.answer_broken_off");
  });

  test("is told of as one that is too long: with the id of its request, and kept by nobody", async () => {
    made.app.get("/long", () => new Response("x".repeat(6_000_000)));
    const answer = await handleHttpEvent(made.app, httpEvent(carol, { path: "/long" }));
    expect(answer).toMatchObject({
      statusCode: 422,
      headers: { "x-request-id": "request-1", "cache-control": "no-store" },
    });
  });
});

describe("a defect", () => {
  test("is answered, logged and on record under one request id, also where no gateway has given one", async () => {
    engineBreaks(() => ({
      graphs: () => {
        throw new Error("a defect");
      },
    }));
    const app = createApi({
      deployment: made.deployment,
      access: createAccess(SETTINGS, made.deployment.records),
      identify: () => Promise.resolve(dan),
    });
    const answer = await send({ app }, null, "POST", "/clusters/brain/reclaim", { body: {} });

    const id = answer.headers.get("x-request-id");
    expect(answer.body).toMatchObject({ status: 500, code: "api_internal", request_id: id });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(made.log).toContainEqual(expect.objectContaining({ event: "api.defect", request_id: id }));
    const audited = [...made.client("brain").world.objects.objects]
      .filter(([key]) => key.startsWith("__graphform/audit/"))
      .map(
        ([, bytes]) => (JSON.parse(Buffer.from(bytes).toString("utf8")) as { request_id: string }).request_id,
      );
    expect(audited).toEqual([id]);
  });
});
