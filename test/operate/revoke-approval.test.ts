/** Taking an approval back: only while nobody uses it, for OmniGraph as well, and once (design 8). */
import { describe, expect, test } from "vitest";
import { consumed, encodeEvidence, reserved } from "../../lib/approval/evidence.ts";
import type { ApprovalId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { type RevokeCommand, revokeApproval } from "../../lib/operate/revoke-approval.ts";
import {
  appliedWorld,
  type Client,
  codesOf,
  ledgerOf,
  openClient,
  putText,
  storedObjects,
} from "../apply/cluster.ts";
import { interfering } from "../apply/faults.ts";
import { approved, BEFORE, found, storedArtifact, storedEvidence, usableIds } from "./approvals.ts";

const RESERVATION = {
  operation_id: "01ARZ3NDEKTSV4RRFFQ69G5FB1" as OperationId,
  run_id: "01ARZ3NDEKTSV4RRFFQ69G5FB2" as RunId,
  graph: null,
  expect: null,
};
const NOW = "2026-01-01T00:00:00Z";

function revoke(client: Client, approval_id: string, overrides: Partial<RevokeCommand> = {}) {
  return revokeApproval(client.ports, {
    ...{ config_dir: "demo", approval_id, actor: "dana", reason: "changed my mind" },
    ...overrides,
  });
}

async function world() {
  const client = await appliedWorld(BEFORE);
  const evidence = await approved(client);
  return { client, evidence, id: evidence.approval_id };
}

describe("revoke", () => {
  test("takes an open approval back, with who and why, and tells OmniGraph (U1)", async () => {
    const { client, id } = await world();

    expect(await revoke(client, id)).toEqual({
      ok: true,
      format_version: 1,
      config_dir: "demo",
      approval_id: id,
      resource: "graph.shop",
      revoked_by: "dana",
      diagnostics: [],
    });
    const revocation = { tag: "revoked", by: "dana", at: NOW, reason: "changed my mind" };
    expect(storedEvidence(client.world, id).state).toEqual(revocation);
    expect(storedArtifact(client.world, id)).toMatchObject({ consumed_at: NOW, consumed_by_operation: null });
    expect(usableIds(await found(client))).toEqual({});
  });

  test("of a revoked approval changes nothing, and the first who took it back stays", async () => {
    const { client, id } = await world();
    await revoke(client, id);
    const before = storedObjects(client.world);

    expect(await revoke(client, id, { actor: "eve" })).toMatchObject({ ok: true, revoked_by: "dana" });
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("is refused while a run holds the approval, and says which", async () => {
    const { client, evidence, id } = await world();
    const held = { ...RESERVATION, graph: evidence.graph, expect: 1 };
    const bytes = encodeEvidence(reserved(evidence, held, client.ports.ids.next()));
    client.world.objects.objects.set(evidenceKey(id), bytes);

    const output = await revoke(client, id);

    expect(output).toMatchObject({ ok: false, approval_id: id });
    expect(codesOf(output)).toEqual(["approval_reserved"]);
    expect(output.diagnostics[0]?.message).toContain(held.run_id);
    expect(output.diagnostics[0]?.message).toContain(held.operation_id);
    expect(storedArtifact(client.world, id).consumed_at).toBeNull();
  });

  test("is refused once the approval was used, also where only the ledger says so (W7)", async () => {
    const { client, evidence, id } = await world();
    const { ids } = client.ports;
    const held = reserved(evidence, { ...RESERVATION, graph: evidence.graph, expect: 1 }, ids.next());
    const used = encodeEvidence(consumed(held, held.approval_id as string as OperationId, NOW, ids.next()));
    client.world.objects.objects.set(evidenceKey(id), used);
    expect(codesOf(await revoke(client, id))).toEqual(["approval_used"]);

    client.world.objects.objects.set(evidenceKey(id), encodeEvidence(evidence));
    const approval_records = { [id]: { consumed_at: NOW, consumed_by_operation: "apply" } };
    const state = { ...ledgerOf(client.world), approval_records };
    putText(client.world, "__cluster/state.json", `${JSON.stringify(state, null, 2)}\n`);
    expect(codesOf(await revoke(client, id))).toEqual(["approval_used"]);
    expect(storedEvidence(client.world, id)).toEqual(evidence);
  });

  test("and a run that reserves at the same moment: exactly one has its way (C1)", async () => {
    const { client, evidence, id } = await world();
    const rival = reserved(
      evidence,
      { ...RESERVATION, graph: evidence.graph, expect: 1 },
      client.ports.ids.next(),
    );
    let done = false;
    const late = openClient(
      client.world,
      interfering((call) => {
        if (call.verb === "replace" && !done) {
          done = true;
          client.world.objects.objects.set(evidenceKey(id), encodeEvidence(rival));
        }
        return "act";
      }),
    );

    expect(codesOf(await revoke(late, id))).toEqual(["approval_reserved"]);
    expect(storedEvidence(client.world, id)).toEqual(rival);
  });

  test("of an approval whose giving did not finish needs no artifact", async () => {
    const { client, id } = await world();
    client.world.objects.objects.delete(approvalKey(id));
    expect(await revoke(client, id)).toMatchObject({ ok: true, revoked_by: "dana", diagnostics: [] });
  });

  test("stands when the artifact cannot be rewritten, says so, and the next one marks it", async () => {
    const { client, id } = await world();
    const deaf = openClient(
      client.world,
      interfering((call) => (call.writes && call.key === approvalKey(id) ? "fail" : "act")),
    );

    const output = await revoke(deaf, id);

    expect(output).toMatchObject({ ok: true, revoked_by: "dana" });
    expect(codesOf(output)).toEqual(["approval_mark_failed"]);
    expect(storedArtifact(client.world, id).consumed_at).toBeNull();
    client.world.clock.advance(60_000);
    expect(codesOf(await revoke(client, id))).toEqual([]);
    expect(storedArtifact(client.world, id).consumed_at).not.toBeNull();
  });

  test.each<readonly [string, string, Partial<RevokeCommand>, string]>([
    ["an id that is none", "the shop", {}, "approval_not_found"],
    ["an id of no approval", "01ARZ3NDEKTSV4RRFFQ69G5FAV", {}, "approval_not_found"],
    ["nobody", "01ARZ3NDEKTSV4RRFFQ69G5FAV", { actor: null }, "approval_actor_missing"],
    [
      "a reason with control characters",
      "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      { reason: "a\u0000" },
      "approval_text_invalid",
    ],
  ])("refuses %s and says why with a code of its own", async (_, id, overrides, code) => {
    const { client } = await world();
    expect(codesOf(await revoke(client, id, overrides))).toEqual([code]);
  });

  test("tells an approval of another tool and a store that is down apart", async () => {
    const { client, id } = await world();
    const other = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as ApprovalId;
    putText(client.world, approvalKey(other), "{}");
    const foreign = await revoke(client, other);
    expect(foreign.diagnostics[0]).toMatchObject({
      code: "approval_not_found",
      message: expect.stringContaining("given by another tool"),
    });
    const down = openClient(
      client.world,
      interfering((call) => (call.key === evidenceKey(id) ? "fail" : "act")),
    );
    expect(codesOf(await revoke(down, id), "error")).toEqual(["approval_read_error"]);
    const mute = openClient(
      client.world,
      interfering((call) => (call.key === evidenceKey(id) && call.writes ? "conflict" : "act")),
    );
    expect(codesOf(await revoke(mute, id), "error")).toEqual(["approval_write_error"]);
  });

  test("takes an approval back whose evidence is damaged: its artifact says so, its evidence stays as it is", async () => {
    const { client, id } = await world();
    putText(client.world, evidenceKey(id), "{}");

    const output = await revoke(client, id);

    expect(output.ok).toBe(true);
    expect(codesOf(output, "warning")).toEqual(["invalid_approval_evidence"]);
    expect(storedArtifact(client.world, id).consumed_at).toBe(NOW);
    expect(Buffer.from(client.world.objects.objects.get(evidenceKey(id)) ?? []).toString("utf8")).toBe("{}");
  });
});
