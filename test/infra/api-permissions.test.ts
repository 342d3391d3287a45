/**
 * The two functions behind the gateway may do what each route of theirs does, and no more than that of what is listed
 * here: every route is asked, and every call that it makes is put to the policies of the stack.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATE_ROUTES } from "../../infra/http-api.ts";
import { API_ROUTES } from "../../lib/api/create-api.ts";
import { blockCluster } from "../../lib/apply/runs/blocked.ts";
import type { LockId, RunId } from "../../lib/digest/ids.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { type Answer, person, role, send, type TestDeployment, testDeployment } from "../api/deployment.ts";
import { configFiles, graphPolicy } from "../api/policies.ts";
import { work } from "../api/worker.ts";
import { putText, refresh, removeBehind } from "../apply/cluster.ts";
import { desiredOf } from "../apply/cluster-files.ts";
import type { Call } from "../apply/interference.ts";
import { type Permissions, permissionsOf, requestsOf } from "./permissions.ts";
import { testStack } from "./stack.ts";

const CONTROL = `version: 1
groups: { everybody: [act-carol, act-dan] }
rules:
  - id: everything
    allow:
      actors: { group: everybody }
      actions: [graph_list, cluster_validate, cluster_plan, cluster_apply, cluster_approve, cluster_refresh,
        cluster_import, cluster_force_unlock, cluster_read_status, cluster_read_history]
`;
const GRAPHS = ["people", "shop", "third"] as const;
const STUCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const [carol, dan] = [person("carol"), person("dan")];

const configOf = (graphs: readonly string[] = GRAPHS) => ({
  ...configFiles({ cluster_policy: CONTROL, graphs }),
  "data.yaml": graphPolicy("policy"),
});
const zipOf = (graphs?: readonly string[]) =>
  packFiles(
    Object.entries(configOf(graphs)).map(([path, text]) => ({ path, bytes: Buffer.from(text, "utf8") })),
  );

type Side = "api" | "operate";

interface Recording {
  readonly made: TestDeployment;
  readonly calls: Readonly<Record<Side, Call[]>>;
  /** `GET /v1/…`, as the description names them, with the status that the route answered. */
  readonly answered: Map<string, number>;
  readonly ask: (
    who: object,
    method: "GET" | "POST",
    path: string,
    body?: object | Uint8Array,
  ) => Promise<Answer>;
}

/** A deployment whose API is asked while every call of its store and lease is kept for the function that makes it. */
function recording(): Recording {
  const calls: Recording["calls"] = { api: [], operate: [] };
  const answered = new Map<string, number>();
  let asking: Side | null = null;
  let asked = 0;
  const before = (call: Call) => {
    if (asking !== null) calls[asking].push(call);
    return "act" as const;
  };
  const made = testDeployment({ interference: { before, count: { calls: 0 } } });
  const ask: Recording["ask"] = async (who, method, path, body) => {
    asked += 1;
    const route = routeOf(method, `/v1${path.split("?")[0]}`);
    asking = OPERATE_ROUTES.some(([verb, of]) => `${verb} ${of}` === route) ? "operate" : "api";
    const bytes = body instanceof Uint8Array;
    const sending = bytes
      ? { raw: body, headers: { "content-type": "application/zip" } }
      : method === "POST"
        ? { body: body ?? {}, headers: { "idempotency-key": `request ${asked}` } }
        : {};
    const answer = await send(made, who, method, path, sending);
    asking = null;
    answered.set(route, Math.min(answer.status, answered.get(route) ?? answer.status));
    return answer;
  };
  return { made, calls, answered, ask };
}

/** The route that a request goes to, as the description names it. */
function routeOf(method: string, path: string): string {
  const matching = API_ROUTES.filter(({ config, pattern }) => {
    const form = new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}$`);
    return config.method.toUpperCase() === method && form.test(path);
  });
  const found = matching[0];
  if (found === undefined) throw new Error(`no route ${method} ${path}`);
  return `${method} ${found.config.path}`;
}

const BRAIN = "/clusters/brain";

/** From nothing to an applied cluster, and its bundle without the third graph, planned. */
async function begun({
  made,
  ask,
}: Recording): Promise<{ readonly bundle: string; readonly plan_id: string }> {
  const admin = role("bootstrap");
  await ask(admin, "POST", `${BRAIN}/import`);
  await work(made);
  const keep = async (graphs?: readonly string[], who: object = carol) =>
    idIn(await ask(who, "POST", `${BRAIN}/bundles`, await zipOf(graphs)), "bundle_digest");
  await ask(admin, "POST", `${BRAIN}/applies`, { bundle_digest: await keep(GRAPHS, admin) });
  await work(made);
  const bundle = await keep(["people", "shop"]);
  const planning = await ask(carol, "POST", `${BRAIN}/plans`, { bundle_digest: bundle });
  await work(made);
  const read = await ask(carol, "GET", `${BRAIN}/runs/${runOf(planning)}?wait=1`);
  return { bundle, plan_id: (read.body as { run: { plan_id: string } }).run.plan_id };
}

function idIn(answer: Answer, name: string): string {
  const value = (answer.body as Readonly<Record<string, unknown>>)[name];
  if (typeof value !== "string") throw new Error(`${answer.status} ${answer.text}`);
  return value;
}

function runOf(answer: Answer): string {
  return (answer.body as { run: { run_id: string } }).run.run_id;
}

/** What changes something: hand in, approve, take back, order, cancel, and everything an operator does. */
async function change(all: Recording): Promise<void> {
  const { made, ask } = all;
  const { bundle, plan_id } = await begun(all);
  const client = made.client("brain");
  await ask(carol, "POST", `${BRAIN}/validate`, { bundle_digest: bundle });
  await ask(carol, "GET", `${BRAIN}/plans/${plan_id}`);
  const approve = () => ask(dan, "POST", `${BRAIN}/approvals`, { address: "graph.third", plan_id });
  const first = idIn(await approve(), "approval_id");
  await ask(dan, "GET", `${BRAIN}/approvals/${first}`);
  await ask(dan, "POST", `${BRAIN}/approvals/${first}/revoke`, { reason: "no" });
  await ask(dan, "POST", `${BRAIN}/plans/${plan_id}/apply`);
  await work(made);
  await files(all);
  for (const path of ["/refresh", "/recover"]) await ask(carol, "POST", `${BRAIN}${path}`);
  const canceled = await ask(carol, "POST", `${BRAIN}/plans`, { bundle_digest: bundle });
  await ask(carol, "POST", `${BRAIN}/runs/${runOf(canceled)}/cancel`);
  await work(made);
  await ask(carol, "POST", `${BRAIN}/graphs/people/protect`, { reason: "audit" });
  await ask(dan, "POST", `${BRAIN}/graphs/people/unprotect`, { reason: "over" });
  await removeBehind(client, "shop");
  await refresh(client, desiredOf(configOf(["people", "shop"])));
  await ask(carol, "POST", `${BRAIN}/graphs/shop/restore`);
  await ask(carol, "POST", `${BRAIN}/reclaim`);
  putText(client.world, `__cluster/recoveries/${STUCK}.json`, "{");
  await ask(carol, "POST", `${BRAIN}/recoveries/${STUCK}/discard`, { reason: "damaged" });
  await blockCluster(client.ports, { by: "dead letter", reason: "a message came five times" });
  await ask(carol, "POST", `${BRAIN}/unblock`, { reason: "looked" });
  const lock_id = STUCK as LockId;
  const holder = { owner: "x", operation: "apply", run_id: STUCK as RunId, token_floor: 0 } as const;
  await client.ports.lease.acquire({ lock_id, ...holder, duration_ms: 3_600_000 });
  await ask(carol, "POST", `${BRAIN}/force-unlock`, { lock_id, reason: "gone" });
}

/** Asks for a link and uploads by it; the id of the upload. */
async function uploaded({ made, ask }: Recording, request: object, bytes: Uint8Array): Promise<string> {
  const given = await ask(carol, "POST", `${BRAIN}/uploads`, request);
  const { upload_id, url, headers } = given.body as {
    upload_id: string;
    url: string;
    headers: Readonly<Record<string, string>>;
  };
  const metadata = { "graphform-ticket": Object.values(headers)[0] ?? "" };
  made.inbox.set(new URL(url).pathname.slice(1), { bytes, metadata, version: "1", uploaded_at: null });
  return upload_id;
}

async function files(all: Recording): Promise<void> {
  const { made, ask } = all;
  const row = Buffer.from('{"type":"Person","data":{"name":"Ada","age":36}}\n');
  const rows = await uploaded(all, { purpose: "load", graph: "people" }, row);
  const load = { upload_id: rows, mode: "append" };
  const loading = await ask(carol, "POST", `${BRAIN}/graphs/people/loads`, load);
  const config = await uploaded(all, { purpose: "kept_bundle" }, await zipOf());
  await ask(carol, "POST", `${BRAIN}/uploads/${config}/bundle`);
  await work(made);
  await ask(carol, "GET", `${BRAIN}/graphs/people/loads/${runOf(loading)}`);
  const exporting = await ask(carol, "POST", `${BRAIN}/graphs/people/exports`);
  await work(made);
  await ask(carol, "GET", `${BRAIN}/graphs/people/exports/${runOf(exporting)}`);
}

const READS = [
  "/health",
  "/whoami",
  "/clusters",
  ...[
    "/status",
    "/ledger",
    "/fsck",
    "/serving-snapshot",
    "/history",
    "/history/2",
    "/approvals",
    "/runs",
    "/graphs/people/queries",
    "/graphs/people/export",
  ].map((path) => `${BRAIN}${path}`),
];

let permissions: Permissions;
let all: Recording;
beforeAll(async () => {
  permissions = permissionsOf(testStack().template);
  all = recording();
  await change(all);
  for (const path of READS) await all.ask(carol, "GET", path);
}, 180_000);

describe("the permissions of the functions behind the gateway", () => {
  it("are tried on every route, each of which has done what it is for", () => {
    const names = API_ROUTES.map(({ config }) => `${config.method.toUpperCase()} ${config.path}`);

    expect(names.filter((name) => (all.answered.get(name) ?? 500) >= 300)).toEqual([]);
  });

  it.each(["api", "operate"] as const)("are enough for what %s does", (name) => {
    const requests = all.calls[name].flatMap((call) => requestsOf(permissions, "clusters/brain/", call));
    const refused = requests.filter((request) => permissions.asFunction(name, request) !== "allowed");

    expect(requests.length).toBeGreaterThan(50);
    expect([...new Set(refused.map(({ action, resource }) => `${action} ${resource}`))]).toEqual([]);
  });

  it("let api write no more than its routes have written", () => {
    const written = all.calls.api.filter(({ verb }) => verb === "putIfAbsent" || verb === "replace");
    const own = permissions.functions.get("api") ?? [];
    const writes = own.filter(({ actions }) => actions.includes("s3:PutObject"));
    const granted = writes.flatMap(({ resources }) =>
      resources.flatMap((each) => each.split("/clusters/*/").slice(1)),
    );
    const used = (pattern: string) => {
      const prefix = pattern.replace(/\*$/, "");
      return written.some(({ key }) => (prefix === pattern ? key === pattern : key.startsWith(prefix)));
    };

    expect(granted.length).toBeGreaterThan(5);
    expect(granted.filter((pattern) => pattern === "*" || pattern === "__graphform/*")).toEqual([]);
    expect(granted.filter((pattern) => !used(pattern))).toEqual([]);
  });
});
