/** Exports that are too long for an answer: ordered, written by a worker, and fetched by a link that is given anew. */
import { beforeEach, describe, expect, test } from "vitest";
import { AUDIT_PREFIX } from "../../lib/access/audit.ts";
import { handleHttpEvent } from "../../lib/api/handle-http-event.ts";
import { EXPORT_KEPT_MS } from "../../lib/worker/limits.ts";
import { apply, createBehind, importCluster, loadPeople, removeBehind } from "../apply/cluster.ts";
import { desiredOf, PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { httpEvent } from "./http-event.ts";
import { configFiles, configOf, graphPolicy } from "./policies.ts";
import { work } from "./worker.ts";

const [carol, dan, eve, agent] = [person("carol"), person("dan"), person("eve"), person("agent")];
const loader = person("lou", { groups: "[loaders]" });
const EXPORTS = "/clusters/brain/graphs/people/exports";

let made: TestDeployment;
beforeEach(async () => {
  made = testDeployment();
  await importCluster(made.client("brain"), configOf());
  await apply(made.client("brain"), configOf());
});

interface Shown {
  readonly run: { readonly run_id: string; readonly state: string; readonly outcome: string | null };
  readonly link: { readonly url: string } | null;
}

async function ordered(who: object, body: object = {}): Promise<string> {
  const answer = await send(made, who, "POST", EXPORTS, { body });
  expect(answer.status).toBe(202);
  const { run_id } = (answer.body as Shown).run;
  expect(answer.headers.get("location")).toBe(`/v1${EXPORTS}/${run_id}`);
  return run_id;
}

const shown = (who: object, id: string, query = "") => send(made, who, "GET", `${EXPORTS}/${id}${query}`);

describe("an export through the API", () => {
  test("is ordered by who may export, waited for, and read by a link that no cache keeps", async () => {
    const id = await ordered(carol, { at: 1, edge_ids: true });
    const waiting = await shown(carol, id);
    expect(waiting.body).toMatchObject({ run: { state: "queued", caller: null }, output: null, link: null });
    await work(made);
    const answer = await shown(carol, id, "?wait=20");
    expect(answer.body).toMatchObject({
      run: { state: "ended", outcome: "exported", export: { graph: "people", version: 1, edge_ids: true } },
      output: { kind: "export", output: { rows: 0, bytes: 0, manifest_version: 1 } },
      link: { url: `https://exports.example.com/exports/brain/${id}/1.jsonl?signed` },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    for (const world of [made.records, made.client("brain").world.objects]) {
      for (const bytes of world.objects.values()) {
        expect(Buffer.from(bytes).toString("utf8")).not.toContain("exports.example.com");
      }
    }
  });

  test("is for who may export the graph, and not there for whom its policy does not know", async () => {
    expect((await send(made, loader, "POST", EXPORTS, { body: {} })).status).toBe(403);
    expect((await send(made, agent, "POST", EXPORTS, { body: {} })).status).toBe(403);
    expect((await send(made, eve, "POST", EXPORTS, { body: {} })).status).toBe(404);
    const nowhere = await send(made, carol, "POST", "/clusters/brain/graphs/nowhere/exports", { body: {} });
    expect(nowhere.status).toBe(404);
  });

  test("is shown to nobody but who ordered it, and only at its own graph", async () => {
    const both = graphPolicy("policy").replace("[act-carol]", "[act-carol, act-dan]");
    await apply(made.client("brain"), desiredOf({ ...configFiles(), "data.yaml": both }));
    const id = await ordered(carol);
    await work(made);
    // Dan may export the graph as well, by an export of his own.
    expect((await shown(dan, id)).body).toMatchObject({ status: 404, code: "export_not_found" });
    expect((await shown(eve, id)).body).toMatchObject({ status: 404, code: "api_not_found" });
    expect((await shown(loader, id)).status).toBe(403);
    const refresh = await send(made, dan, "POST", "/clusters/brain/refresh", { body: {} });
    const other = (refresh.body as Shown).run.run_id;
    for (const run of [other, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"]) {
      expect((await shown(carol, run)).body).toMatchObject({ status: 404, code: "export_not_found" });
    }
    const elsewhere = await send(made, carol, "GET", `/clusters/brain/graphs/shop/exports/${id}`);
    expect(elsewhere.status).toBe(404);
    // What it counted is for readers of the graph; that it ran is for who may read the status.
    const run = await send(made, eve, "GET", `/clusters/brain/runs/${id}`);
    expect(run.body).toMatchObject({ run: { outcome: "exported" }, output: null });
  });

  test("asks policy again for each link: who may no longer export gets none", async () => {
    const id = await ordered(carol);
    await work(made);
    expect((await shown(carol, id)).body).toMatchObject({ link: { url: expect.any(String) } });
    const files = configFiles();
    const nobody = { ...files, "data.yaml": graphPolicy("policy").replace("read, export,", "read,") };
    await apply(made.client("brain"), desiredOf(nobody));
    const later = await shown(carol, id);
    expect({ status: later.status, text: later.text.includes("exports.example.com") }).toEqual({
      status: 403,
      text: false,
    });
  });

  test("asks policy again after a wait, right before the link is signed", async () => {
    const id = await ordered(carol);
    const nobody = {
      ...configFiles(),
      "data.yaml": graphPolicy("policy").replace("read, export,", "read,"),
    };
    Object.assign(made.clock, {
      sleep: async () => {
        await work(made);
        await apply(made.client("brain"), desiredOf(nobody));
      },
    });
    const answer = await shown(carol, id, "?wait=20");
    expect({ status: answer.status, text: answer.text.includes("exports.example.com") }).toEqual({
      status: 403,
      text: false,
    });
  });

  test("gives no link whose decision cannot be recorded", async () => {
    let isFull = false;
    made = testDeployment({
      interference: interfering(({ key, writes }) =>
        isFull && writes && key.startsWith(AUDIT_PREFIX) ? "fail" : "act",
      ),
    });
    await importCluster(made.client("brain"), configOf());
    await apply(made.client("brain"), configOf());
    const id = await ordered(carol);
    await work(made);
    isFull = true;
    const answer = await shown(carol, id);
    expect(answer.body).toMatchObject({ status: 500, code: "api_undecided" });
    expect(answer.text).not.toContain("exports.example.com");
    isFull = false;
    expect((await shown(carol, id)).body).toMatchObject({ link: { url: expect.any(String) } });
  });

  test("is gone before its store removes it", async () => {
    const id = await ordered(carol);
    await work(made);
    made.clock.advance(EXPORT_KEPT_MS);
    expect((await shown(carol, id)).status).toBe(200);
    made.clock.advance(1_000);
    expect((await shown(carol, id)).body).toMatchObject({ status: 404, code: "export_not_found" });
  });

  test("that came to nothing says why and has no link", async () => {
    const id = await ordered(carol, { at: 99 });
    await work(made);
    expect((await shown(carol, id)).body).toMatchObject({
      run: { outcome: "refused" },
      output: { kind: "refused", output: { diagnostics: [{ code: "graph_version_unknown" }] } },
      link: null,
    });
  });

  test("hands out no rows that an earlier graph of the name had, because its policy is not asked", async () => {
    const client = made.client("brain");
    await loadPeople(client, "people", "ada");
    const at = (version: number) =>
      send(made, carol, "GET", `/clusters/brain/graphs/people/export?at=${version}`);
    expect((await at(2)).text).toContain("ada");
    const before = await ordered(carol, { at: 2 });
    await work(made);
    await removeBehind(client, "people");
    await createBehind(client, "people", PERSON);
    expect((await at(4)).status).toBe(200);
    for (const version of [1, 2, 3]) {
      expect((await at(version)).body).toMatchObject({ status: 404, code: "graph_version_unknown" });
    }
    const after = await ordered(carol, { at: 2 });
    await work(made);
    expect((await shown(carol, before)).body).toMatchObject({ run: { outcome: "exported" } });
    expect((await shown(carol, after)).body).toMatchObject({
      run: { outcome: "refused" },
      output: { output: { diagnostics: [{ code: "graph_version_unknown" }] } },
      link: null,
    });
  });

  test("asks for another try when the link cannot be signed", async () => {
    const id = await ordered(carol);
    await work(made);
    Object.assign(made.deployment.exports, { presign: () => Promise.resolve(null) });
    expect((await shown(carol, id)).body).toMatchObject({ status: 503, code: "export_link_failed" });
  });

  test.each([{ at: 0 }, { at: 1.5 }, { at: "1" }, { edge_ids: "yes" }, { to: "s3://elsewhere" }])(
    "takes no %j",
    async (body) => {
      expect((await send(made, carol, "POST", EXPORTS, { body })).status).toBe(422);
    },
  );

  test("is what the answer of a gateway that is too long sends to", async () => {
    const long = new Response("x".repeat(6_000_000), { headers: { "content-type": "application/x-ndjson" } });
    const app = { fetch: () => Promise.resolve(long) } as unknown as TestDeployment["app"];
    const answer = await handleHttpEvent(app, httpEvent({}, { path: "/v1/x" }));
    const problem = JSON.parse(String(answer.body));
    expect(problem).toMatchObject({ status: 422, code: "api_answer_too_large" });
    expect(JSON.stringify(problem)).toContain("exports");
  });
});
