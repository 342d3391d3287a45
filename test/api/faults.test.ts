/** What callers are told while a store does not answer, or its answers are lost. */
import { describe, expect, test } from "vitest";
import { operateAnswer } from "../../lib/api/operate-answer.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { apply, importCluster } from "../apply/cluster.ts";
import type { Call, Fate } from "../apply/interference.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { configOf } from "./policies.ts";

/** A deployment whose clusters answer as `fate` says; the tests arrange everything else past it. */
async function deployed(fate: (call: Call) => Fate): Promise<TestDeployment> {
  const made = testDeployment({ interference: { before: fate, count: { calls: 0 } } });
  await importCluster(made.client("brain"), configOf());
  expect((await apply(made.client("brain"), configOf())).converged).toBe(true);
  return made;
}

describe("while the store does not answer", () => {
  test.each([
    ["the ledger", "__cluster/state.json"],
    ["the policy", "__cluster/resources/policy/control/"],
  ])("with %s, nobody is let in and nobody is told more than to try again", async (_, prefix) => {
    const made = await deployed(({ verb, key }) =>
      verb === "get" && key.startsWith(prefix) ? "fail" : "act",
    );
    for (const who of ["eve", "agent"]) {
      const answer = await send(made, person(who), "GET", "/clusters/brain/status");
      expect(answer.body).toMatchObject({ status: 500, code: "api_undecided" });
      expect(answer.text).not.toContain("store is down");
    }
  });

  test("with the approvals, who could approve is not told that there are none", async () => {
    const made = await deployed(({ key }) => (key.startsWith("__graphform/approvals/") ? "fail" : "act"));
    const answer = await send(made, person("eve"), "GET", "/clusters/brain/approvals");
    expect(answer.body).toMatchObject({ status: 503, code: "approval_read_error" });
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  test("with the audit, reading goes on and changing does not", async () => {
    const made = await deployed(({ key }) => (key.startsWith("__graphform/audit/") ? "fail" : "act"));
    expect((await send(made, person("eve"), "GET", "/clusters/brain/status")).status).toBe(200);
    const body = { reason: "audit" };
    const changed = await send(made, person("dan"), "POST", "/clusters/brain/graphs/people/protect", {
      body,
    });
    expect(changed.body).toMatchObject({ status: 500, code: "api_undecided" });
    const status = await send(made, person("eve"), "GET", "/clusters/brain/status");
    expect(status.body).toMatchObject({ protected: {} });
  });
});

describe("while records cannot be written", () => {
  test("an order is to be sent again, because it may have been taken", async () => {
    const made = await deployed(({ writes, key }) =>
      writes && key.startsWith("__graphform/runs/") ? "fail" : "act",
    );
    const answer = await send(made, person("dan"), "POST", "/clusters/brain/refresh", { body: {} });
    expect(answer.body).toMatchObject({ status: 503, code: "run_order_unknown" });
  });
});

test("a command whose outcome is not known is to be sent again, whatever kept it from being known", () => {
  const facts = { path: "graph.people", message: "It has drifted." };
  const diagnostics = [diagnostic("graph_drifted", facts)];
  const output = { ok: false, outcome: "unknown", diagnostics } as const;
  const answer = operateAnswer(output as unknown as Parameters<typeof operateAnswer>[0]);
  expect(answer).toMatchObject({ status: 503 });
  const refused = { ...output, outcome: "refused" } as unknown as Parameters<typeof operateAnswer>[0];
  expect(operateAnswer(refused)).toMatchObject({ status: 409 });
});

describe("while answers are lost", () => {
  test("every write lands once: the protection, its revision and the record of who asked", async () => {
    let lost = 0;
    const made = await deployed(({ writes }) => {
      lost += writes ? 1 : 0;
      return writes && lost % 2 === 1 ? "lose_answer" : "act";
    });
    const sending = { body: { reason: "audit" }, headers: { "idempotency-key": "k" } };
    const path = "/clusters/brain/graphs/people/protect";
    const first = await send(made, person("dan"), "POST", path, sending);
    expect(first.body).toMatchObject({ ok: true, outcome: "done" });
    expect((await send(made, person("dan"), "POST", path, sending)).text).toBe(first.text);
    expect(lost).toBeGreaterThan(3);
    const audited = [...made.client("brain").world.objects.objects].filter(([key]) =>
      key.startsWith("__graphform/audit/"),
    );
    // One decision each time it was asked for.
    expect(audited).toHaveLength(2);
  });
});
