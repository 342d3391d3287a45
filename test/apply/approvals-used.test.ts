/** An approval is used once: reserved by one run, consumed by one revision, and known to be used whatever is lost (W7, W8). */
import { describe, expect, test } from "vitest";
import { moveEvidence } from "../../lib/apply/approvals/approval-store.ts";
import { reserved } from "../../lib/approval/evidence.ts";
import type { ApprovalId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { ReadyLedger } from "../../lib/ledger/reading.ts";
import { decodeReceipt, encodeReceipt, receiptDigest } from "../../lib/ledger/receipt.ts";
import {
  AFTER,
  approve,
  approved,
  BEFORE,
  found,
  SHOP,
  storedArtifact,
  storedEvidence,
  unusableTexts,
  usableIds,
} from "../operate/approvals.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  copyOf,
  headOf,
  keysBelow,
  ledgerOf,
  loadPeople,
  openClient,
  planned,
  putText,
  refresh,
  textOf,
} from "./cluster.ts";
import { recorder } from "./faults.ts";
import { historyOf } from "./invariants.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const OPERATION = "01ARZ3NDEKTSV4RRFFQ69G5FB1" as OperationId;

async function ledgerIn(client: Client): Promise<ReadyLedger> {
  const reading = await readLedger(client.ports, { repair: false });
  if (reading.tag !== "ready") throw new Error(`the ledger is ${reading.tag}`);
  return reading;
}

/** Commits something that has nothing to do with the shop. */
async function commitSomething(client: Client, people: string): Promise<void> {
  await loadPeople(client, "people", people);
  expect((await refresh(client, BEFORE)).ok).toBe(true);
}

describe("an approval that was used", () => {
  test("stays used where only the ledger says so, because its rewriting failed (W7)", async () => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client);
    const ledger = await ledgerIn(client);
    const record = { consumed_at: "2026-01-01T00:00:00Z", consumed_by_operation: "apply" };
    const approval_records = { [evidence.approval_id]: record };
    putText(
      client.world,
      "__cluster/state.json",
      `${JSON.stringify({ ...ledger.state, approval_records }, null, 2)}\n`,
    );

    const nothing = await found(client);

    expect(storedEvidence(client.world, evidence.approval_id).state.tag).toBe("open");
    expect(storedArtifact(client.world, evidence.approval_id).consumed_at).toBeNull();
    expect(nothing).toEqual({ usable: new Map(), unusable: new Map(), diagnostics: [] });
  });

  test("stays used in the history, also where an older ledger was put back (W7)", async () => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client);
    await commitSomething(client, "ada");
    await commitSomething(client, "bob");
    expect(usableIds(await found(client))).not.toEqual({});

    await rewriteReceipt(client, evidence.state_revision + 1, evidence.approval_id);

    const nothing = await found(client);
    expect(ledgerOf(client.world).approval_records).toEqual({});
    expect(usableIds(nothing)).toEqual({});
    expect(nothing.unusable.size).toBe(0);
  });

  test("cannot be told from one that was not where a receipt is missing, so it does not count", async () => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client);
    await commitSomething(client, "ada");
    await commitSomething(client, "bob");
    const revision = String(evidence.state_revision + 1).padStart(20, "0");
    const [receipt] = keysBelow(client.world, `__graphform/receipts/${revision}-`);
    client.world.objects.objects.delete(receipt!);

    expect(unusableTexts(await found(client))).toEqual([
      expect.stringContaining(
        `not known whether it was used: the receipt of revision ${evidence.state_revision + 1} is missing`,
      ),
    ]);
  });

  test("cannot be told in a ledger that is older than the approval", async () => {
    const client = await appliedWorld(BEFORE);
    const old = copyOf(client.world);
    await commitSomething(client, "ada");
    const evidence = await approved(client);
    for (const key of [evidenceKey(evidence.approval_id), approvalKey(evidence.approval_id)]) {
      old.objects.objects.set(key, client.world.objects.objects.get(key)!);
    }

    expect(unusableTexts(await found(openClient(old)))).toEqual([
      expect.stringContaining(`the ledger is older than revision ${evidence.state_revision}`),
    ]);
  });

  test("is not followed through the history when it does not count anyway", async () => {
    const client = await appliedWorld(BEFORE);
    await approved(client);
    await commitSomething(client, "ada");
    await commitSomething(client, "bob");
    client.world.clock.advance(7 * DAY_MS);
    const recorded = recorder();

    await found(openClient(client.world, recorded));

    const receipts = recorded.seen.filter((call) => call.key.startsWith("__graphform/receipts/"));
    expect(receipts).toHaveLength(1);
  });
});

/** Lets an earlier revision have used an approval: its receipt and all that follow are written anew. */
async function rewriteReceipt(client: Client, from: number, id: ApprovalId): Promise<void> {
  const { objects } = client.world.objects;
  const ledger = await ledgerIn(client);
  let parent: ReturnType<typeof receiptDigest> | null = null;
  for (let revision = from; revision <= ledger.identity.revision; revision += 1) {
    const [key] = keysBelow(client.world, `__graphform/receipts/${String(revision).padStart(20, "0")}-`);
    const decoded = decodeReceipt(objects.get(key!)!);
    if (decoded.tag === "invalid") throw new Error(decoded.problem);
    const { receipt } = decoded;
    const approvals_consumed =
      revision === from ? [{ approval_id: id, address: SHOP, operation_id: OPERATION }] : [];
    const bytes = encodeReceipt({
      ...receipt,
      approvals_consumed,
      ...(parent === null ? {} : { parent_receipt_digest: parent }),
    });
    objects.set(key!, bytes);
    parent = receiptDigest(bytes);
    const head = `__graphform/heads/${String(revision).padStart(20, "0")}.json`;
    const old = JSON.parse(textOf(client.world, head)).receipt_digest;
    putText(client.world, head, textOf(client.world, head).replace(old, parent));
    const state = textOf(client.world, "__cluster/state.json");
    putText(client.world, "__cluster/state.json", state.replaceAll(old, parent));
  }
}

describe("a reservation", () => {
  test("takes an approval from everybody else at once, and apply gives it back if its run died (C2)", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const first = [...(await found(client)).usable.values()][0]!;
    const run_id = client.ports.ids.next() as RunId;
    const held = { operation_id: OPERATION, run_id, graph: first.evidence.graph, expect: 1 };

    const moves = await Promise.all(
      [1, 2].map(() =>
        moveEvidence(client.ports, first, reserved(first.evidence, held, client.ports.ids.next())),
      ),
    );

    expect(moves.map((each) => each.tag).sort()).toEqual(["moved", "refused"]);
    expect(usableIds(await found(client))).toEqual({});
    expect(await apply(client, AFTER)).toMatchObject({ ok: true });
    expect((await headOf(client, "shop")).state).toBe("deleted");
    expect(Object.keys(ledgerOf(client.world).approval_records)).toEqual([approval_id]);
  });
});

describe("apply", () => {
  test("consumes the approval that matched, in the revision that it opened, and no other (W8, C1, C2)", async () => {
    const client = await appliedWorld(BEFORE);
    const [older, newer] = [await approved(client), await approved(client)];

    expect(await apply(client, AFTER)).toMatchObject({ ok: true, converged: true });

    expect(Object.keys(ledgerOf(client.world).approval_records)).toEqual([older.approval_id]);
    const consuming = historyOf(client.world).filter((each) => each.approvals_consumed.length > 0);
    expect(consuming.map((each) => each.revision)).toEqual([ledgerOf(client.world).state_revision]);
    expect(consuming[0]?.approvals_consumed).toMatchObject([
      { approval_id: older.approval_id, address: SHOP },
    ]);
    expect(storedEvidence(client.world, older.approval_id).state.tag).toBe("consumed");
    expect(storedArtifact(client.world, older.approval_id).consumed_at).not.toBeNull();
    expect(storedEvidence(client.world, newer.approval_id).state.tag).toBe("open");
    expect(storedArtifact(client.world, newer.approval_id).consumed_at).toBeNull();
  });

  test("does not take the approval of an earlier life of the graph, however the changes look alike (C1)", async () => {
    const client = await appliedWorld(BEFORE);
    await approved(client);
    const newer = await approved(client);
    await apply(client, AFTER);

    await apply(client, BEFORE);

    expect(changesOf(await apply(client, AFTER))).toContain("delete graph.shop: blocked (approval_required)");
    expect(unusableTexts(await found(client))).toEqual([
      expect.stringContaining(`${newer.approval_id} does not count: it is for an earlier graph of that name`),
    ]);
    expect((await headOf(client, "shop")).state).toBe("live");
  });

  test("runs the plan that was approved once it is, although the plan says that it waits", async () => {
    const client = await appliedWorld(BEFORE);
    const reviewed = await planned(client, AFTER);
    const { output } = await approve(client, reviewed);
    expect(codesOf(output)).toEqual([]);

    expect(await apply(client, AFTER, { reviewed })).toMatchObject({ ok: true, converged: true });
    expect((await headOf(client, "shop")).state).toBe("deleted");
  });
});
