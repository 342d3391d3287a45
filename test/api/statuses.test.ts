/** Which status a refusal has: what heals with time is never the caller's input. */
import { beforeEach, describe, expect, test } from "vitest";
import { refusalOf } from "../../lib/api/status-of-diagnostics.ts";
import { healsWithTime } from "../../lib/apply/runs/healing-codes.ts";
import { CATALOGUE } from "../../lib/diagnostic/catalogue.ts";
import { type DiagnosticCode, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { apply, importCluster, loadPeople, putText, refresh, removeBehind } from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { configOf } from "./policies.ts";

const refused = (code: DiagnosticCode) => [diagnostic(code, { path: "x", message: "m.", severity: "error" })];
const HEALING = (Object.keys(CATALOGUE) as DiagnosticCode[]).filter((code) => healsWithTime(refused(code)));

test("each refusal that heals with time is a conflict, or to be sent again", () => {
  expect(HEALING).toContain("graph_busy");
  const statuses = HEALING.map((code) => ({ code, status: refusalOf(refused(code)).status }));
  expect(statuses.filter(({ status }) => status !== 409 && status !== 503)).toEqual([]);
});

describe("while the graphs do not answer", () => {
  const STUCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  let made: TestDeployment;
  const [dan, ci] = [person("dan"), role("kg-ci")];
  const post = (who: object, path: string, body: object = {}) =>
    send(made, who, "POST", `/clusters/brain${path}`, { body });

  beforeEach(async () => {
    made = testDeployment();
    const client = made.client("brain");
    await importCluster(client, configOf());
    await apply(client, configOf());
    await loadPeople(client, "shop", "Ada");
    await removeBehind(client, "shop");
    await refresh(client, configOf());
  });

  function engine(broken: Partial<Engine>): void {
    const { open } = made.deployment;
    Object.assign(made.deployment, {
      open(name: ClusterName) {
        const ports = open(name);
        return { ...ports, engine: { ...ports.engine, ...broken } };
      },
    });
  }

  const down = { tag: "unavailable", reason: "the store is down" } as const;
  const observe = () => Promise.resolve(down);

  test("a restore is to be sent again", async () => {
    engine({ observe });
    expect((await post(dan, "/graphs/shop/restore")).body).toMatchObject({
      status: 503,
      code: "graph_observation_error",
      detail: "graph.shop was not restored: the store is down.",
    });
  });

  test("a restore whose last version does not answer is to be sent again, and one that has none is refused", async () => {
    engine({ at: () => Promise.resolve(down) });
    expect((await post(dan, "/graphs/shop/restore")).body).toMatchObject({
      status: 503,
      code: "graph_observation_error",
    });
    engine({ at: () => Promise.resolve({ tag: "absent" } as const) });
    expect((await post(dan, "/graphs/shop/restore")).body).toMatchObject({
      status: 422,
      code: "graph_restore_failed",
    });
  });

  test("a reclaim is to be sent again", async () => {
    engine({ graphs: () => Promise.resolve(down) });
    expect((await post(ci, "/reclaim")).body).toMatchObject({
      status: 503,
      code: "graph_observation_error",
      detail: "The graphs below the storage root cannot be listed: the store is down.",
    });
  });

  test("a reclaim that finds what to take and cannot take it is to be sent again", async () => {
    made.clock.advance(LAPTOP_RULES.delete_grace_ms);
    engine({ reclaim: () => Promise.resolve(down) });
    expect((await post(ci, "/reclaim")).body).toMatchObject({ status: 503, code: "graph_unavailable" });
  });

  test("a discard is to be sent again", async () => {
    putText(made.client("brain").world, `__cluster/recoveries/${STUCK}.json`, "{");
    const store = made.deployment.open("brain" as ClusterName).store;
    const { open } = made.deployment;
    const remove = () => Promise.resolve(down);
    Object.assign(made.deployment, {
      open: (name: ClusterName) => ({ ...open(name), store: { ...store, remove } }),
    });
    expect((await post(dan, `/recoveries/${STUCK}/discard`, { reason: "damaged" })).body).toMatchObject({
      status: 503,
      code: "recovery_discard_failed",
    });
  });
});
