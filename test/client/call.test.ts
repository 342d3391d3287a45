/** One call of the API: what is sent again, what is not, and what a refusal becomes. */
import { describe, expect, it } from "vitest";
import { callJson, callStream } from "../../lib/client/call.ts";
import { CALL_TRIES_MAX, RETRY_AFTER_MS_MAX } from "../../lib/client/limits.ts";
import { LOST, scripted } from "./scripted.ts";

const LINES = "application/x-ndjson";
const URL = "https://api.test/v1/clusters/c/runs";

describe("A call", () => {
  it("is sent again with the same idempotency key when its answer was lost, so that it is done once", async () => {
    const { ports, sent } = scripted(LOST, LOST, { status: 202, body: { ok: true } });
    const called = await callJson(ports, { method: "POST", url: URL, body: Buffer.from("{}") });
    expect(called).toEqual({ tag: "called", value: { ok: true } });
    const keys = sent.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9A-Z]{26}$/);
  });

  it("has a key of its own each time that it is made", async () => {
    const { ports, sent } = scripted({ status: 202, body: {} });
    await callJson(ports, { method: "POST", url: URL });
    await callJson(ports, { method: "POST", url: URL });
    expect(sent[0]?.headers["idempotency-key"]).not.toBe(sent[1]?.headers["idempotency-key"]);
  });

  it("needs no key to read", async () => {
    const { ports, sent } = scripted({ status: 200, body: {} });
    await callJson(ports, { method: "GET", url: URL });
    expect(sent[0]?.headers).toEqual({ authorization: "Bearer t" });
  });

  it("gives up after a bounded number of tries, and says that the outcome of a change is not known", async () => {
    const { ports, sent } = scripted(LOST);
    const called = await callJson(ports, { method: "POST", url: URL });
    expect(sent).toHaveLength(CALL_TRIES_MAX);
    expect(called).toMatchObject({
      tag: "failed",
      lost: true,
      diagnostics: [{ code: "deployment_unreachable" }],
    });
  });

  it.each([
    [500, true],
    [503, true],
    [403, false],
    [422, false],
  ])("that is answered %i may have been done: %s", async (status, lost) => {
    const headers = { "content-type": "application/problem+json" };
    const { ports } = scripted({ status, headers, body: problem("any") });
    expect(await callJson(ports, { method: "POST", url: URL })).toMatchObject({
      tag: "failed",
      status,
      lost,
    });
  });

  it("that is refused with a warning alone says as an error that it was refused", async () => {
    const warning = { code: "x", severity: "warning", path: "p", message: "m", why: "w", fix: "f" };
    const { ports } = scripted({ status: 403, body: { detail: "no", diagnostics: [warning] } });
    expect(await callJson(ports, { method: "POST", url: URL })).toMatchObject({
      diagnostics: [{ code: "api_denied", severity: "error" }, warning],
    });
  });

  it.each([429, 502, 503, 504])("waits as %i asks for, but not longer than its limit", async (status) => {
    const busy = { status, headers: { "retry-after": "2" } };
    const far = { status, headers: { "retry-after": "86400" } };
    const { ports, waitedMs } = scripted(busy, far, { status: 200, body: 1 });
    expect(await callJson(ports, { method: "GET", url: URL })).toEqual({ tag: "called", value: 1 });
    expect(waitedMs).toEqual([2_000, RETRY_AFTER_MS_MAX]);
  });

  it("is sent again when the server still works on it, and gets the first answer then", async () => {
    const working = {
      status: 409,
      headers: { "retry-after": "1" },
      body: problem("api_request_in_progress"),
    };
    const { ports, sent } = scripted(working, { status: 202, body: 1 });
    expect(await callJson(ports, { method: "POST", url: URL })).toEqual({ tag: "called", value: 1 });
    expect(sent).toHaveLength(2);
  });

  it("is sent again when the gateway says that what is behind it ran out of time", async () => {
    const headers = { "content-type": "application/json" };
    const failed = { status: 500, headers, body: { message: "Internal Server Error" } };
    const { ports, sent } = scripted(failed, { status: 200, body: 1 });
    expect(await callJson(ports, { method: "POST", url: URL })).toEqual({ tag: "called", value: 1 });
    expect(new Set(sent.map((each) => each.headers["idempotency-key"])).size).toBe(1);
  });

  it.each([400, 401, 403, 404, 409, 413, 422, 500])("is not sent again after %i", async (status) => {
    const headers = { "content-type": "application/problem+json" };
    const { ports, sent } = scripted({ status, headers, body: problem("plan_stale") });
    const called = await callJson(ports, { method: "POST", url: URL });
    expect(sent).toHaveLength(1);
    expect(called).toMatchObject({
      tag: "failed",
      status,
      diagnostics: [{ code: "plan_stale", why: "w", fix: "f" }],
    });
  });

  it.each([
    [401, "api_unauthenticated"],
    [403, "api_denied"],
    [404, "api_not_found"],
    [413, "api_request_too_large"],
    [429, "api_unavailable"],
    [500, "api_internal"],
    [418, "api_request_invalid"],
  ])("explains a bare %i of a gateway as %s", async (status, code) => {
    const { ports } = scripted({ status, body: { message: "Forbidden" } });
    const called = await callJson(ports, { method: "GET", url: URL });
    expect(called).toMatchObject({
      diagnostics: [{ code, message: "Forbidden", path: "GET /v1/clusters/c/runs" }],
    });
  });

  it("takes no page of a proxy for an answer", async () => {
    const { ports } = scripted({ status: 200, body: "<html>" });
    const called = await callJson(ports, { method: "GET", url: URL });
    expect(called).toMatchObject({ tag: "failed", diagnostics: [{ code: "deployment_answer_invalid" }] });
  });

  it.each([
    [404, "<h1>Not found</h1>", {}, "it has status 404, and is none of this API"],
    [404, { hello: 1 }, {}, "it has status 404, and is none of this API"],
    [302, "", { location: "https://login.test/" }, "it has status 302, which leads to https://login.test/"],
  ])("takes a %i of another program for no word about the cluster", async (status, body, headers, what) => {
    const { ports } = scripted({ status, body, headers });
    const called = await callJson(ports, { method: "GET", url: URL });
    expect(called).toMatchObject({ tag: "failed", status, lost: false });
    expect(called).toMatchObject({
      diagnostics: [{ code: "deployment_answer_invalid", message: expect.stringContaining(what) }],
    });
  });

  it.each([502, 503])("takes a %i with the page of a proxy for a server that is away", async (status) => {
    const { ports } = scripted({ status, body: "<h1>Bad gateway</h1>" });
    const called = await callJson(ports, { method: "GET", url: URL });
    expect(called).toMatchObject({ status, diagnostics: [{ code: "api_unavailable" }] });
  });

  it.each([["text/html"], ["application/json"], [null]])("takes no stream of %s for rows", async (type) => {
    const headers: Record<string, string> = type === null ? {} : { "content-type": type };
    const { ports } = scripted({ status: 200, body: "<html>", headers });
    const called = await callStream(ports, { method: "GET", url: URL }, LINES);
    expect(called).toMatchObject({ tag: "failed", diagnostics: [{ code: "deployment_answer_invalid" }] });
  });

  it("takes a stream of the type that was asked for", async () => {
    const { ports } = scripted({
      status: 200,
      body: "{}",
      headers: { "content-type": `${LINES}; charset=utf-8` },
    });
    expect(await callStream(ports, { method: "GET", url: URL }, LINES)).toMatchObject({ tag: "called" });
  });

  it("reads why a stream was refused", async () => {
    const { ports } = scripted({ status: 404, body: problem("graph_not_applied") });
    const called = await callStream(ports, { method: "GET", url: URL }, LINES);
    expect(called).toMatchObject({
      tag: "failed",
      status: 404,
      diagnostics: [{ code: "graph_not_applied" }],
    });
  });
});

function problem(code: string) {
  const shown = { code, severity: "error", path: "p", message: "m", why: "w", fix: "f" };
  return { type: "t", title: "t", status: 409, detail: "d", code, diagnostics: [shown], request_id: "r" };
}
