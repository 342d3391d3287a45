/** What is looked at or sent a second time: orders under one key, prompts, runs that others may have moved meanwhile. */
import { describe, expect, test } from "vitest";
import type { Digest } from "../../lib/digest/digest.ts";
import type { GraphId, PlanId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { WorkQueue } from "../../lib/ports/work-queue.ts";
import { runningPart } from "../../lib/worker/authorise-run.ts";
import { handleDeadLetter } from "../../lib/worker/dead-letter.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { promptDrain, promptSchedule } from "../../lib/worker/prompt.ts";
import { orderDigest, type RunAsk } from "../../lib/worker/run-ordering.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { keysBelow } from "../apply/cluster.ts";
import { type ClusterFiles, filesOf, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import {
  appliedDeployment,
  applyAsk,
  DEMO,
  handInRows,
  INVOCATION_MS,
  openWorker,
  order,
  ordered,
  planAsk,
  recordOf,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const DRAIN = JSON.stringify({ format_version: 1, kind: "drain", cluster: DEMO });
const PEOPLE = "people" as GraphId;

describe("orders under one key", () => {
  const [one, two] = ["1".repeat(64) as Digest, "2".repeat(64) as Digest];
  const plan_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as PlanId;
  const plan = { kind: "plan", bundle_digest: one, targets: null, purge: null } as const;
  const apply = { kind: "apply", bundle_digest: one, targets: null, allow_mass_delete: false } as const;
  const reviewed = { kind: "apply_plan", plan_id, allow_mass_delete: false } as const;
  const load = { kind: "load", graph: PEOPLE, mode: "append", upload_key: "inbox/demo/a.jsonl" } as const;
  const asks: readonly RunAsk[] = [
    ...(["import", "refresh", "recover"] as const).map((kind) => ({ kind })),
    ...[plan, { ...plan, bundle_digest: two }, { ...plan, targets: [PEOPLE] }, { ...plan, purge: PEOPLE }],
    ...[apply, { ...apply, bundle_digest: two }, { ...apply, targets: [PEOPLE] }],
    ...[{ ...apply, allow_mass_delete: true }, reviewed, { ...reviewed, allow_mass_delete: true }],
    { ...reviewed, plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAW" as PlanId },
    ...[load, { ...load, graph: "shop" as GraphId }, { ...load, mode: "merge" as const }],
    { ...load, upload_key: "inbox/demo/b.jsonl" },
  ];

  test("are the same only if nothing in them differs, nor who orders, nor from which commit", () => {
    const origin = { actor: "ana", trigger: "api", git: null, idempotency_key: "k" };
    const git = { commit: "0123abc", ref: null, repository: null };
    const digests = [
      ...asks.map((ask) => orderDigest({ ...ask, ...origin })),
      orderDigest({ ...plan, ...origin, actor: "bob" }),
      orderDigest({ ...plan, ...origin, git }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    const targets = ["shop", "people"] as GraphId[];
    expect(orderDigest({ ...plan, ...origin, targets })).toBe(
      orderDigest({ ...plan, ...origin, targets: [...targets, ...targets].toReversed() }),
    );
  });
});

describe("a prompt", () => {
  /** The first message is answered as unknown; `landed`: it is there all the same. */
  async function prompted(landed: boolean): Promise<number> {
    const { deployment } = await appliedDeployment(null);
    let sent = 0;
    const applies: WorkQueue = {
      ...deployment.applies,
      async send(request) {
        sent += 1;
        if (sent > 1) return deployment.applies.send(request);
        if (landed) await deployment.applies.send(request);
        return { tag: "ambiguous", reason: "its answer was lost" };
      },
    };
    expect(await promptDrain({ ...deployment, applies }, DEMO)).toBe(true);
    for (let count = 0; ; count += 1) {
      const received = await deployment.applies.receive(0);
      const [message] = received.tag === "received" ? received.messages : [];
      if (message === undefined) return count;
      await deployment.applies.acknowledge(message.receipt);
    }
  }

  test("whose answer is lost is sent again under its id, and is one message whether or not it had arrived", async () => {
    expect(await prompted(true)).toBe(1);
    expect(await prompted(false)).toBe(1);
  });
});

describe("a run", () => {
  test("of rows about which policy cannot decide waits, and is loaded once it can", async () => {
    const worker = await appliedDeployment(CONFIG);
    const upload_key = await handInRows(worker, "");
    const ask = { kind: "load", graph: PEOPLE, mode: "append", upload_key } as const;
    const { run_id } = await ordered(worker, ask);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    expect((await work(worker)).map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id).state).not.toBe("ended");
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("loaded");
  });

  test("whose workers died is not given up while nobody can tell whether the last of them is alive", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const ask = await applyAsk(openWorker(shared), { graphs: { people: { schema: PERSON_WITH_NOTE } } });
    const { run_id } = await ordered(openWorker(shared), ask);
    for (let round = 0; round < 3; round += 1) {
      let dead = false;
      const dying = openWorker(
        shared,
        interfering((call) => {
          if (call.writes && /people.omni.*__manifest/.test(call.key)) dead = true;
          return dead ? "die_before" : "act";
        }),
      );
      const died = new Promise((resolve) => setTimeout(resolve, 300));
      await Promise.race([handleBody(dying.deployment, DRAIN, dying.context), died]);
      shared.clock.advance(INVOCATION_MS);
    }
    const blind = openWorker(
      shared,
      interfering(({ verb }) => (verb === "lease.read" ? "fail" : "act")),
    );
    expect((await handleBody(blind.deployment, DRAIN, blind.context)).tag).toBe("held");
    expect(recordOf(shared, run_id).state).not.toBe("ended");
  });

  test("that somebody has moved since the watch listed it is not ended for having waited", async () => {
    const both = await appliedDeployment({
      graphs: { people: { schema: PERSON }, shop: { schema: PERSON } },
    });
    const { run_id } = await ordered(both, await applyAsk(both, CONFIG));
    await work(both);
    expect(recordOf(both.shared, run_id).state).toBe("waiting_approval");
    both.shared.clock.advance(31 * 24 * 3_600_000);
    const watcher = movedBetweenReads(both, `__graphform/runs/${run_id}.json`);
    await handleBody(
      watcher.deployment,
      JSON.stringify({ format_version: 1, kind: "watch", cluster: DEMO }),
      watcher.context,
    );
    expect(recordOf(both.shared, run_id).state).toBe("continuing");
  });

  test("is asked about without the gates of what does not run", () => {
    const change = (resource: string, disposition: string) => ({ resource, disposition });
    const gate = (resource: string) => ({ resource });
    const plan = {
      changes: [change("graph.people", "applied"), change("graph.shop", "blocked")],
      approvals_required: [gate("graph.people"), gate("graph.shop")],
    } as unknown as PlanDocument;
    const running = runningPart(plan);
    expect(running.changes.map(({ resource }) => resource)).toEqual(["graph.people"]);
    expect(running.approvals_required.map(({ resource }) => resource)).toEqual(["graph.people"]);
  });
});

describe("what may have been done", () => {
  const failing = (prefix: string) =>
    interfering(({ writes, key }) => (writes && key.startsWith(prefix) ? "fail" : "act"));

  test("of an upload is taken up again by its event, and is one run", async () => {
    const { shared } = await appliedDeployment(null);
    const key = "inbox/demo/build.zip";
    shared.inbox.set(key, {
      bytes: await zipOf(filesOf(CONFIG)),
      metadata: {},
      version: "v1",
      uploaded_at: null,
    });
    const event = { key, principal: "AWS:AROACI:build", versions: ["v1"] };
    const away = openWorker(shared, failing("__graphform/runs/"));
    expect((await takeUpload(away.deployment, event, away.context)).tag).toBe("again");
    const worker = openWorker(shared);
    expect(await takeUpload(worker.deployment, event, worker.context)).toMatchObject({ tag: "ordered" });
    expect(keysBelow(worldOf(shared), "__graphform/runs/")).toHaveLength(2);
  });

  test("of a dead letter is handled again until the run has ended", async () => {
    const { shared } = await appliedDeployment(null);
    const { run_id } = await ordered(openWorker(shared), await planAsk(openWorker(shared), CONFIG));
    const letter = JSON.stringify({ format_version: 1, kind: "plan", cluster: DEMO, run_id });
    const away = openWorker(shared, failing("__graphform/run-outputs/"));
    expect((await handleDeadLetter(away.deployment, letter)).tag).toBe("again");
    expect(recordOf(shared, run_id).state).toBe("queued");
    expect(await handleDeadLetter(openWorker(shared).deployment, letter)).toEqual({ tag: "handled" });
    expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", diagnostics: ["run_gave_up"] });
  });

  test("of an order whose key may not have been kept makes no run that a repetition would not find", async () => {
    const { shared } = await appliedDeployment(null);
    let written = false;
    const away = openWorker(
      shared,
      interfering(({ writes, key }) => {
        if (!key.startsWith("__graphform/request-keys/")) return "act";
        written ||= writes;
        return writes ? "lose_answer" : written ? "fail" : "act";
      }),
    );
    const origin = { idempotency_key: "k" };
    const before = keysBelow(worldOf(shared), "__graphform/runs/");
    expect((await order(away, { kind: "refresh" }, origin)).tag).toBe("unknown");
    expect(keysBelow(worldOf(shared), "__graphform/runs/")).toEqual(before);
    const again = await ordered(openWorker(shared), { kind: "refresh" }, origin);
    expect(await ordered(openWorker(shared), { kind: "refresh" }, origin)).toEqual(again);
  });
});

/** A worker after whose listing of `key` (the third read, behind the search for ended runs) somebody lets the run go on. */
function movedBetweenReads({ shared }: Worker, key: string): Worker {
  let reads = 0;
  return openWorker(
    shared,
    interfering((call) => {
      if (call.verb === "get" && call.key === key) reads += 1;
      if (reads === 3) {
        reads += 1;
        const { objects } = worldOf(shared).objects;
        const record: object = JSON.parse(Buffer.from(objects.get(key) ?? "").toString("utf8"));
        objects.set(key, Buffer.from(`${JSON.stringify({ ...record, state: "continuing" }, null, 2)}\n`));
      }
      return "act";
    }),
  );
}
