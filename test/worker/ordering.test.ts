/** Ordering runs: one key is one run for ever, and what can be known at once is refused at once. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Address } from "../../lib/desired/address.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, PlanId, RunId } from "../../lib/digest/ids.ts";
import { promptDrain } from "../../lib/worker/prompt.ts";
import { decodeKeyedRequest, encodeKeyedRequest } from "../../lib/worker/request-key.ts";
import { orderedRun } from "../../lib/worker/run-ordering.ts";
import { decodeRunOutput, encodeRunOutput, refusedAnswer } from "../../lib/worker/run-output.ts";
import { listRunViews, readRunView } from "../../lib/worker/run-view.ts";
import { keysBelow, putText, storedObjects } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { FAULTS, faultAt, interfering, recorder } from "../apply/faults.ts";
import {
  ANA,
  appliedDeployment,
  applyAsk,
  copyOfShared,
  DEMO,
  openWorker,
  order,
  ordered,
  planAsk,
  recordOf,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

describe("an order with an idempotency key", () => {
  test("is one run, however often it comes and whatever became of it", async () => {
    const worker = await appliedDeployment(null);
    const ask = await applyAsk(worker, CONFIG);
    const first = await order(worker, ask, { idempotency_key: "release-7" });
    const second = await order(worker, ask, { idempotency_key: "release-7" });
    await work(worker);
    const third = await order(worker, ask, { idempotency_key: "release-7" });
    if (first.tag !== "ordered" || second.tag !== "ordered" || third.tag !== "ordered")
      throw new Error("refused");

    expect([first.repeated, second.repeated, third.repeated]).toEqual([false, true, true]);
    expect(new Set([first, second, third].map((each) => each.record.run_id)).size).toBe(1);
    expect(third.record).toMatchObject({ state: "ended", outcome: "applied" });
    expect(await work(worker)).toEqual([]);
  });

  test("that was used for another request is refused, and another actor's never meets it", async () => {
    const worker = await appliedDeployment(null);
    const ask = await applyAsk(worker, CONFIG);
    await order(worker, ask, { idempotency_key: "k" });
    const other = await order(worker, { ...ask, allow_mass_delete: true }, { idempotency_key: "k" });
    expect(other).toMatchObject({ tag: "refused", diagnostics: [{ code: "idempotency_key_reused" }] });
    expect(await order(worker, { kind: "refresh" }, { idempotency_key: "k" })).toMatchObject({
      tag: "refused",
    });
    expect(await order(worker, { kind: "refresh" }, { idempotency_key: "k", actor: "bob" })).toMatchObject({
      tag: "ordered",
    });
    for (const idempotency_key of ["", "x".repeat(256)]) {
      expect(await order(worker, ask, { idempotency_key })).toMatchObject({
        diagnostics: [{ code: "run_order_invalid" }],
      });
    }
  });

  test("is one run although any single call goes wrong in any way and it is sent again", async () => {
    const worker = await appliedDeployment(null);
    const ask = await planAsk(worker, CONFIG);
    const recording = recorder();
    await order(openWorker(copyOfShared(worker.shared), recording), ask, { idempotency_key: "k" });
    expect(recording.count.calls).toBeGreaterThan(4);
    for (const fault of FAULTS) {
      for (let ordinal = 1; ordinal <= recording.count.calls; ordinal += 1) {
        const shared = copyOfShared(worker.shared);
        const faulty = faultAt(ordinal, fault);
        await Promise.race([order(openWorker(shared, faulty), ask, { idempotency_key: "k" }), faulty.died]);
        const again = await order(openWorker(shared), ask, { idempotency_key: "k" });
        expect(again.tag).toBe("ordered");
        const plans = keysBelow(worldOf(shared), "__graphform/runs/").length;
        expect(plans).toBe(keysBelow(worldOf(worker.shared), "__graphform/runs/").length + 1);
      }
    }
  });

  test("is not known to be ordered while the store is silent, and says so", async () => {
    const worker = await appliedDeployment(null);
    const down = openWorker(
      worker.shared,
      interfering(() => "fail"),
    );
    const result = await order(down, { kind: "refresh" }, { idempotency_key: "k" });
    expect(result).toMatchObject({ tag: "unknown", diagnostics: [{ code: "run_order_unknown" }] });
  });
});

describe("an order", () => {
  test("of a config that is not kept, or of a plan that is not stored or used, is refused at once", async () => {
    const worker = await appliedDeployment(CONFIG);
    const nowhere = { kind: "plan", bundle_digest: sha256("x"), targets: null, purge: null } as const;
    expect(await order(worker, nowhere)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "bundle_not_found" }],
    });
    const unplanned = { kind: "apply_plan", plan_id: ULID as PlanId, allow_mass_delete: false } as const;
    expect(await order(worker, unplanned)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "plan_not_found" }],
    });
    const planning = await ordered(
      worker,
      await planAsk(worker, { graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } }),
    );
    await work(worker);
    const plan_id = recordOf(worker.shared, planning.run_id).plan_id!;
    await ordered(worker, { ...unplanned, plan_id });
    await work(worker);
    expect(await order(worker, { ...unplanned, plan_id })).toMatchObject({
      diagnostics: [{ code: "plan_already_used" }],
    });
  });

  test("of a plan that cannot be read now is not decided, and one whose use cannot be read is tried again", async () => {
    const worker = await appliedDeployment(CONFIG);
    const config = { graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } };
    const planning = await ordered(worker, await planAsk(worker, config));
    await work(worker);
    const plan_id = recordOf(worker.shared, planning.run_id).plan_id!;
    const ask = { kind: "apply_plan", plan_id, allow_mass_delete: false } as const;
    const unread = (part: string) =>
      openWorker(
        worker.shared,
        interfering((call) =>
          call.verb === "get" && call.key.endsWith(`${plan_id}${part}.json`) ? "fail" : "act",
        ),
      );
    expect(await order(unread(""), ask)).toMatchObject({
      tag: "unknown",
      diagnostics: [{ code: "plan_read_error" }],
    });
    const { run_id } = await ordered(worker, ask);
    expect((await work(unread("-used"))).map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id).state).toBe("queued");
    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });

  test("of a target that nobody knows ends as refused, and says what it is", async () => {
    const worker = await appliedDeployment(CONFIG);
    const asks = [await planAsk(worker, CONFIG), await applyAsk(worker, CONFIG)];
    for (const ask of asks) {
      const { run_id } = await ordered(worker, { ...ask, targets: ["nowhere" as GraphId] });
      await work(worker);
      expect(recordOf(worker.shared, run_id)).toMatchObject({
        outcome: "refused",
        diagnostics: ["target_unknown"],
      });
    }
  });

  test("of a config with errors ends as refused with them, and stands in nobody's way", async () => {
    const worker = await appliedDeployment(null);
    const { run_id } = await ordered(
      worker,
      await applyAsk(worker, { graphs: { people: { schema: "node {" } } }),
    );
    const next = await ordered(worker, await applyAsk(worker, CONFIG));
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("refused");
    expect(recordOf(worker.shared, run_id).diagnostics.length).toBeGreaterThan(0);
    expect(recordOf(worker.shared, next.run_id).outcome).toBe("applied");
  });

  test("of a refresh, a recovery and an import is answered as on a folder", async () => {
    const worker = await appliedDeployment(CONFIG);
    const kinds = ["refresh", "recover", "import"] as const;
    const runs = [];
    for (const kind of kinds) runs.push(await ordered(worker, { kind }));
    await work(worker);
    const views = await Promise.all(
      runs.map((each) => readRunView(worker.deployment.open(DEMO), each.run_id)),
    );
    expect(
      views.map((each) => each.tag === "found" && [each.view.run.outcome, each.view.output?.kind]),
    ).toEqual([
      ["noop", "refresh"],
      ["noop", "operate"],
      ["refused", "refresh"],
    ]);
  });
});

describe("the list of runs", () => {
  test("comes newest first, in pages that miss none and repeat none", async () => {
    const worker = await appliedDeployment(null);
    for (let count = 0; count < 7; count += 1) await ordered(worker, { kind: "refresh" });
    const seen: RunId[] = [];
    for (let before: RunId | null = null; ; ) {
      const page = await listRunViews(worker.deployment.open(DEMO), { limit: 3, before });
      if (page.tag !== "page") throw new Error(page.tag);
      seen.push(...page.items.map((each) => each.run_id));
      before = page.next;
      if (before === null) break;
    }
    expect(seen).toHaveLength(8);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  test("says so when it cannot be read", async () => {
    const worker = await appliedDeployment(null);
    const down = openWorker(
      worker.shared,
      interfering(() => "fail"),
    );
    const page = await listRunViews(down.deployment.open(DEMO), { limit: 3, before: null });
    expect(page).toMatchObject({ tag: "refused", diagnostics: [{ code: "run_record_read_error" }] });
  });
});

describe("what a run has answered", () => {
  test("is the same for whoever looks before its worker has given the lease back", async () => {
    const worker = await appliedDeployment({ graphs: {} });
    const { run_id } = await ordered(worker, await applyAsk(worker, { graphs: {} }));
    const key = `__graphform/run-outputs/${run_id}.json`;
    const seen = new Set<string>();
    const look = (): void => {
      const kept = storedObjects(worldOf(worker.shared)).get(key);
      if (kept !== undefined) seen.add(JSON.stringify(JSON.parse(kept).output));
    };
    await work(
      openWorker(
        worker.shared,
        interfering(() => {
          look();
          return "act";
        }),
      ),
    );
    look();
    expect([...seen]).toEqual([expect.stringContaining('"lock_acquired":true')]);
  });

  test("that is damaged or cannot be read is missed, and nothing else", async () => {
    const worker = await appliedDeployment(null);
    const { run_id } = await ordered(worker, { kind: "refresh" });
    await work(worker);
    const key = `__graphform/run-outputs/${run_id}.json`;
    const ports = worker.deployment.open(DEMO);
    const unread = openWorker(
      worker.shared,
      interfering((call) => (call.key === key ? "fail" : "act")),
    );
    expect(await readRunView(unread.deployment.open(DEMO), run_id)).toMatchObject({
      view: { run: { state: "ended" }, output: null, diagnostics: [{ code: "run_output_read_error" }] },
    });
    putText(worldOf(worker.shared), key, "{");
    expect(await readRunView(ports, run_id)).toMatchObject({
      view: { output: null, diagnostics: [{ code: "run_output_invalid" }] },
    });
    expect(await readRunView(ports, ULID as RunId)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "run_not_found" }],
    });
  });
});

describe("the documents of an order", () => {
  const golden = (name: string) => readFileSync(new URL(`../golden/worker/${name}`, import.meta.url), "utf8");

  test("are written exactly as the golden files have them, and read back", () => {
    const record = orderedRun(
      {
        ...{ kind: "load", graph: "people" as GraphId, mode: "merge", upload_key: "inbox/demo/a.jsonl" },
        ...{ actor: "ana", trigger: "api", git: null, idempotency_key: "k", caller: ANA },
      },
      {
        run_id: ULID as RunId,
        change_id: ULID,
        created_at: "2026-01-02T03:04:05Z",
        planned_bundle: null,
        planned_git: null,
      },
    );
    const request = encodeKeyedRequest({ order_digest: sha256("order"), record });
    expect(Buffer.from(request).toString("utf8")).toBe(golden("request-key-1.json"));
    expect(decodeKeyedRequest(request)).toMatchObject({ tag: "decoded", request: { record } });
    expect(decodeKeyedRequest(Buffer.from('{"format_version":2}')).tag).toBe("invalid");

    const answer = refusedAnswer([diagnostic("run_gave_up", { path: ULID, message: "No worker could." })]);
    const output = encodeRunOutput(ULID as RunId, answer, ULID);
    expect(Buffer.from(output).toString("utf8")).toBe(golden("run-output-1.json"));
    expect(decodeRunOutput(output)).toMatchObject({ answer: { kind: "refused" }, left_undone: null });
    const left = new Set(["graph.b", "graph.a"] as Address[]);
    expect(decodeRunOutput(encodeRunOutput(ULID as RunId, answer, ULID, left))).toMatchObject({
      left_undone: left,
    });
    expect(decodeRunOutput(Buffer.from('{"format_version":2}')).tag).toBe("invalid");
  });
});
