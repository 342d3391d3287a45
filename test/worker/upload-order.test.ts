/** Uploads whose events come late or in the wrong order: none brings back by itself what something newer has replaced. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { formatTimestamp } from "../../lib/ports/clock.ts";
import { decodeNewestOrder, encodeNewestOrder, NEWEST_ORDER_KEY } from "../../lib/worker/newest-order.ts";
import { promptDrain } from "../../lib/worker/prompt.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { keysBelow, ledgerOf, putText } from "../apply/cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  filesOf,
  NOTES,
  PERSON,
} from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import {
  ANA,
  appliedDeployment,
  applyAsk,
  DEMO,
  kindsOf,
  openWorker,
  ordered,
  recordOf,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";

const BASE: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const OLDER: ClusterFiles = { graphs: { people: { schema: PERSON, queries: { all_people: ALL_PEOPLE } } } };
const NEWER: ClusterFiles = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const WITH_SHOP: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
const START_MS = Date.UTC(2026, 0, 1);

/** Uploads `config` so many seconds after the start of the clock; nobody has taken it. */
async function upload(worker: Worker, name: string, config: ClusterFiles, second: number): Promise<void> {
  worker.shared.inbox.set(`inbox/demo/${name}.zip`, {
    bytes: await zipOf(filesOf(config)),
    metadata: { "graphform-mode": "auto" },
    version: `${name}-${second}`,
    uploaded_at: formatTimestamp(START_MS + second * 1_000),
  });
}

/** The event of an upload comes. */
async function take(worker: Worker, name: string) {
  const key = `inbox/demo/${name}.zip`;
  const { version } = worker.shared.inbox.get(key)!;
  const event = { key, principal: "AWS:AROACI:build", versions: [version] };
  const taken = await takeUpload(worker.deployment, event, worker.context);
  if (taken.tag !== "ordered") throw new Error(taken.tag);
  return taken.record;
}

async function takeAndWork(worker: Worker, name: string) {
  const { run_id } = await take(worker, name);
  await work(worker);
  return recordOf(worker.shared, run_id);
}

function queriesOf(worker: Worker): readonly string[] {
  const { resources } = ledgerOf(worldOf(worker.shared)).applied_revision;
  return Object.keys(resources)
    .filter((each) => each.startsWith("query."))
    .map((each) => each.replace("query.people.", ""));
}

/** A deployment with both uploads in its inbox, of which nobody has taken one; its clock is past both. */
async function uploaded(newer: ClusterFiles = NEWER, base: ClusterFiles = BASE): Promise<Worker> {
  const worker = await appliedDeployment(base);
  await upload(worker, "older", OLDER, 3_600);
  await upload(worker, "newer", newer, 3_601);
  worker.shared.clock.advance(3_700_000);
  return worker;
}

async function told(worker: Worker, { run_id }: ReturnType<typeof recordOf>): Promise<string> {
  const read = await readRunView(worker.deployment.open(DEMO), run_id);
  return JSON.stringify(read.tag === "found" ? read.view.output?.output["diagnostics"] : read);
}

const PLANNED_ONLY = { state: "ended", outcome: "planned", diagnostics: ["upload_superseded"] };

describe("two uploads whose events come in the wrong order", () => {
  test("are applied in the order of their uploads while both wait their turn", async () => {
    const worker = await uploaded();
    const newer = await take(worker, "newer");
    const older = await take(worker, "older");
    expect(newer.run_id < older.run_id).toBe(true);
    await work(worker);
    expect(queriesOf(worker)).toEqual(["find_person"]);
    const [first, last] = [older, newer].map((each) => recordOf(worker.shared, each.run_id));
    expect([first?.outcome, last?.outcome]).toEqual(["applied", "applied"]);
    expect(first?.upload).toEqual({ key: "inbox/demo/older.zip", uploaded_at: "2026-01-01T01:00:00Z" });
  });

  test("leave what the newer has applied; the older is planned, and says what overtook it and what can be done", async () => {
    const worker = await uploaded();
    const newer = await takeAndWork(worker, "newer");
    const before = ledgerOf(worldOf(worker.shared));
    const older = await takeAndWork(worker, "older");
    expect(older).toMatchObject(PLANNED_ONLY);
    expect(ledgerOf(worldOf(worker.shared))).toEqual(before);
    expect(await told(worker, older)).toContain(
      `The upload inbox/demo/older.zip of 2026-01-01T01:00:00Z is older than the upload inbox/demo/newer.zip of 2026-01-01T01:00:01Z, the run ${newer.run_id}`,
    );
    expect(await told(worker, older)).toContain(`apply --plan ${older.plan_id}`);
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "applied", "plan_ready"]);
    expect(worker.shared.notices.at(-1)?.text).toContain("was overtaken by something newer and not applied");
  });

  test("leave the plan of the older to people, who may apply it", async () => {
    const worker = await uploaded();
    await takeAndWork(worker, "newer");
    const older = await takeAndWork(worker, "older");
    const ask = { kind: "apply_plan", plan_id: older.plan_id!, allow_mass_delete: false } as const;
    const { run_id } = await ordered(worker, ask);
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
    expect(queriesOf(worker)).toEqual(["all_people"]);
  });

  test("leave what was so already, although the newer had nothing to do and wrote no revision", async () => {
    const worker = await uploaded(BASE);
    expect((await takeAndWork(worker, "newer")).outcome).toBe("noop");
    expect(await takeAndWork(worker, "older")).toMatchObject(PLANNED_ONLY);
    expect(queriesOf(worker)).toEqual([]);
  });

  test("leave what the newer wants, although it waits for an approval of all of it", async () => {
    const worker = await uploaded(BASE, WITH_SHOP);
    expect((await takeAndWork(worker, "newer")).state).toBe("waiting_approval");
    expect(await takeAndWork(worker, "older")).toMatchObject(PLANNED_ONLY);
    expect(queriesOf(worker)).toEqual([]);
  });

  test("change nothing if the older wants what is there already", async () => {
    const worker = await uploaded(NEWER, NEWER);
    await takeAndWork(worker, "newer");
    await upload(worker, "older", NEWER, 3_600);
    expect(await takeAndWork(worker, "older")).toMatchObject({ outcome: "noop", diagnostics: [] });
  });

  test.each<[string, ClusterFiles]>([
    ["it has an error", { graphs: { people: { schema: PERSON, queries: { notes: NOTES } } } }],
    ["nothing permits it", NEWER],
  ])("are as if the newer had never been, where %s", async (_, newer) => {
    const worker = await uploaded(newer);
    worker.shared.decide = ({ request }) =>
      request.kind === "apply"
        ? { tag: "denied", message: "no rule allows it", rules: [], masked: false }
        : { tag: "allowed", rules: [] };
    expect((await takeAndWork(worker, "newer")).outcome).toBe("refused");
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    expect((await takeAndWork(worker, "older")).outcome).toBe("applied");
    expect(queriesOf(worker)).toEqual(["all_people"]);
  });

  test.each([
    ["its plan", "__graphform/plans/"],
    ["who brought what it changes", "__graphform/authors/"],
  ])("leave no plan of the older to people before %s is stored", async (_, prefix) => {
    const worker = await uploaded();
    await takeAndWork(worker, "newer");
    const { run_id } = await take(worker, "older");
    const full = openWorker(
      worker.shared,
      interfering((call) => (call.writes && call.key.startsWith(prefix) ? "fail" : "act")),
    );
    expect((await work(full)).map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "continuing", plan_id: null });
    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject(PLANNED_ONLY);
  });

  test("and repeatedly are each the run that they were", async () => {
    const worker = await uploaded();
    await takeAndWork(worker, "newer");
    const older = await takeAndWork(worker, "older");
    for (const name of ["older", "newer", "older"]) await takeAndWork(worker, name);
    expect(recordOf(worker.shared, older.run_id)).toEqual(older);
    expect(queriesOf(worker)).toEqual(["find_person"]);
    expect(keysBelow(worldOf(worker.shared), "__graphform/open-runs/")).toEqual([]);
  });

  test("in one second keep the order in which they come", async () => {
    const worker = await uploaded();
    await upload(worker, "older", OLDER, 3_601);
    await takeAndWork(worker, "newer");
    expect((await takeAndWork(worker, "older")).outcome).toBe("applied");
    expect(queriesOf(worker)).toEqual(["all_people"]);
  });

  test("are no reason to hold back what is uploaded again under its name", async () => {
    const worker = await uploaded();
    await takeAndWork(worker, "newer");
    await takeAndWork(worker, "older");
    await upload(worker, "older", OLDER, 3_650);
    expect((await takeAndWork(worker, "older")).outcome).toBe("applied");
    expect(queriesOf(worker)).toEqual(["all_people"]);
  });
});

describe("an upload that waits for an approval", () => {
  test("does not go on with it once a newer one has been begun with, though that left its plan as it was", async () => {
    const worker = await appliedDeployment(WITH_SHOP);
    await upload(worker, "older", BASE, 3_600);
    await upload(worker, "newer", WITH_SHOP, 3_601);
    worker.shared.clock.advance(3_700_000);
    const waiting = await takeAndWork(worker, "older");
    expect(waiting.state).toBe("waiting_approval");
    expect((await takeAndWork(worker, "newer")).outcome).toBe("applied");
    const { output } = await approveChange(worker.deployment.open(DEMO), {
      ...{ config_dir: "demo", resource: "graph.shop", plan_id: waiting.plan_id!, actor: "dana" },
      ...{ data_loss: false, tolerance: 0, lifetime_ms: APPROVAL_LIFETIME_MS, reason: null },
    });
    expect(output.ok).toBe(true);
    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    const over = recordOf(worker.shared, waiting.run_id);
    expect(over).toMatchObject({ state: "ended", outcome: "partial" });
    expect(over.diagnostics).toContain("upload_superseded");
    expect(await told(worker, over)).not.toContain("apply --plan");
    expect(Object.keys(ledgerOf(worldOf(worker.shared)).applied_revision.resources)).toContain("graph.shop");
  });
});

describe("what somebody has ordered", () => {
  test("holds back what was uploaded before it, and nothing that was uploaded since", async () => {
    const worker = await uploaded();
    const { run_id } = await ordered(worker, await applyAsk(worker, BASE));
    await work(worker);
    const older = await takeAndWork(worker, "older");
    expect(older).toMatchObject(PLANNED_ONLY);
    expect(await told(worker, older)).toContain(
      `is older than the apply that was ordered at 2026-01-01T01:01:40Z, the run ${run_id}`,
    );
    await upload(worker, "newer", NEWER, 3_701);
    expect((await takeAndWork(worker, "newer")).outcome).toBe("applied");
  });

  test("is held back by nothing, and takes nothing back from what is newer still", async () => {
    const worker = await uploaded();
    await upload(worker, "newer", NEWER, 3_710);
    await takeAndWork(worker, "newer");
    const { run_id } = await ordered(worker, await applyAsk(worker, BASE));
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
    await upload(worker, "older", OLDER, 3_705);
    expect(await takeAndWork(worker, "older")).toMatchObject(PLANNED_ONLY);
  });

  test("waits its turn among the uploads as of when it was ordered", async () => {
    const worker = await uploaded();
    await upload(worker, "newer", NEWER, 3_705);
    await take(worker, "newer");
    await ordered(worker, await applyAsk(worker, OLDER), { caller: ANA });
    await work(worker);
    expect(queriesOf(worker)).toEqual(["find_person"]);
  });
});

describe("the record of the newest order", () => {
  const golden = readFileSync(new URL("../golden/worker/newest-order-1.json", import.meta.url), "utf8");

  test("is written exactly as the golden file has it, and read back", () => {
    const decoded = decodeNewestOrder(Buffer.from(golden, "utf8"));
    if (decoded.tag === "invalid") throw new Error(decoded.detail);
    expect(Buffer.from(encodeNewestOrder(decoded.order)).toString("utf8")).toBe(golden);
    expect(decoded.order.upload_key).toBe("inbox/demo/build-7.zip");
  });

  test.each([
    ["of a newer format", { format_version: 2 }],
    ["with an unknown field", { extra: 1 }],
    ["of no run", { run_id: "run-1" }],
    ["of no time", { asked_at: "yesterday" }],
  ])("%s is refused, never guessed", (_, change) => {
    const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(golden), ...change }), "utf8");
    expect(decodeNewestOrder(bytes).tag).toBe("invalid");
  });

  test("that cannot be understood leaves uploads to people, and is put right by what they order", async () => {
    const worker = await uploaded();
    putText(worldOf(worker.shared), NEWEST_ORDER_KEY, "{}");
    const older = await takeAndWork(worker, "older");
    expect(older).toMatchObject(PLANNED_ONLY);
    expect(await told(worker, older)).toContain(NEWEST_ORDER_KEY);
    await ordered(worker, await applyAsk(worker, BASE));
    await work(worker);
    await upload(worker, "newer", NEWER, 3_701);
    expect((await takeAndWork(worker, "newer")).outcome).toBe("applied");
  });

  test("that names a time to come, from a clock that was wrong, holds nothing back", async () => {
    const worker = await uploaded();
    const asked_at = "2027-01-01T00:00:00Z";
    putText(worldOf(worker.shared), NEWEST_ORDER_KEY, JSON.stringify({ ...JSON.parse(golden), asked_at }));
    expect((await takeAndWork(worker, "newer")).outcome).toBe("applied");
    expect(await takeAndWork(worker, "older")).toMatchObject(PLANNED_ONLY);
  });

  test.each(["get", "replace"])("that cannot be had (%s) makes an apply wait until it can", async (verb) => {
    const worker = await uploaded();
    const down = openWorker(
      worker.shared,
      interfering((call) => (call.key === NEWEST_ORDER_KEY && call.verb === verb ? "fail" : "act")),
    );
    const { run_id } = await take(worker, "newer");
    expect((await work(down)).map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "continuing",
      diagnostics: ["upload_order_unknown"],
    });
    expect(queriesOf(worker)).toEqual([]);
    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });
});
