/** Loads through the API, seen by whoever ordered them until their end, and by nobody else. */
import { beforeEach, describe, expect, test } from "vitest";
import { apply, importCluster } from "../apply/cluster.ts";
import { desiredOf } from "../apply/cluster-files.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { configFiles, configOf, graphPolicy } from "./policies.ts";
import { work } from "./worker.ts";

const [carol, eve, agent] = [person("carol"), person("eve"), person("agent")];
const loader = person("lou", { groups: "[loaders]" });
const other = person("max", { groups: "[loaders]" });
const PEOPLE = "/clusters/brain/graphs/people";

let made: TestDeployment;
beforeEach(async () => {
  made = testDeployment();
  await importCluster(made.client("brain"), configOf());
  await apply(made.client("brain"), configOf());
});

/** A load that `who` orders; the id of its run. */
async function ordered(who: object): Promise<string> {
  const body = { purpose: "load", graph: "people" };
  const given = await send(made, who, "POST", "/clusters/brain/uploads", { body });
  const { upload_id, url, headers } = given.body as {
    readonly upload_id: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  const metadata = { "graphform-ticket": Object.values(headers)[0] ?? "" };
  const bytes = Buffer.from('{"type":"Person","data":{"name":"ada"}}\n');
  made.inbox.set(new URL(url).pathname.slice(1), { bytes, metadata, version: "1", uploaded_at: null });
  const load = { body: { upload_id, mode: "append" } };
  const answer = await send(made, who, "POST", `${PEOPLE}/loads`, load);
  expect(answer.status).toBe(202);
  const { run_id } = (answer.body as { readonly run: { readonly run_id: string } }).run;
  expect(answer.headers.get("location")).toBe(`/v1${PEOPLE}/loads/${run_id}`);
  return run_id;
}

const shown = (who: object, id: string, query = "") =>
  send(made, who, "GET", `${PEOPLE}/loads/${id}${query}`);

describe("a load through the API", () => {
  test("is shown to who ordered it, who may see no other run, with what it came to", async () => {
    const id = await ordered(loader);
    expect((await send(made, loader, "GET", `/clusters/brain/runs/${id}`)).status).toBe(404);
    expect((await shown(loader, id)).body).toMatchObject({
      run: { run_id: id, state: "queued", caller: null },
      output: null,
    });
    await work(made);
    expect((await shown(loader, id, "?wait=20")).body).toMatchObject({
      run: { state: "ended", outcome: "loaded" },
      output: { kind: "load", output: { ok: true, counts: [{ rows: 1 }] } },
      diagnostics: [],
    });
  });

  test("is not there for anybody else, whether it is or not", async () => {
    const id = await ordered(loader);
    await work(made);
    const missing = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (const who of [carol, other, agent, eve]) {
      const [there, nowhere] = [await shown(who, id), await shown(who, missing)];
      const told = (text: string, run: string) => text.replaceAll(run, "RUN");
      expect({ status: there.status, text: told(there.text, id) }).toEqual({
        status: nowhere.status,
        text: told(nowhere.text, missing),
      });
    }
    // Carol and Max may change the graph; agents may not, and Eve must not know of it.
    expect((await shown(carol, id)).body).toMatchObject({ status: 404, code: "load_not_found" });
    expect((await shown(other, id)).body).toMatchObject({ status: 404, code: "load_not_found" });
    expect((await shown(agent, id)).status).toBe(403);
    expect((await shown(eve, id)).body).toMatchObject({ status: 404, code: "api_not_found" });
  });

  test("is shown at its own graph, and nothing but loads is", async () => {
    const id = await ordered(carol);
    const elsewhere = await send(made, carol, "GET", `/clusters/brain/graphs/shop/loads/${id}`);
    expect(elsewhere.body).toMatchObject({ status: 404, code: "api_not_found" });
    const exporting = await send(made, carol, "POST", `${PEOPLE}/exports`, { body: {} });
    const { run_id } = (exporting.body as { readonly run: { readonly run_id: string } }).run;
    for (const run of [run_id, "x"]) {
      expect((await shown(carol, run)).body).toMatchObject({ status: 404, code: "load_not_found" });
    }
  });

  test("is not shown any more to who may no longer change the graph", async () => {
    const id = await ordered(loader);
    await work(made);
    const closed = graphPolicy("policy").replace(
      "group: loaders }, actions: [change]",
      "group: loaders }, actions: [read]",
    );
    await apply(made.client("brain"), desiredOf({ ...configFiles(), "data.yaml": closed }));
    expect((await shown(loader, id)).status).toBe(403);
  });
});
