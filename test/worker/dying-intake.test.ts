/** Whoever takes an upload meets trouble at any single call: when its event comes again there is one run, and it is done. */
import { beforeAll, describe, expect, test } from "vitest";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { keysBelow } from "../apply/cluster.ts";
import { type ClusterFiles, filesOf, PERSON } from "../apply/cluster-files.ts";
import { FAULTS, faultAt, recorder } from "../apply/faults.ts";
import {
  appliedDeployment,
  copyOfShared,
  openWorker,
  recordOf,
  type Shared,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const EVENT = { key: "inbox/demo/build-7.zip", principal: "AWS:AROACI:7", versions: ["e1"] };

let arrived: Shared;
let refused: Shared;

function take(worker: Worker) {
  return takeUpload(worker.deployment, EVENT, worker.context);
}

beforeAll(async () => {
  const worker = await appliedDeployment(null);
  const file = { metadata: { "graphform-mode": "auto" }, version: "e1", uploaded_at: "2026-01-01T00:00:00Z" };
  arrived = copyOfShared(worker.shared);
  arrived.inbox.set(EVENT.key, { ...file, bytes: await zipOf(filesOf(CONFIG)) });
  refused = copyOfShared(worker.shared);
  refused.inbox.set(EVENT.key, { ...file, bytes: Buffer.from("no zip") });
});

function runsIn(shared: Shared): readonly string[] {
  return keysBelow(worldOf(shared), "__graphform/runs/");
}

async function callsOf(shared: Shared): Promise<number> {
  const recording = recorder();
  await take(openWorker(copyOfShared(shared), recording));
  return recording.count.calls;
}

describe("an upload whose taking meets trouble at any single call", () => {
  test.each(FAULTS)("%s: is one run when its event comes again (A7)", async (fault) => {
    const calls = await callsOf(arrived);
    for (let ordinal = 1; ordinal <= calls; ordinal += 1) {
      const shared = copyOfShared(arrived);
      const faulty = faultAt(ordinal, fault);
      await Promise.race([take(openWorker(shared, faulty)), faulty.died]);
      const worker = openWorker(shared);
      const taken = await take(worker);
      await work(worker);
      if (taken.tag !== "ordered") throw new Error(`${ordinal}: ${taken.tag}`);
      expect(runsIn(shared)).toHaveLength(runsIn(arrived).length + 1);
      expect(recordOf(shared, taken.record.run_id)).toMatchObject({ actor: "ci", outcome: "applied" });
    }
  });

  test.each(FAULTS)("%s: leaves one run that says why it was refused", async (fault) => {
    const calls = await callsOf(refused);
    for (let ordinal = 1; ordinal <= calls; ordinal += 1) {
      const shared = copyOfShared(refused);
      const faulty = faultAt(ordinal, fault);
      await Promise.race([take(openWorker(shared, faulty)), faulty.died]);
      const taken = await take(openWorker(shared));
      if (taken.tag !== "refused") throw new Error(`${ordinal}: ${taken.tag}`);
      expect(runsIn(shared)).toHaveLength(runsIn(refused).length + 1);
      expect(recordOf(shared, taken.run_id)).toMatchObject({
        outcome: "refused",
        diagnostics: ["archive_unreadable"],
      });
    }
  });
});
