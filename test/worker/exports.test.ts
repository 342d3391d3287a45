/** Exports of a deployment: a run writes the rows of one version into a file, within its time, for who may have them. */
import { beforeEach, describe, expect, test } from "vitest";
import { CLAIM_GROUPS_MS_MAX } from "../../lib/access/limits.ts";
import { RUN_RETRIES_MS_MAX } from "../../lib/apply/limits.ts";
import { decodeRunRecord, encodeRunRecord } from "../../lib/apply/runs/run-record.ts";
import type { GraphId, RunId } from "../../lib/digest/ids.ts";
import { handleDeadLetter } from "../../lib/worker/dead-letter.ts";
import { DEAD_ATTEMPTS_MAX } from "../../lib/worker/limits.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { readRunOutput } from "../../lib/worker/run-output.ts";
import { encodeWorkMessage } from "../../lib/worker/work-message.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { interfering } from "../apply/faults.ts";
import {
  ANA,
  appliedDeployment,
  DEMO,
  handInRows,
  loseMessages,
  openWorker,
  order,
  ordered,
  recordOf,
  VISIBILITY_MS,
  type Worker,
  work,
} from "./deployment.ts";
import { memoryExports } from "./memory-exports.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const PEOPLE = "people" as GraphId;
const NEWEST = { kind: "export", graph: PEOPLE, version: null, edge_ids: false } as const;

let worker: Worker;
beforeEach(async () => {
  worker = await appliedDeployment(CONFIG);
  await load('{"type":"Person","data":{"name":"Ada"}}\n{"type":"Person","data":{"name":"Ben"}}\n');
});

async function load(rows: string): Promise<void> {
  const upload_key = await handInRows(worker, rows);
  await ordered(worker, { kind: "load", graph: PEOPLE, mode: "append", upload_key });
  await work(worker);
}

async function watched(by: Worker): Promise<void> {
  await promptSchedule(by.deployment, DEMO, "watch");
  await work(by);
}

async function output(id: RunId) {
  return (await readRunOutput(worker.deployment.open(DEMO), id)).answer?.output;
}

describe("an export", () => {
  test("writes the rows of the newest version into a file of the run, and says how many", async () => {
    const { run_id } = await ordered(worker, NEWEST);
    await work(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "ended",
      outcome: "exported",
      operation: "export",
      diagnostics: [],
    });
    const [[key, text] = ["", ""], ...others] = [...worker.shared.exports];
    expect(others).toEqual([]);
    expect(key).toBe(`exports/demo/${run_id}/2.jsonl`);
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).data.name),
    ).toEqual(["Ada", "Ben"]);
    expect(await output(run_id)).toEqual({
      ok: true,
      format_version: 1,
      graph: "people",
      manifest_version: 2,
      rows: 2,
      bytes: Buffer.byteLength(text),
      diagnostics: [],
    });
  });

  test("of an earlier version has its rows, and one that is not there is refused", async () => {
    await ordered(worker, { ...NEWEST, version: 1 });
    const missing = await ordered(worker, { ...NEWEST, version: 99 });
    const nowhere = await ordered(worker, { ...NEWEST, graph: "nowhere" as GraphId });
    await work(worker);
    expect([...worker.shared.exports.values()]).toEqual([""]);
    expect(recordOf(worker.shared, missing.run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["graph_version_unknown"],
    });
    expect(recordOf(worker.shared, nowhere.run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["graph_not_applied"],
    });
  });

  test("takes no lease and is told to nobody but who waits for it", async () => {
    worker.shared.notices.length = 0;
    const busy = openWorker(
      worker.shared,
      interfering((call) => (call.verb.startsWith("lease.") ? "fail" : "act")),
    );
    const { run_id } = await ordered(busy, NEWEST);
    await work(busy);
    expect(recordOf(worker.shared, run_id).outcome).toBe("exported");
    expect(worker.shared.notices).toEqual([]);
  });

  test("asks policy again when it is at work, and nobody known gets nothing", async () => {
    worker.shared.decide = ({ request }) =>
      request.kind === "graph" && request.action === "export"
        ? { tag: "denied", masked: false, message: "no export", rules: [] }
        : { tag: "allowed", rules: [] };
    const denied = await ordered(worker, NEWEST);
    const unknown = await ordered(worker, NEWEST, { caller: null });
    await work(worker);
    for (const { run_id } of [denied, unknown]) {
      expect(recordOf(worker.shared, run_id)).toMatchObject({
        outcome: "refused",
        diagnostics: ["run_denied"],
      });
    }
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    const undecided = await ordered(worker, NEWEST);
    await work(worker);
    expect(recordOf(worker.shared, undecided.run_id)).toMatchObject({
      state: "continuing",
      diagnostics: ["run_access_undecided"],
    });
    expect(worker.shared.exports.size).toBe(0);
  });

  test("is given to nobody by groups that its order had long ago", async () => {
    const claim_groups = ["jwt-group:corp/readers"];
    worker.shared.decide = ({ caller }) =>
      caller.claim_groups.length > 0
        ? { tag: "allowed", rules: [] }
        : { tag: "denied", masked: false, message: "no export", rules: [] };
    const { run_id } = await ordered(worker, NEWEST, { caller: { ...ANA, claim_groups } });
    worker.shared.clock.advance(CLAIM_GROUPS_MS_MAX + 1_000);
    await work(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["run_groups_outdated"],
    });
    expect(worker.shared.exports.size).toBe(0);
    const young = await ordered(worker, NEWEST, { caller: { ...ANA, claim_groups } });
    await work(worker);
    expect(recordOf(worker.shared, young.run_id).outcome).toBe("exported");
  });

  test("is tried again however often the store was away, also when its message is lost", async () => {
    let away: string | null = "the store is away";
    Object.assign(worker.deployment, { exports: memoryExports(worker.shared.exports, () => away) });
    const { run_id } = await ordered(worker, NEWEST);
    expect(await work(worker)).toMatchObject([
      { tag: "later", diagnostics: [{ code: "export_write_error" }] },
    ]);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "continuing",
      attempts: [{ ended_at: expect.any(String) }],
      diagnostics: ["export_write_error"],
    });
    loseMessages(worker.shared);
    for (let tick = 0; tick < 4; tick += 1) await watched(worker);
    away = null;
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ outcome: "exported", diagnostics: [] });
    expect(worker.shared.exports.size).toBe(1);
  });

  test("whose answer cannot be kept for a while has not died meanwhile", async () => {
    const { run_id } = await ordered(worker, NEWEST);
    const away = openWorker(
      worker.shared,
      interfering(({ writes, key }) => (writes && key.includes("/run-outputs/") ? "fail" : "act")),
    );
    for (let tick = 0; tick < 4; tick += 1) await watched(away);
    expect(recordOf(worker.shared, run_id).state).toBe("continuing");
    await watched(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("exported");
  });

  test("is given up when the store stays away for hours, and says what it could not do", async () => {
    Object.assign(worker.deployment, { exports: memoryExports(worker.shared.exports, () => "away") });
    const { run_id } = await ordered(worker, NEWEST);
    await work(worker);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX - 60_000);
    await watched(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("continuing");
    worker.shared.clock.advance(60_000);
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["export_write_error"],
    });
  });

  test("that dies again and again is given up", async () => {
    const { run_id } = await ordered(worker, NEWEST);
    for (let round = 0; round < DEAD_ATTEMPTS_MAX; round += 1) {
      const { died, die } = death();
      const dying = openWorker(worker.shared);
      const exports = { ...dying.deployment.exports, write: () => new Promise<never>(die) };
      Object.assign(dying.deployment, { exports });
      await Promise.race([watched(dying), died]);
      expect(recordOf(worker.shared, run_id).state).toBe("running");
      worker.shared.clock.advance(VISIBILITY_MS);
    }
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["too_large_for_runner"],
    });
  });

  test("that does not fit into the time of a worker says so, and leaves no file", async () => {
    const slow = openWorker(worker.shared);
    const open = slow.deployment.open(DEMO);
    const { engine } = open;
    const late = {
      ...engine,
      export: async (request: Parameters<typeof engine.export>[0]) => {
        const found = await engine.export(request);
        if (found.tag === "exporting") worker.shared.clock.advance(590_000);
        return found;
      },
    };
    Object.assign(open, { engine: late });
    const { run_id } = await ordered(slow, NEWEST);
    await work(slow);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["too_large_for_runner"],
    });
    expect(worker.shared.exports.size).toBe(0);
  });

  test("is not begun when hardly any time is left", async () => {
    const { run_id } = await ordered(worker, NEWEST);
    const hasty = openWorker(worker.shared, undefined, 25_000);
    expect(await work(hasty)).toMatchObject([{ tag: "later" }]);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "queued", attempts: [] });
  });

  test("is one run for one key, and another for another version", async () => {
    const key = { idempotency_key: "k" };
    const [first, again] = [await ordered(worker, NEWEST, key), await ordered(worker, NEWEST, key)];
    expect(again.run_id).toBe(first.run_id);
    expect(await order(worker, { ...NEWEST, version: 1 }, key)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "idempotency_key_reused" }],
    });
  });

  test("ends when its message is dead", async () => {
    const { run_id } = await ordered(worker, NEWEST);
    const letter = encodeWorkMessage({ format_version: 1, kind: "export", cluster: DEMO, run_id });
    expect(await handleDeadLetter(worker.deployment, letter)).toEqual({ tag: "handled" });
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", diagnostics: ["run_gave_up"] });
  });

  test("is in the record of its run, and in no other", async () => {
    const record = await ordered(worker, { ...NEWEST, version: 7, edge_ids: true });
    const bytes = encodeRunRecord(record);
    expect(decodeRunRecord(bytes)).toEqual({ tag: "decoded", record });
    expect(record.export).toEqual({ graph: "people", version: 7, edge_ids: true });
    const refresh = await ordered(worker, { kind: "refresh" });
    expect(Buffer.from(encodeRunRecord(refresh)).toString("utf8")).not.toContain('"export"');
  });
});
