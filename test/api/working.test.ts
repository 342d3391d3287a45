/** The whole loop through the API: hand in, plan, approve, apply, load, refresh, with a worker behind it. */
import { beforeEach, describe, expect, test } from "vitest";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn, type RunAnswer, zipOf } from "./ordering.ts";
import { CLUSTER_POLICY, configFiles } from "./policies.ts";
import { work } from "./worker.ts";

let made: TestDeployment;

const { handIn, ran, begun } = orderingOn(() => made);

const admin = role("bootstrap");
const [alice, carol, dan, eve, ci] = [
  person("alice"),
  person("carol"),
  person("dan"),
  person("eve"),
  role("kg-ci"),
];

beforeEach(() => {
  made = testDeployment();
});

describe("a deployment", () => {
  test("goes from nothing to an applied policy, which the bootstrap principal does not outlive", async () => {
    await begun();
    const status = await send(made, eve, "GET", "/clusters/brain/status");
    expect(status.body).toMatchObject({
      ok: true,
      last_change: { actor: expect.stringContaining("bootstrap") },
    });
    const later = await send(made, admin, "POST", "/clusters/brain/refresh", { body: {} });
    expect(later.status).toBe(404);
  });

  test("plans, has somebody else approve, and applies by a third, each of whom is on record", async () => {
    await begun();
    const bundle_digest = await handIn(alice, { graphs: ["people"] });
    const planned = await ran(alice, "/plans", { bundle_digest });
    const { plan_id } = planned.run;
    const shown = await send(made, alice, "GET", `/clusters/brain/plans/${plan_id}`);
    expect(shown.body).toMatchObject({ plan_id, actor: "act-alice" });

    const approve = (who: object) =>
      send(made, who, "POST", "/clusters/brain/approvals", { body: { address: "graph.shop", plan_id } });
    expect((await approve(alice)).status).toBe(403);
    expect((await approve(carol)).status).toBe(201);

    const apply = (who: object) =>
      send(made, who, "POST", `/clusters/brain/plans/${plan_id}/apply`, { body: {} });
    expect((await apply(alice)).status).toBe(403);
    expect((await apply(ci)).status).toBe(403);
    expect((await apply(carol)).body).toMatchObject({
      status: 403,
      detail: expect.stringContaining("duty/approver-does-not-apply-irreversible"),
    });
    const applied = await ran(dan, `/plans/${plan_id}/apply`, {}, eve);
    expect(applied.run).toMatchObject({ state: "ended", outcome: "applied" });
    const history = await send(made, eve, "GET", "/clusters/brain/history?limit=1");
    expect(history.body).toMatchObject({
      items: [{ actor: "act-dan", trigger: "api", plan_id, approvals_consumed: [{ address: "graph.shop" }] }],
    });
  });

  test("shows where a config came from in the run, and in the history of who applied its plan", async () => {
    await begun();
    const git = { commit: "0123abcd", ref: "refs/heads/main", repository: "https://git.example/acme/brain" };
    const bundle_digest = await handIn(alice, { graphs: ["people", "shop", "more"] });
    const planned = await ran(alice, "/plans", { bundle_digest, git });
    expect(planned.run).toMatchObject({ outcome: "planned", git });
    const { plan_id, run_id } = planned.run;
    const plan = await send(made, alice, "GET", `/clusters/brain/plans/${plan_id}`);
    expect(plan.body).toMatchObject({ run_id });
    const applied = await ran(dan, `/plans/${plan_id}/apply`, {}, eve);
    expect(applied.run).toMatchObject({ outcome: "applied", git });
    const history = await send(made, eve, "GET", "/clusters/brain/history?limit=1");
    expect(history.body).toMatchObject({ items: [{ actor: "act-dan", git }] });
  });

  test.each([
    ["a commit that is none", { commit: "main" }],
    ["a commit that is too long", { commit: "a".repeat(65) }],
    ["a ref with a line break", { commit: "0123abc", ref: "a\nb" }],
    ["a ref that is too long", { commit: "0123abc", ref: "r".repeat(1025) }],
    ["an address that may hide a password", { commit: "0123abc", repository: "ana:s3cret@git.example/a" }],
    ["a fact too many", { commit: "0123abc", author: "ana" }],
  ])("refuses %s as where a config came from", async (_, git) => {
    await begun();
    const bundle_digest = await handIn(alice, {});
    for (const path of ["/plans", "/applies"]) {
      const answer = await send(made, path === "/plans" ? alice : dan, "POST", `/clusters/brain${path}`, {
        body: { bundle_digest, git },
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 422 });
      expect(answer.text).not.toContain("s3cret");
    }
  });

  test("keeps no password of an address that it can tell from the rest (U2)", async () => {
    await begun();
    const bundle_digest = await handIn(alice, {});
    const git = { commit: "0123abc", repository: "https://ana:s3cret@git.example/acme/brain" };
    const planned = await ran(alice, "/plans", { bundle_digest, git });
    expect(planned.run).toMatchObject({ git: { repository: "https://git.example/acme/brain" } });
  });

  test("changes a policy once two others have approved it, as the applied policy demands and not the proposed one", async () => {
    await begun();
    const undutied = CLUSTER_POLICY.slice(0, CLUSTER_POLICY.indexOf("duties:"));
    const bundle_digest = await handIn(alice, { cluster_policy: undutied });
    const { plan_id } = (await ran(alice, "/plans", { bundle_digest })).run;
    const body = { address: "policy.control", plan_id };
    const approve = (who: object) => send(made, who, "POST", "/clusters/brain/approvals", { body });
    const apply = () => send(made, dan, "POST", `/clusters/brain/plans/${plan_id}/apply`, { body: {} });
    expect((await apply()).body).toMatchObject({
      status: 403,
      detail: expect.stringContaining("policy-needs-two"),
    });
    expect((await approve(carol)).status).toBe(201);
    expect((await apply()).status).toBe(403);
    expect((await approve(dan)).status).toBe(201);
    const applied = await ran(dan, `/plans/${plan_id}/apply`, {}, eve);
    expect(applied.run).toMatchObject({ outcome: "applied" });
    // Another one needs nobody's approval now, and a straight apply of the old one is denied to nobody for a duty.
    const back = await ran(dan, "/applies", { bundle_digest: await handIn(alice) }, eve);
    expect(back.run).toMatchObject({ outcome: "applied" });
  });

  test("asks policy again under the lease: who was allowed when it was ordered may be denied when it runs", async () => {
    await begun();
    const bundle_digest = await handIn(alice, { secret_query: true });
    const planned = await ran(alice, "/plans", { bundle_digest });
    const { plan_id } = planned.run;
    const ordered = await send(made, ci, "POST", `/clusters/brain/plans/${plan_id}/apply`, { body: {} });
    expect(ordered.status).toBe(202);
    // Meanwhile somebody freezes the graph for everybody who applies.
    const { apply } = await import("../apply/cluster.ts");
    const { configOf } = await import("./policies.ts");
    const frozen = CLUSTER_POLICY.replace("graphs: [billing]", "graphs: [people]");
    await apply(made.client("brain"), configOf({ cluster_policy: frozen }));
    await work(made);
    const { run_id } = (ordered.body as RunAnswer).run;
    const read = await send(made, eve, "GET", `/clusters/brain/runs/${run_id}`);
    expect(read.body).toMatchObject({ run: { state: "ended", outcome: "refused" } });
    expect(read.text).toContain("freeze-billing-graph");
  });

  test("applies what needs no approval straight from a bundle, and tells who may never apply at once", async () => {
    await begun();
    const bundle_digest = await handIn(alice, { secret_query: true });
    const denied = await send(made, alice, "POST", "/clusters/brain/applies", { body: { bundle_digest } });
    expect(denied.status).toBe(403);
    const applied = await ran(ci, "/applies", { bundle_digest });
    expect(applied.run).toMatchObject({ outcome: "applied" });
    const validated = await send(made, alice, "POST", "/clusters/brain/validate", {
      body: { bundle_digest },
    });
    expect(validated.body).toMatchObject({ ok: true, config_file: expect.any(String) });
  });

  test("refuses a config of another cluster's root and an archive that is none", async () => {
    await begun();
    const yaml = configFiles()["cluster.yaml"] ?? "";
    const raw = await zipOf(
      {},
      { "cluster.yaml": yaml.replace("{", '{"storage":"s3://bucket/clusters/other",') },
    );
    const headers = { "content-type": "application/zip" };
    const foreign = await send(made, alice, "POST", "/clusters/brain/bundles", { raw, headers });
    expect(foreign.body).toMatchObject({ status: 422, code: "storage_root_mismatch" });
    const broken = await send(made, alice, "POST", "/clusters/brain/bundles", { raw: "not a zip", headers });
    expect(broken.body).toMatchObject({ status: 422, code: "archive_unreadable" });
    const large = await send(made, alice, "POST", "/clusters/brain/bundles", {
      raw: Buffer.alloc(4 * 1024 * 1024 + 1),
      headers,
    });
    expect(large.body).toMatchObject({ status: 413, code: "api_request_too_large" });
    const ghost = await send(made, alice, "POST", "/clusters/brain/plans", {
      body: { bundle_digest: "0".repeat(64) },
    });
    expect(ghost.body).toMatchObject({ status: 404, code: "bundle_not_found" });
  });

  test("refreshes and recovers for who may, and orders a run once for one key", async () => {
    await begun();
    expect((await ran(ci, "/refresh")).run.state).toBe("ended");
    expect((await ran(dan, "/recover", {}, eve)).run.state).toBe("ended");
    expect((await send(made, alice, "POST", "/clusters/brain/refresh", { body: {} })).status).toBe(403);
    const order = (path: string) =>
      send(made, ci, "POST", `/clusters/brain${path}`, { body: {}, headers: { "idempotency-key": "once" } });
    const idOf = async (path: string) => ((await order(path)).body as RunAnswer).run.run_id;
    expect(await idOf("/refresh")).toBe(await idOf("/refresh"));
    expect((await order("/recover")).body).toMatchObject({ status: 409, code: "idempotency_key_reused" });
  });

  test("lists runs page by page, and lets who ordered one or who may apply give it up", async () => {
    await begun();
    const bundle_digest = await handIn(alice, { secret_query: true });
    const order = async () => {
      const answer = await send(made, alice, "POST", "/clusters/brain/plans", { body: { bundle_digest } });
      return (answer.body as RunAnswer).run.run_id;
    };
    const [first, second, third] = [await order(), await order(), await order()];
    const page = await send(made, eve, "GET", "/clusters/brain/runs?limit=2");
    const { items, next } = page.body as { items: { run_id: string }[]; next: string };
    expect(items.map(({ run_id }) => run_id)).toEqual([third, second]);
    const rest = await send(made, eve, "GET", `/clusters/brain/runs?limit=1&page=${next}`);
    expect((rest.body as { items: { run_id: string }[] }).items[0]?.run_id).toBe(first);
    const cancel = (who: object, id: string) =>
      send(made, who, "POST", `/clusters/brain/runs/${id}/cancel`, { body: {} });
    expect((await cancel(eve, first)).status).toBe(403);
    expect((await cancel(ci, first)).body).toMatchObject({ run: { outcome: "canceled" } });
    expect((await cancel(alice, second)).body).toMatchObject({ run: { outcome: "canceled" } });
    expect((await cancel(alice, second)).body).toMatchObject({ status: 409, code: "run_ended" });
    expect((await cancel(alice, "01ARZ3NDEKTSV4RRFFQ69G5FAV")).status).toBe(404);
    expect(page.text).not.toContain('claim_groups":["');
  });

  test("waits for a run by the clock, no longer than a gateway does", async () => {
    await begun();
    const bundle_digest = await handIn(alice, { secret_query: true });
    const ordered = await send(made, alice, "POST", "/clusters/brain/plans", { body: { bundle_digest } });
    const { run_id } = (ordered.body as RunAnswer).run;
    const before = made.clock.nowMs();
    const waited = await send(made, eve, "GET", `/clusters/brain/runs/${run_id}?wait=25`);
    expect(waited.body).toMatchObject({ run: { state: "queued" } });
    expect(made.clock.nowMs() - before).toBe(25_000);
    expect((await send(made, eve, "GET", `/clusters/brain/runs/${run_id}?wait=26`)).status).toBe(422);
    await work(made);
    const at = made.clock.nowMs();
    await send(made, eve, "GET", `/clusters/brain/runs/${run_id}?wait=25`);
    expect(made.clock.nowMs()).toBe(at);
  });
});

test("what a plan says is for whoever may plan, and others see that there was one", async () => {
  await begun();
  const bundle_digest = await handIn(alice);
  const { run, output } = await ran(alice, "/plans", { bundle_digest });
  expect(output).toMatchObject({ kind: "plan" });
  const read = async (who: object) =>
    (await send(made, who, "GET", `/clusters/brain/runs/${run.run_id}`)).body;
  expect(await read(eve)).toMatchObject({ run: { outcome: "planned" }, output: null });
  expect(await read(ci)).toMatchObject({ output: { kind: "plan" } });
});

describe("rows", () => {
  const lines = '{"type":"Person","data":{"name":"Ada","age":36}}\n';
  const exported = '{"type":"Person","data":{"id":"Ada","age":36,"name":"Ada"}}\n';
  const loader = person("lou", { groups: "[loaders]" });

  test("are loaded from a link by who may change the graph, and taken out by who may export it; no link is kept (U2)", async () => {
    await begun();
    const link = (who: object, graph: string) =>
      send(made, who, "POST", "/clusters/brain/uploads", { body: { purpose: "load", graph } });
    expect((await link(eve, "people")).status).toBe(404);
    const given = await link(loader, "people");
    expect(given.status).toBe(201);
    const { upload_id, url, headers } = given.body as {
      upload_id: string;
      url: string;
      headers: Record<string, string>;
    };
    const secret = Object.values(headers)[0] ?? "";
    expect(secret).not.toBe("");
    for (const bytes of made.records.objects.values()) {
      expect(Buffer.from(bytes).toString("utf8")).not.toContain(secret);
    }
    const key = new URL(url).pathname.slice(1);
    const metadata = { "graphform-ticket": secret };
    made.inbox.set(key, { bytes: Buffer.from(lines), metadata, version: "1", uploaded_at: null });

    const load = (who: object, graph = "people") =>
      send(made, who, "POST", `/clusters/brain/graphs/${graph}/loads`, {
        body: { upload_id, mode: "append" },
      });
    expect((await load(eve)).status).toBe(404);
    // Carol may change the graph, but the link is not hers.
    expect((await load(carol)).body).toMatchObject({ status: 404, code: "upload_not_found" });
    const ordered = await load(loader);
    expect(ordered.status).toBe(202);
    await work(made);
    const { run_id } = (ordered.body as RunAnswer).run;
    const run = await send(made, eve, "GET", `/clusters/brain/runs/${run_id}`);
    // What a load says quotes keys of rows, which Eve may not read.
    expect(run.body).toMatchObject({ run: { state: "ended", outcome: "loaded" }, output: null });

    const rows = await send(made, carol, "GET", "/clusters/brain/graphs/people/export");
    expect({ status: rows.status, text: rows.text }).toEqual({ status: 200, text: exported });
    expect(rows.headers.get("content-type")).toBe("application/x-ndjson");
    const old = await send(made, carol, "GET", "/clusters/brain/graphs/people/export?at=1");
    expect({ status: old.status, text: old.text }).toEqual({ status: 200, text: "" });
    expect((await send(made, carol, "GET", "/clusters/brain/graphs/people/export?at=99")).status).toBe(404);
    expect((await send(made, loader, "GET", "/clusters/brain/graphs/people/export")).status).toBe(403);
    expect((await send(made, eve, "GET", "/clusters/brain/graphs/people/export")).status).toBe(404);
  });

  test("are not taken from an upload that nobody was given a link for", async () => {
    await begun();
    const answer = await send(made, loader, "POST", "/clusters/brain/graphs/people/loads", {
      body: { upload_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", mode: "append" },
    });
    expect(answer.body).toMatchObject({ status: 404, code: "upload_not_found" });
  });
});
