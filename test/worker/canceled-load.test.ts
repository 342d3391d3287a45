/** A load that somebody cancels while a worker is at it: what is said of it stays true, whatever the worker still does. */
import { beforeEach, describe, expect, test } from "vitest";
import type { GraphId, RunId } from "../../lib/digest/ids.ts";
import { cancelRun, leftUnknown } from "../../lib/operate/cancel-run.ts";
import { CLOCK_SKEW_MS_MAX } from "../../lib/operate/limits.ts";
import { codesOf, rowsOf } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import {
  appliedDeployment,
  beside,
  handInRows,
  INVOCATION_MS,
  ordered,
  recordOf,
  type Worker,
  work,
} from "./deployment.ts";

const ROWS = `${JSON.stringify({ type: "Person", data: { name: "ada" } })}\n`;
const OVER_MS = INVOCATION_MS + CLOCK_SKEW_MS_MAX;

let worker: Worker;
let run_id: RunId;
beforeEach(async () => {
  worker = await appliedDeployment({ graphs: { people: { schema: PERSON } } });
  const upload_key = await handInRows(worker, ROWS);
  const ask = { kind: "load", graph: "people" as GraphId, mode: "append", upload_key } as const;
  run_id = (await ordered(worker, ask)).run_id;
});

const cancel = () => cancelRun(beside(worker.shared).ports, run_id, INVOCATION_MS);

/** Works, and does something once the attempt is on record, before the rows are sent. */
async function workWith(meanwhile: () => Promise<void>): Promise<void> {
  const { inbox } = worker.deployment;
  const read: typeof inbox.read = async (key, bytesMax) => {
    await meanwhile();
    return inbox.read(key, bytesMax);
  };
  await work({ ...worker, deployment: { ...worker.deployment, inbox: { ...inbox, read } } });
}

describe("a load that somebody cancels", () => {
  test("before any worker has begun it is canceled, and no rows come", async () => {
    expect(await cancel()).toMatchObject({ run: { state: "ended", outcome: "canceled" }, diagnostics: [] });
    await work(worker);
    expect(await rowsOf(beside(worker.shared), "people")).toBe(0);
  });

  test("while its worker may be loading goes on, and says until when", async () => {
    const answers: Awaited<ReturnType<typeof cancel>>[] = [];
    await workWith(async () => {
      answers.push(await cancel());
      worker.shared.clock.advance(OVER_MS);
      answers.push(await cancel());
    });
    expect(answers.map((each) => codesOf(each))).toEqual([["run_taken_over"], ["run_taken_over"]]);
    expect(answers[0]?.diagnostics[0]?.fix).toContain("It can be given up after 2026-01-01T00:11:00Z.");
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "loaded" });
    expect(await rowsOf(beside(worker.shared), "people")).toBe(1);
  });

  test("after its worker's time is never said to be canceled: its rows may be there, and are", async () => {
    let given: Awaited<ReturnType<typeof cancel>> | null = null;
    await workWith(async () => {
      worker.shared.clock.advance(OVER_MS + 1);
      given = await cancel();
    });
    expect(given).toMatchObject({
      run: { state: "ended", outcome: "unknown", diagnostics: ["load_outcome_unknown"] },
      diagnostics: [{ code: "load_outcome_unknown", severity: "warning", path: "graph.people" }],
    });
    const record = recordOf(worker.shared, run_id);
    expect(record.outcome).toBe("unknown");
    expect(leftUnknown(record)).toHaveLength(1);
    expect(await rowsOf(beside(worker.shared), "people")).toBe(1);
  });
});
