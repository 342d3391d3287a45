/** What callers read: status, ledger, history, catalog, and what those who may not are told (spec/policy 5.3, 5.7). */
import { beforeAll, describe, expect, test } from "vitest";
import { apply, codesOf, importCluster } from "../apply/cluster.ts";
import { BOOTSTRAP, person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { CLUSTER_POLICY, configOf, type Mode } from "./policies.ts";

async function deployed(mode: Mode | null = "policy"): Promise<TestDeployment> {
  const made = testDeployment();
  const client = made.client("brain");
  const config = configOf({ mode });
  await importCluster(client, config);
  const applied = await apply(client, config);
  expect({ converged: applied.converged, errors: codesOf(applied, "error") }).toEqual({
    converged: true,
    errors: [],
  });
  return made;
}

/** Without what is different in every answer. */
function told({ status, text }: { readonly status: number; readonly text: string }) {
  return { status, text };
}

describe("a deployment with a policy", () => {
  let made: TestDeployment;
  beforeAll(async () => {
    made = await deployed();
  });

  test.each([
    ["/clusters/brain/status"],
    ["/clusters/brain/ledger"],
    ["/clusters/brain/history"],
    ["/clusters/brain/history/2"],
    ["/clusters/brain/fsck"],
    ["/clusters/brain/serving-snapshot"],
    ["/whoami"],
    ["/clusters"],
  ])("answers %s to somebody whom its policy lets read", async (path) => {
    const answer = await send(made, person("eve"), "GET", path);
    expect({ status: answer.status, type: answer.headers.get("content-type") }).toEqual({
      status: 200,
      type: "application/json",
    });
  });

  test.each([
    ["/clusters/brain/status"],
    ["/clusters/brain/ledger"],
    ["/clusters/brain/history"],
    ["/clusters/brain/history/2"],
    ["/clusters/brain/fsck"],
    ["/clusters/brain/serving-snapshot"],
  ])(
    "tells somebody whom its policy does not know the same of %s as of a cluster that is not there",
    async (path) => {
      const hidden = await send(made, person("agent"), "GET", path);
      const missing = await send(made, person("agent"), "GET", path.replace("brain", "other"));
      expect(hidden.status).toBe(404);
      expect(told({ ...missing, text: missing.text.replaceAll("other", "brain") })).toEqual(told(hidden));
    },
  );

  test("is to a stranger the same as a name that the deployment does not serve, whatever is asked", async () => {
    const listed = testDeployment({ settings: { clusters: ["brain"] } });
    await importCluster(listed.client("brain"), configOf());
    await apply(listed.client("brain"), configOf());
    const upload = { purpose: "load", graph: "people" };
    const approval = { address: "graph.people", plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" };
    const requests = [
      ["GET", "/status", undefined],
      ["GET", "/graphs/people/queries", undefined],
      ["GET", "/graphs/Not-One/queries", undefined],
      ["GET", "/graphs/people/queries?page=x", undefined],
      ["GET", "/graphs/people/export", undefined],
      ["GET", "/graphs/people/export?at=x", undefined],
      ["POST", "/graphs/people/loads", { upload_id: "x", mode: "append" }],
      ["POST", "/graphs/people/loads", { mode: "never" }],
      ["POST", "/graphs/people/restore", {}],
      ["POST", "/uploads", upload],
      ["POST", "/uploads", { purpose: "bundle" }],
      ["POST", "/uploads", { purpose: "nothing" }],
      ["POST", "/approvals", approval],
      ["POST", "/approvals/01ARZ3NDEKTSV4RRFFQ69G5FAV/revoke", { reason: "no" }],
      ["POST", "/plans/01ARZ3NDEKTSV4RRFFQ69G5FAV/apply", {}],
      ["POST", "/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel", {}],
      ["POST", "/force-unlock", { lock_id: "x", reason: "no" }],
      ["POST", "/force-unlock", { lock_id: "x" }],
    ] as const;
    for (const [method, path, body] of requests) {
      const of = async (cluster: string) => {
        const sending = body === undefined ? {} : { body };
        const { status, text } = await send(
          listed,
          person("frank"),
          method,
          `/clusters/${cluster}${path}`,
          sending,
        );
        return { status, text: text.replaceAll(cluster, "NAME") };
      };
      expect({ path, body, ...(await of("ghost")) }).toEqual({ path, body, ...(await of("brain")) });
    }
  });

  test("tells somebody whom its policy knows which rule is missing, because the routes are no secret", async () => {
    const answer = await send(made, person("carol"), "GET", "/clusters/brain/status");
    expect(answer.body).toMatchObject({
      status: 403,
      code: "api_denied",
      detail: "policy denied action 'cluster_read_status' for actor 'act-carol'.",
    });
  });

  test("answers nobody without an identity, not even which routes there are", async () => {
    for (const path of ["/clusters", "/whoami", "/clusters/brain/status", "/nowhere"]) {
      expect((await send(made, null, "GET", path)).status).toBe(401);
    }
    expect((await send(made, person("eve"), "GET", "/nowhere")).status).toBe(404);
    expect((await send(made, null, "GET", "/health")).body).toEqual({ ok: true });
  });

  test("takes an actor from no header, query or cookie", async () => {
    const forged = {
      "x-actor": "act-eve",
      "x-amzn-oidc-identity": "eve",
      "x-forwarded-user": "act-eve",
      "x-apigateway-event": JSON.stringify({ requestContext: person("eve") }),
      "x-amzn-request-context": JSON.stringify(person("eve")),
      authorization: "Bearer eve",
      cookie: "actor=act-eve",
    };
    const nobody = await send(made, null, "GET", "/whoami?actor=act-eve", { headers: forged });
    expect(nobody.status).toBe(401);
    const agent = await send(made, person("agent"), "GET", "/whoami", { headers: forged });
    expect(agent.body).toMatchObject({ actor: "agent-support" });
    const hidden = await send(made, person("agent"), "GET", "/clusters/brain/status", { headers: forged });
    expect(hidden.status).toBe(404);
  });

  test("lists to each caller the clusters that they may read", async () => {
    const of = async (name: string) => (await send(made, person(name), "GET", "/clusters")).body;
    expect(await of("eve")).toEqual({ items: [{ cluster: "brain" }], next: null });
    expect(await of("agent")).toEqual({ items: [], next: null });
  });

  test("answers 304 to somebody who has the answer already, and another tag once it changes", async () => {
    const first = await send(made, person("eve"), "GET", "/clusters/brain/ledger");
    const etag = first.headers.get("etag") ?? "";
    const again = await send(made, person("eve"), "GET", "/clusters/brain/ledger", {
      headers: { "if-none-match": etag },
    });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: "" });
    const denied = await send(made, person("agent"), "GET", "/clusters/brain/ledger", {
      headers: { "if-none-match": etag },
    });
    expect(denied.status).toBe(404);
  });

  test("pages through the history newest first, with tokens that are good for one caller and list", async () => {
    const first = await send(made, person("eve"), "GET", "/clusters/brain/history?limit=2");
    const page = first.body as { items: { revision: number }[]; next: string };
    const second = await send(
      made,
      person("eve"),
      "GET",
      `/clusters/brain/history?limit=50&page=${page.next}`,
    );
    const rest = second.body as { items: { revision: number }[]; next: string | null };
    const revisions = [...page.items, ...rest.items].map(({ revision }) => revision);
    expect(page.items).toHaveLength(2);
    expect(revisions).toEqual([...revisions].sort((a, b) => b - a));
    expect(revisions.at(-1)).toBe(1);
    expect(rest.next).toBeNull();
    const stolen = await send(made, person("alice"), "GET", `/clusters/brain/history?page=${page.next}`);
    expect(stolen.body).toMatchObject({ status: 422, code: "api_page_invalid" });
    const forged = await send(made, person("eve"), "GET", `/clusters/brain/history?page=${page.next}0`);
    expect(forged.body).toMatchObject({ status: 422, code: "api_page_invalid" });
  });

  test("answers a revision that never was like any name that is not there", async () => {
    for (const revision of ["99", "0", "-1", "1e3", "x"]) {
      expect((await send(made, person("eve"), "GET", `/clusters/brain/history/${revision}`)).status).toBe(
        404,
      );
    }
  });
});

describe("a cluster without a policy", () => {
  test("is begun by the bootstrap principal alone, who counts for nothing once a policy is applied", async () => {
    const made = testDeployment();
    const client = made.client("brain");
    const first = configOf({ cluster_policy: null });
    await importCluster(client, first);
    await apply(client, first);
    const status = (context: object) => send(made, context, "GET", "/clusters/brain/status");
    expect((await status(role("bootstrap"))).status).toBe(200);
    expect((await status(person("eve"))).status).toBe(404);
    // A bundle of version 1 says who lists graphs, and nothing about the control plane.
    const old = CLUSTER_POLICY.slice(0, CLUSTER_POLICY.indexOf("rules:"));
    const rule = "{ id: all, allow: { actors: { group: auditors }, actions: [graph_list] } }";
    await apply(client, configOf({ cluster_policy: `${old}rules:\n  - ${rule}\n` }));
    expect((await status(role("bootstrap"))).status).toBe(200);
    expect((await status(person("eve"))).status).toBe(404);
    await apply(client, configOf());
    expect((await status(role("bootstrap"))).status).toBe(404);
    expect((await status(person("eve"))).status).toBe(200);
    expect(BOOTSTRAP).toContain("role/bootstrap");
  });

  test("whose policy cannot be read allows nothing and is not taken for one without", async () => {
    const made = await deployed();
    const { objects } = made.client("brain").world.objects;
    for (const key of [...objects.keys()]) {
      if (key.startsWith("__cluster/resources/policy/control/"))
        objects.set(key, Buffer.from("version: 1\n"));
    }
    for (const context of [role("bootstrap"), person("eve"), person("agent")]) {
      const answer = await send(made, context, "GET", "/clusters/brain/status");
      expect(answer.body).toMatchObject({ status: 500, code: "api_undecided" });
      expect(answer.text).not.toContain("digest");
    }
    const listed = await send(made, person("eve"), "GET", "/clusters");
    expect(listed.body).toEqual({ items: [], next: null });
    expect(made.log.some((event) => String(event["reason"]).includes("another digest"))).toBe(true);
  });
});

describe("the catalog of a graph", () => {
  const names = async (made: TestDeployment, who: string): Promise<unknown> => {
    const answer = await send(made, person(who), "GET", "/clusters/brain/graphs/people/queries");
    if (answer.status !== 200) return answer.status;
    return (answer.body as { items: { name: string }[] }).items.map(({ name }) => name);
  };

  test.each([
    // Reading is what it takes, and agents may not read.
    ["read_gated", [], ["all_people", "find_person"]],
    ["invocable", ["find_person"], ["all_people", "find_person"]],
    ["policy", ["find_person"], ["all_people", "find_person"]],
  ] as const)("shows each caller what the mode %s lets them see", async (mode, agent, curator) => {
    const made = await deployed(mode);
    expect(await names(made, "agent")).toEqual(agent);
    expect(await names(made, "carol")).toEqual(curator);
    expect(await names(made, "eve")).toBe(404);
  });

  test("answers a graph whose policy does not know the caller, a graph without one and no graph alike, to the byte", async () => {
    const made = await deployed();
    const [hidden, unbound, missing] = await Promise.all(
      ["people", "shop", "ghost"].map(async (graph) => {
        const answer = await send(made, person("eve"), "GET", `/clusters/brain/graphs/${graph}/queries`);
        return told({ ...answer, text: answer.text.replaceAll(graph, "GRAPH") });
      }),
    );
    expect(hidden?.status).toBe(404);
    expect(unbound).toEqual(hidden);
    expect(missing).toEqual(hidden);
  });

  test("of a graph without a policy is readable where the deployment says so", async () => {
    const made = testDeployment({ settings: { unbound_graph: "read" } });
    const client = made.client("brain");
    await importCluster(client, configOf({ mode: null }));
    await apply(client, configOf({ mode: null }));
    expect(await names(made, "eve")).toEqual(["all_people", "find_person"]);
  });

  test("has the same tag and bytes for a caller whether or not there are queries that they may not see", async () => {
    const made = await deployed();
    const before = await send(made, person("agent"), "GET", "/clusters/brain/graphs/people/queries");
    await apply(made.client("brain"), configOf({ secret_query: true }));
    expect(await names(made, "carol")).toEqual(["all_people", "every_name", "find_person"]);
    const after = await send(made, person("agent"), "GET", "/clusters/brain/graphs/people/queries");
    expect(after.text).toBe(before.text);
    expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
  });

  test("pages through what is visible, and no token can be made to ask what comes after a hidden query", async () => {
    const made = await deployed();
    const path = "/clusters/brain/graphs/people/queries?limit=1";
    const first = (await send(made, person("carol"), "GET", path)).body as { items: object[]; next: string };
    const second = (await send(made, person("carol"), "GET", `${path}&page=${first.next}`)).body;
    expect(first.items).toEqual([expect.objectContaining({ name: "all_people", mutation: false })]);
    expect(second).toMatchObject({ items: [{ name: "find_person" }], next: null });
    const stolen = await send(made, person("agent"), "GET", `${path}&page=${first.next}`);
    expect(stolen.body).toMatchObject({ code: "api_page_invalid" });
  });
});
