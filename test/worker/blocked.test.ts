/** Blocked clusters: a dead letter blocks, a person unblocks, both with who and why (reliability 3.3). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeBlocked, encodeBlocked } from "../../lib/apply/runs/blocked.ts";
import { loadingRun } from "../../lib/apply/runs/run-record.ts";
import { moveRun, readRun } from "../../lib/apply/runs/run-store.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import { handleDeadLetter } from "../../lib/worker/dead-letter.ts";
import { promptDrain, promptSchedule } from "../../lib/worker/prompt.ts";
import { unblock } from "../../lib/worker/unblock.ts";
import { decodeUploadTicket, encodeUploadTicket } from "../../lib/worker/upload-ticket.ts";
import { codesOf, loadPeople, putText, removeBehind, storedObjects } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import {
  appliedDeployment,
  applyAsk,
  DEMO,
  kindsOf,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const MORE: ClusterFiles = { graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } };
const DRAIN = JSON.stringify({ format_version: 1, kind: "drain", cluster: DEMO });

describe("a dead letter", () => {
  test("blocks its cluster until somebody unblocks it, and nothing else", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    for (let count = 0; count < 2; count += 1) {
      expect(await handleDeadLetter(worker.deployment, DRAIN)).toEqual({ tag: "handled" });
    }
    expect((await work(worker)).map((each) => each.tag)).toEqual(["blocked"]);
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    const status = await statusCluster(worker.deployment.open(DEMO), "demo");
    expect({ ok: status.ok, codes: codesOf(status) }).toEqual({ ok: false, codes: ["cluster_blocked"] });
    expect(recordOf(worker.shared, run_id).state).toBe("queued");
    const other = await ordered(worker, await planAsk(worker, CONFIG));
    await work(worker);
    expect(recordOf(worker.shared, other.run_id).outcome).toBe("planned");

    const nameless = await unblock(worker.deployment, DEMO, { actor: "dana", reason: " " });
    expect(codesOf(nameless)).toEqual(["unblock_reason_missing"]);
    const ended = await unblock(worker.deployment, DEMO, { actor: "dana", reason: "the disk was full" });
    expect(ended).toMatchObject({ ok: true, unblocked: { by: "dana", reason: "the disk was full" } });
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "blocked", "plan_ready", "applied"]);
    // And it can be blocked anew.
    await handleDeadLetter(worker.deployment, DRAIN);
    expect(codesOf(await statusCluster(worker.deployment.open(DEMO), "demo"))).toEqual(["cluster_blocked"]);
  });

  test("keeps the schedule from refreshing, and from taking bytes away, until somebody has looked", async () => {
    const worker = await appliedDeployment(MORE);
    const world = worldOf(worker.shared);
    const client = { world, ports: worker.deployment.open(DEMO) };
    await loadPeople(client, "shop", "Ada");
    await removeBehind(client, "shop");
    await promptSchedule(worker.deployment, DEMO, "refresh");
    await work(worker);
    world.clock.advance(LAPTOP_RULES.delete_grace_ms);
    await handleDeadLetter(worker.deployment, DRAIN);
    const before = { objects: storedObjects(world), rows: [...world.rows.keys()] };
    for (const kind of ["refresh", "reclaim"] as const) {
      await promptSchedule(worker.deployment, DEMO, kind);
      const blocked = { tag: "later", diagnostics: [{ code: "cluster_blocked" }] };
      expect(await work(worker), kind).toMatchObject([blocked]);
      expect({ objects: storedObjects(world), rows: [...world.rows.keys()] }, kind).toEqual(before);
    }

    await unblock(worker.deployment, DEMO, { actor: "dana", reason: "looked" });
    await promptSchedule(worker.deployment, DEMO, "reclaim");
    await work(worker);
    expect(world.rows.size).toBeLessThan(before.rows.length);
  });

  test("of a plan or a load ends that run, and of the schedule is told", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await planAsk(worker, MORE));
    const letter = (kind: string) => JSON.stringify({ format_version: 1, kind, cluster: DEMO, run_id });
    for (let count = 0; count < 2; count += 1) await handleDeadLetter(worker.deployment, letter("plan"));
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "refused",
      diagnostics: ["run_gave_up"],
    });
    const watching = JSON.stringify({ format_version: 1, kind: "watch", cluster: DEMO });
    expect(await handleDeadLetter(worker.deployment, watching)).toEqual({ tag: "handled" });
    expect(await handleDeadLetter(worker.deployment, "forged")).toEqual({ tag: "ignored" });
    expect((await statusCluster(worker.deployment.open(DEMO), "demo")).ok).toBe(true);
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "failed", "failed"]);
  });

  test("of a load that a worker had begun ends it as unknown: the rows may be there (A7)", async () => {
    const worker = await appliedDeployment(CONFIG);
    const ask = { kind: "load", graph: "people", mode: "append", upload_key: "inbox/demo/a.jsonl" } as const;
    const { run_id } = await ordered(worker, { ...ask, graph: ask.graph as GraphId });
    const ports = worker.deployment.open(DEMO);
    const read = await readRun(ports, run_id);
    if (read.tag !== "found") throw new Error(read.tag);
    const begun = loadingRun(read.stored.record, 1, ports.ids.next());
    expect((await moveRun(ports, read.stored, begun)).tag).toBe("moved");
    const letter = JSON.stringify({ format_version: 1, kind: "load", cluster: DEMO, run_id });
    expect(await handleDeadLetter(worker.deployment, letter)).toEqual({ tag: "handled" });
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "unknown",
      diagnostics: ["run_gave_up"],
    });
  });

  test("that nobody of the deployment has sent changes nothing", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    const before = new Map(worldOf(worker.shared).objects.objects);
    const letter = (change: object) =>
      JSON.stringify({ format_version: 1, kind: "plan", cluster: DEMO, run_id, ...change });
    // An apply is prompted by a drain; nothing prompts it by its own name.
    expect(await handleDeadLetter(worker.deployment, letter({}))).toEqual({ tag: "ignored" });
    const settings = { ...worker.deployment.settings, clusters: ["other"] };
    for (const body of [letter({}), DRAIN]) {
      expect(await handleDeadLetter({ ...worker.deployment, settings }, body)).toEqual({ tag: "ignored" });
    }
    expect(worldOf(worker.shared).objects.objects).toEqual(before);
    expect(kindsOf(worker.shared.notices)).toEqual(["applied"]);
  });

  test("that cannot be handled comes again", async () => {
    const worker = await appliedDeployment(CONFIG);
    const silent = openWorker(
      worker.shared,
      interfering(() => "fail"),
    );
    const refused = await handleDeadLetter(silent.deployment, DRAIN);
    expect(refused).toMatchObject({ tag: "again", diagnostics: [{ code: "cluster_blocked_unreadable" }] });
    const readOnly = openWorker(
      worker.shared,
      interfering((call) => (call.writes ? "fail" : "act")),
    );
    const unwritten = await handleDeadLetter(readOnly.deployment, DRAIN);
    expect(unwritten).toMatchObject({ tag: "again", diagnostics: [{ code: "cluster_blocked_write_error" }] });
  });
});

describe("the record that blocks a cluster", () => {
  test("blocks as well when it cannot be understood, and is ended only where there is one", async () => {
    const worker = await appliedDeployment(CONFIG);
    const never = await unblock(worker.deployment, DEMO, { actor: "dana", reason: "why not" });
    expect(codesOf(never)).toEqual(["cluster_not_blocked"]);
    putText(worldOf(worker.shared), "__graphform/blocked.json", '{"format_version": 2}');
    await promptDrain(worker.deployment, DEMO);
    expect(await work(worker)).toMatchObject([
      { tag: "blocked", diagnostics: [{ code: "cluster_blocked_unreadable" }] },
    ]);
  });

  test("and the ticket of an upload are written exactly as the golden files have them, and read back", () => {
    const golden = (name: string) =>
      readFileSync(new URL(`../golden/worker/${name}`, import.meta.url), "utf8");
    const blocked = decodeBlocked(Buffer.from(golden("blocked-1.json")));
    if (blocked.tag !== "decoded") throw new Error(blocked.detail);
    expect(Buffer.from(encodeBlocked(blocked.record)).toString("utf8")).toBe(golden("blocked-1.json"));
    expect(blocked.record.unblocked).toMatchObject({ by: "dana" });
    const ticket = decodeUploadTicket(Buffer.from(golden("upload-ticket-1.json")));
    if (ticket.tag !== "decoded") throw new Error(ticket.detail);
    expect(Buffer.from(encodeUploadTicket(ticket.ticket)).toString("utf8")).toBe(
      golden("upload-ticket-1.json"),
    );
    expect(decodeUploadTicket(Buffer.from('{"format_version":2}')).tag).toBe("invalid");
  });
});
