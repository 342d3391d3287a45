/**
 * Each function may do what its work does: the work of a deployment runs in memory, and every call that it makes is put
 * to the policies of the stack.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { HandlerName } from "../../infra/handler-name.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { TICKET_METADATA } from "../../lib/intake/upload-metadata.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { handleDeadLetter } from "../../lib/worker/dead-letter.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { keepUploadedBundle } from "../../lib/worker/keep-uploaded-bundle.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { openUpload } from "../../lib/worker/upload-ticket.ts";
import { encodeWorkMessage, SCHEDULED_KINDS } from "../../lib/worker/work-message.ts";
import { ALL_PEOPLE, type ClusterFiles, filesOf, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import type { Call } from "../apply/interference.ts";
import {
  ANA,
  appliedDeployment,
  applyAsk,
  DEMO,
  handInRows,
  kindsOf,
  newShared,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Shared,
  type Worker,
  zipOf,
} from "../worker/deployment.ts";
import { type Permissions, permissionsOf, requestsOf } from "./permissions.ts";
import { testStack } from "./stack.ts";

let permissions: Permissions;
beforeAll(() => {
  permissions = permissionsOf(testStack().template);
}, 180_000);

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON }, shop: { schema: PERSON } },
  policies: { readers: { applies_to: ["people"], readers: ["ana"] } },
};
const AFTER: ClusterFiles = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { all_people: ALL_PEOPLE } } },
  policies: { readers: { applies_to: ["people"], readers: ["ana"] } },
};

const KEPT_BUNDLE = { purpose: "kept_bundle", mode: "plan", graph: null, git: null, caller: ANA } as const;

interface Recorded {
  readonly worker: Worker;
  readonly calls: Call[];
}

/** A worker that stands for one function, and the calls that it has made. */
function recorded(shared: Shared): Recorded {
  const calls: Call[] = [];
  const before = (call: Call) => {
    calls.push(call);
    return "act" as const;
  };
  return { worker: openWorker(shared, { before, count: { calls: 0 } }), calls };
}

/** Works on all messages, each in the function whose queue it comes from. */
async function work(plan: Worker, apply: Worker): Promise<void> {
  for (let idle = false; !idle; ) {
    idle = true;
    for (const [worker, queue] of [
      [plan, plan.deployment.tasks],
      [apply, apply.deployment.applies],
    ] as const) {
      const received = await queue.receive(0);
      for (const { body, receipt } of received.tag === "received" ? received.messages : []) {
        idle = false;
        await handleBody(worker.deployment, body, worker.context);
        await queue.acknowledge(receipt);
      }
    }
  }
}

/** What the function is not allowed and has done. */
function refusals(name: HandlerName, calls: readonly Call[]): readonly string[] {
  const requests = calls.flatMap((call) => requestsOf(permissions, `clusters/${DEMO}/`, call));
  const refused = requests.flatMap((request) => {
    const verdict = permissions.asFunction(name, request);
    return verdict === "allowed" ? [] : [`${request.action} ${request.resource}: ${verdict}`];
  });
  return [...new Set(refused)];
}

const UPLOADED = { metadata: {}, version: '"1"', uploaded_at: null };

describe("the permissions of the functions", () => {
  it("are enough for what is uploaded, planned, approved, applied, refreshed and watched", async () => {
    const shared = newShared();
    const [intake, plan, apply, people] = [1, 2, 3, 4].map(() => recorded(shared));
    if (!intake || !plan || !apply || !people) throw new Error("four workers");
    await ordered(people.worker, { kind: "import" });
    await work(plan.worker, apply.worker);
    await ordered(people.worker, await applyAsk(people.worker, BEFORE));
    await work(plan.worker, apply.worker);
    const key = `inbox/${DEMO}/bundle.zip`;
    shared.inbox.set(key, { ...UPLOADED, bytes: await zipOf(filesOf(BEFORE)) });
    const taken = await takeUpload(
      intake.worker.deployment,
      { key, principal: "AWS:AROACI:session", versions: ['"1"'] },
      intake.worker.context,
    );
    const planning = await ordered(people.worker, await planAsk(people.worker, AFTER));
    await work(plan.worker, apply.worker);
    const { plan_id } = recordOf(shared, planning.run_id);
    await approveChange(people.worker.deployment.open(DEMO), {
      config_dir: "demo",
      resource: "graph.shop",
      plan_id: plan_id!,
      actor: "dana",
      data_loss: false,
      tolerance: 0,
      lifetime_ms: APPROVAL_LIFETIME_MS,
      reason: null,
    });
    const applying = await ordered(people.worker, {
      kind: "apply_plan",
      plan_id: plan_id!,
      allow_mass_delete: false,
    });
    await work(plan.worker, apply.worker);
    const link = await openUpload(people.worker.deployment, DEMO, KEPT_BUNDLE);
    if (link.tag !== "opened") throw new Error("no link");
    const metadata = { [TICKET_METADATA]: link.link.headers[`x-amz-meta-${TICKET_METADATA}`] ?? "" };
    shared.inbox.set(link.ticket.key, { ...UPLOADED, bytes: await zipOf(filesOf(AFTER)), metadata });
    const keeping = [people.worker.deployment, DEMO, ANA, link.ticket.upload_id] as const;
    expect((await keepUploadedBundle(...keeping)).tag).toBe("kept");
    const exporting = await ordered(people.worker, {
      kind: "export",
      graph: "people" as GraphId,
      version: null,
      edge_ids: false,
    });
    await work(plan.worker, apply.worker);
    for (const kind of SCHEDULED_KINDS) {
      await promptSchedule(apply.worker.deployment, DEMO, kind);
      await work(plan.worker, apply.worker);
    }

    expect(taken.tag).toBe("ordered");
    expect(recordOf(shared, applying.run_id)).toMatchObject({ outcome: "applied", diagnostics: [] });
    expect(recordOf(shared, exporting.run_id)).toMatchObject({ outcome: "exported", diagnostics: [] });
    expect(intake.calls.length).toBeGreaterThan(0);
    expect(refusals("intake", intake.calls)).toEqual([]);
    expect(plan.calls.length).toBeGreaterThan(0);
    expect(refusals("plan", plan.calls)).toEqual([]);
    const called = apply.calls.map(({ key: each }) => each);
    expect(called).toEqual(expect.arrayContaining(["__cluster/state.json", "__graphform/newest-order.json"]));
    expect(refusals("apply", apply.calls)).toEqual([]);
    expect(refusals("api", people.calls)).toEqual([]);
  });

  it("are enough to block the cluster of a dead letter, and to end the run of one", async () => {
    const shared = newShared();
    const letters = recorded(shared);
    const people = recorded(shared);
    const { run_id } = await ordered(people.worker, await planAsk(people.worker, BEFORE));
    const format_version = 1;

    const ended = encodeWorkMessage({ format_version, kind: "plan", cluster: DEMO, run_id });
    await handleDeadLetter(letters.worker.deployment, ended);
    const blocked = encodeWorkMessage({ format_version, kind: "drain", cluster: DEMO });
    await handleDeadLetter(letters.worker.deployment, blocked);

    expect(recordOf(shared, run_id).state).toBe("ended");
    expect(letters.calls.map(({ key }) => key)).toContain("__graphform/blocked.json");
    expect(refusals("dead-letter", letters.calls)).toEqual([]);
  });

  it("are enough to end the run of an upload that is not taken, and to tell of it", async () => {
    const { shared } = await appliedDeployment(null);
    const intake = recorded(shared);
    const key = `inbox/${DEMO}/bundle.zip`;
    shared.inbox.set(key, { ...UPLOADED, bytes: Buffer.from("no archive") });
    const event = { key, principal: "AWS:AROACI:session", versions: ['"1"'] };
    const taken = await takeUpload(intake.worker.deployment, event, intake.worker.context);

    expect(taken.tag).toBe("refused");
    expect(refusals("intake", intake.calls)).toEqual([]);
    expect(kindsOf(shared.notices)).toContain("failed");
  });

  it("are enough to load rows that were handed in", async () => {
    const { shared } = await appliedDeployment(BEFORE);
    const [plan, apply, people] = [recorded(shared), recorded(shared), recorded(shared)];
    const row = JSON.stringify({ type: "Person", data: { name: "Ana" } });
    const upload_key = await handInRows(people.worker, `${row}\n`);
    const ask = { kind: "load", graph: "people" as GraphId, mode: "merge", upload_key } as const;
    const { run_id } = await ordered(people.worker, ask);
    await work(plan.worker, apply.worker);

    expect(recordOf(shared, run_id).outcome).toBe("loaded");
    expect(refusals("plan", plan.calls)).toEqual([]);
  });

  it("let exactly those tell people whose work may come to something that people wait for", () => {
    const tellers = [...permissions.functions].flatMap(([name, statements]) =>
      statements.some(({ actions }) => actions.includes("sns:Publish")) ? [name] : [],
    );

    expect(tellers.sort()).toEqual(["api", "apply", "dead-letter", "intake", "operate", "plan"]);
  });

  it("let a topic's key be used through SNS only", () => {
    for (const [name, statements] of permissions.functions) {
      for (const { actions, conditions } of statements) {
        if (!actions.some((each) => each.startsWith("kms:"))) continue;
        expect(JSON.stringify(conditions), name).toMatch(/kms:ViaService.*sns/);
      }
    }
  });
});
