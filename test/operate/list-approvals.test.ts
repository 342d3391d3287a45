/** What people see of approvals: how each stands, who holds it, what used it (design 8). */
import { describe, expect, test } from "vitest";
import { encodeEvidence, reserved } from "../../lib/approval/evidence.ts";
import type { OperationId, RunId } from "../../lib/digest/ids.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { listApprovals, showApproval } from "../../lib/operate/list-approvals.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import {
  appliedWorld,
  type Client,
  codesOf,
  ledgerOf,
  openClient,
  putText,
  storedObjects,
  textOf,
} from "../apply/cluster.ts";
import { interfering, recorder } from "../apply/faults.ts";
import { approved, BEFORE, storedArtifact } from "./approvals.ts";

const OTHER = "01ZZZZZZZZZZZZZZZZZZZZZZZZ";

function list(client: Client, all = false) {
  return listApprovals(client.ports, { config_dir: "demo", all });
}

function show(client: Client, approval_id: string) {
  return showApproval(client.ports, { config_dir: "demo", approval_id });
}

async function states(client: Client, all = false): Promise<readonly string[]> {
  return (await list(client, all)).approvals.map(({ standing }) => standing.state);
}

/** An approval in each state that a file can show, in order. */
async function everyState(): Promise<Client> {
  const client = await appliedWorld(BEFORE);
  const { objects } = client.world.objects;
  await approved(client, undefined, { lifetime_ms: 1_000 });
  const held = await approved(client);
  const operation_id = client.ports.ids.next() as OperationId;
  const reservation = {
    operation_id,
    run_id: client.ports.ids.next() as RunId,
    graph: held.graph,
    expect: 1,
  };
  objects.set(
    evidenceKey(held.approval_id),
    encodeEvidence(reserved(held, reservation, client.ports.ids.next())),
  );
  const taken = await approved(client);
  await revokeApproval(client.ports, {
    ...{ config_dir: "demo", approval_id: taken.approval_id, actor: "dana", reason: null },
  });
  const half = await approved(client);
  objects.delete(approvalKey(half.approval_id));
  await approved(client);
  client.world.clock.advance(1_000);
  return client;
}

describe("the list of approvals", () => {
  test("tells how each stands and leaves out what is over, unless asked for all", async () => {
    const client = await everyState();
    const before = storedObjects(client.world);

    expect(await states(client)).toEqual(["expired", "reserved", "incomplete", "open"]);
    expect(await states(client, true)).toEqual(["expired", "reserved", "revoked", "incomplete", "open"]);
    expect(await list(client)).toMatchObject({ ok: true, format_version: 1, over_count: 1, diagnostics: [] });
    expect(await list(client, true)).toMatchObject({ over_count: 0 });
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("says what each approval is for, who gave it and until when", async () => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client, undefined, { tolerance: 3, reason: "closed" });

    const { approvals } = await list(client);

    expect(approvals).toEqual([
      {
        approval_id: evidence.approval_id,
        resource: "graph.shop",
        operation: "delete",
        standing: { state: "open" },
        approved_by: "dana",
        submitted_by: "ana",
        plan_id: evidence.plan_id,
        rows: 0,
        tolerance: 3,
        reason: "closed",
        created_at: evidence.created_at,
        expires_at: evidence.expires_at,
      },
    ]);
  });

  test("does not read again what the ledger records as used, and counts it", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const record = { consumed_at: "2026-01-01T00:00:00Z", consumed_by_operation: "apply" };
    const state = { ...ledgerOf(client.world), approval_records: { [approval_id]: record } };
    putText(client.world, "__cluster/state.json", `${JSON.stringify(state, null, 2)}\n`);
    const recorded = recorder();

    expect(await list(openClient(client.world, recorded))).toMatchObject({ approvals: [], over_count: 1 });
    expect(recorded.seen.filter((call) => call.key.includes(approval_id))).toEqual([]);
    expect(await states(client, true)).toEqual(["consumed"]);
  });

  test("shows approvals of other tools as foreign, which never count here", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const text = textOf(client.world, approvalKey(approval_id)).replaceAll(approval_id, OTHER);
    putText(client.world, `__cluster/approvals/${OTHER}.json`, text);

    const { approvals } = await list(client);

    expect(approvals.map((each) => each.standing.state)).toEqual(["open", "foreign"]);
    expect(approvals[1]).toMatchObject({ operation: null, plan_id: null, approved_by: "dana" });
    const used = text.replace('"consumed_at": null', '"consumed_at": "2026-01-01T00:00:00Z"');
    putText(client.world, `__cluster/approvals/${OTHER}.json`, used);
    expect(await states(client)).toEqual(["open"]);
  });

  test("is an error where the approvals cannot be read, and works beside a ledger that cannot", async () => {
    const client = await appliedWorld(BEFORE);
    await approved(client);
    for (const prefix of ["__graphform/approvals/", "__cluster/approvals/"]) {
      const down = openClient(
        client.world,
        interfering((call) => (call.key.startsWith(prefix) ? "fail" : "act")),
      );
      expect(codesOf(await list(down), "error")).toEqual(["approval_read_error"]);
    }
    putText(client.world, "__cluster/state.json", "{");
    const output = await list(client);
    expect({ ok: output.ok, states: await states(client) }).toEqual({ ok: true, states: ["open"] });
    expect(codesOf(output, "warning")).not.toEqual([]);
  });

  test("is empty where nobody has approved anything, also without a ledger", async () => {
    const client = await appliedWorld(BEFORE);
    expect(await list(client)).toMatchObject({ ok: true, approvals: [], over_count: 0, diagnostics: [] });
  });
});

describe("one approval", () => {
  test("is shown with everything that it binds, as it is stored", async () => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client);

    const output = await show(client, evidence.approval_id);

    expect(output).toMatchObject({ ok: true, format_version: 1, diagnostics: [] });
    expect(output.approval).toMatchObject({
      summary: { standing: { state: "open" } },
      consumed_in_revision: null,
      evidence,
      artifact: storedArtifact(client.world, evidence.approval_id),
    });
  });

  test("that is not there is an error that says how to see them all", async () => {
    const client = await appliedWorld(BEFORE);
    const output = await show(client, OTHER);
    expect(output).toMatchObject({ ok: false, approval: null });
    expect(output.diagnostics[0]).toMatchObject({
      code: "approval_not_found",
      fix: expect.stringContaining("graphform approvals list"),
    });
  });
});
