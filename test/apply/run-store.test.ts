/** Run records in the store: put once, moved from version to version by one process, found while they are open. */
import { describe, expect, test } from "vitest";
import { attemptedRun, endedRun, queuedRun, type RunRecord } from "../../lib/apply/runs/run-record.ts";
import {
  closeEndedRuns,
  listOpenRuns,
  listRuns,
  moveRun,
  openRun,
  readRun,
  type StoredRun,
} from "../../lib/apply/runs/run-store.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { type Client, keysBelow, newWorld, openClient, putText, textOf } from "./cluster.ts";
import { FAULTS, faultAt, interfering } from "./faults.ts";

const AT = "2026-01-02T03:04:05Z";

function queued(client: Client): RunRecord {
  const { ids } = client.ports;
  const asked = { operation: "apply", mode: "auto", actor: "ana", trigger: "test", created_at: AT } as const;
  const nothing = { idempotency_key: null, bundle_digest: null, git: null, targets: null };
  return queuedRun(
    { run_id: ids.next() as RunId, ...asked, ...nothing, allow_mass_delete: false },
    ids.next(),
  );
}

async function opened(client: Client): Promise<StoredRun> {
  const answer = await openRun(client.ports, queued(client));
  if (answer.tag !== "opened") throw new Error(answer.reason);
  return answer.stored;
}

function attempted(client: Client, { record }: StoredRun): RunRecord {
  const attempt = { owner: "host:1", actor: null, trigger: "test", started_at: AT, stop_after_ms: null };
  return attemptedRun(record, attempt, client.ports.ids.next());
}

function ended(client: Client, { record }: StoredRun): RunRecord {
  return endedRun(record, "canceled", { at: AT, codes: [] }, client.ports.ids.next());
}

async function idsOf(listing: ReturnType<typeof listRuns>): Promise<readonly RunId[]> {
  const listed = await listing;
  if (listed.tag === "unavailable") throw new Error(listed.reason);
  return listed.records.map((each) => each.run_id);
}

describe("a stored run", () => {
  test("is open from its first version to its end, oldest first, and stays readable", async () => {
    const client = openClient(newWorld());
    const runs = [await opened(client), await opened(client), await opened(client)];
    const all = runs.map(({ record }) => record.run_id);
    await moveRun(client.ports, runs[1]!, ended(client, runs[1]!));

    expect(await idsOf(listOpenRuns(client.ports))).toEqual([all[0], all[2]]);
    await closeEndedRuns(client.ports);
    expect(keysBelow(client.world, "__graphform/open-runs/")).toHaveLength(2);
    expect(await idsOf(listRuns(client.ports, 2))).toEqual(all.slice(1));
    expect(await readRun(client.ports, all[1]!)).toMatchObject({ stored: { record: { state: "ended" } } });
  });

  test("is moved by one of two that saw the same version", async () => {
    const client = openClient(newWorld());
    const other = openClient(client.world);
    const stored = await opened(client);

    const moves = await Promise.all(
      [client, other].map((each) => moveRun(each.ports, stored, attempted(each, stored))),
    );

    expect(moves.map(({ tag }) => tag).sort()).toEqual(["moved", "refused"]);
  });

  test.each(FAULTS.filter((each) => !each.startsWith("die")))(
    "whose move met %s at any call is never said to be what it is not (L4, L5)",
    async (fault) => {
      for (let ordinal = 1; ordinal <= 4; ordinal += 1) {
        const client = openClient(newWorld());
        const stored = await opened(client);
        const faulty = openClient(client.world, faultAt(ordinal, fault));
        const next = attempted(client, stored);

        const move = await moveRun(faulty.ports, stored, next);

        const read = await readRun(client.ports, next.run_id);
        const landed = read.tag === "found" && read.stored.record.change_id === next.change_id;
        if (move.tag === "moved") expect(landed).toBe(true);
        if (move.tag === "refused") expect(landed).toBe(false);
      }
    },
  );

  test("has its mark before it has a record, so that it is never overlooked", async () => {
    const client = openClient(newWorld());
    const dying = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__graphform/runs/") && call.writes ? "fail" : "act")),
    );

    expect(await openRun(dying.ports, queued(client))).toMatchObject({ tag: "refused" });
    expect(keysBelow(client.world, "__graphform/open-runs/")).toHaveLength(1);
    expect(await idsOf(listOpenRuns(client.ports))).toEqual([]);
    await closeEndedRuns(client.ports);
    expect(keysBelow(client.world, "__graphform/open-runs/")).toHaveLength(1);
  });

  test("that is damaged, or lies under another id, is reported and hides no other", async () => {
    const client = openClient(newWorld());
    const [damaged, moved, fine] = [await opened(client), await opened(client), await opened(client)];
    const key = (stored: StoredRun) => `__graphform/runs/${stored.record.run_id}.json`;
    putText(client.world, key(moved), textOf(client.world, key(fine)));
    putText(client.world, key(damaged), "{}");

    const listing = await listOpenRuns(client.ports);

    expect(listing).toMatchObject({ tag: "listed", records: [{ run_id: fine.record.run_id }] });
    expect(listing.tag === "listed" && listing.diagnostics.map((each) => each.code)).toEqual([
      "run_record_invalid",
      "run_record_invalid",
    ]);
  });

  test("is not taken for absent while the store does not answer (W4)", async () => {
    const client = openClient(newWorld());
    const { record } = await opened(client);
    const deaf = openClient(client.world, faultAt(1, "outage"));

    expect((await readRun(deaf.ports, record.run_id)).tag).toBe("unavailable");
    expect((await listOpenRuns(deaf.ports)).tag).toBe("unavailable");
  });
});
