/** A policy change by which somebody gains access, where the deployment wants an approval for that (design 8). */
import { beforeEach, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { encodeEvidence, reserved } from "../../lib/approval/evidence.ts";
import type { ApprovalId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { evidenceKey } from "../../lib/ledger/payload-key.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { approve, storedArtifact, storedEvidence } from "../operate/approvals.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  desiredFrom,
  ledgerOf,
  openClient,
  planned,
  putText,
} from "./cluster.ts";
import { type ClusterFiles, PERSON } from "./cluster-files.ts";
import { death } from "./death.ts";
import { interfering } from "./faults.ts";
import { expectConverged, historyOf } from "./invariants.ts";

function config(...readers: readonly string[]): ClusterFiles {
  return {
    graphs: { people: { schema: PERSON } },
    policies: { staff: { applies_to: ["people"], readers } },
  };
}

const NARROW = config("ana");
const WIDE = config("ana", "bob");
const POLICY = { resource: "policy.staff" };

let client: Client;

beforeEach(async () => {
  const { world } = await appliedWorld(NARROW);
  client = openClient(world, undefined, { ...LAPTOP_RULES, access_widening: "gated" });
});

function readersInForce(): string | undefined {
  return ledgerOf(client.world).applied_revision.resources["policy.staff"]?.digest;
}

describe("a policy change that widens access", () => {
  test("needs no approval unless the deployment asks for it", async () => {
    expect((await apply(openClient(client.world), WIDE)).converged).toBe(true);
  });

  test("waits for an approval, and is used up by the commit that puts it into force (C1, C2)", async () => {
    const before = readersInForce();
    expect(changesOf(await apply(client, WIDE))).toEqual([
      "update policy.staff: blocked (approval_required)",
    ]);
    expect(readersInForce()).toBe(before);
    const { evidence } = await approve(client, await planned(client, WIDE, true), POLICY);

    const output = await apply(client, WIDE);

    expect(output).toMatchObject({ ok: true, converged: true });
    const id = evidence?.approval_id as ApprovalId;
    expect(ledgerOf(client.world).approval_records).toHaveProperty([id]);
    expect(historyOf(client.world).at(-1)?.approvals_consumed).toMatchObject([
      { approval_id: id, address: "policy.staff" },
    ]);
    expect(storedEvidence(client.world, id).state.tag).toBe("consumed");
    expect(storedArtifact(client.world, id).consumed_at).not.toBeNull();
    await expectConverged(client.world, ["people"]);
  });

  test("by another name is a whole: what it replaces stays until it is approved, and goes with it", async () => {
    const renamed = { ...WIDE, policies: { crew: { applies_to: ["people"], readers: ["ana", "bob"] } } };
    expect(changesOf(await apply(client, renamed))).toEqual([
      "create policy.crew: blocked (approval_required)",
      "delete policy.staff: blocked (dependency_not_applied)",
    ]);
    expect(readersInForce()).toBeDefined();

    await approve(client, await planned(client, renamed, true), { resource: "policy.crew" });
    expect((await apply(client, renamed)).converged).toBe(true);
    expect(readersInForce()).toBeUndefined();
  });

  test("that narrows needs none", async () => {
    expect((await apply(client, config("nobody"))).converged).toBe(false);
    const narrower = { ...NARROW, policies: {} };
    expect((await apply(client, narrower)).converged).toBe(true);
  });
});

describe("a reservation that a dead run left of a policy change", () => {
  async function reservedByNobody(): Promise<ApprovalId> {
    const { evidence } = await approve(client, await planned(client, WIDE, true), POLICY);
    if (evidence === null) throw new Error("nothing was approved");
    const { ids } = client.ports;
    const held = {
      operation_id: ids.next() as OperationId,
      run_id: ids.next() as RunId,
      graph: null,
      expect: null,
    };
    const bytes = encodeEvidence(reserved(evidence, held, ids.next()));
    putText(client.world, evidenceKey(evidence.approval_id), Buffer.from(bytes).toString("utf8"));
    return evidence.approval_id;
  }

  test("is opened again only after a revision of the sweep's own (K4)", async () => {
    const id = await reservedByNobody();
    const revision = ledgerOf(client.world).state_revision;

    const command = { desired: desiredFrom(NARROW), actor: "ana", trigger: "test" };
    expect(await recoverCluster(client.ports, command)).toMatchObject({ ok: true, outcome: "done" });

    expect(ledgerOf(client.world).state_revision).toBe(revision + 1);
    expect(storedEvidence(client.world, id).state.tag).toBe("open");
    expect(await recoverCluster(client.ports, command)).toMatchObject({ ok: true, outcome: "noop" });
    expect((await apply(client, WIDE)).converged).toBe(true);
  });

  test("is used up, in evidence and artifact, if its commit had landed (C2)", async () => {
    const { evidence } = await approve(client, await planned(client, WIDE, true), POLICY);
    const id = evidence?.approval_id as ApprovalId;
    const rules = { ...LAPTOP_RULES, access_widening: "gated" } as const;
    const { died, die } = death();
    let committed = false;
    const dying = interfering(({ verb, key }) => {
      if (committed) {
        die();
        return "die_before";
      }
      committed = verb === "putIfAbsent" && key.startsWith("__graphform/heads/");
      return "act";
    });
    await Promise.race([apply(openClient(client.world, dying, rules), WIDE), died]);
    client.world.clock.advance(2 * LEASE_MS);
    expect(storedEvidence(client.world, id).state.tag).toBe("reserved");
    expect(ledgerOf(client.world).approval_records).toHaveProperty([id]);
    const revision = ledgerOf(client.world).state_revision;

    const command = { desired: desiredFrom(WIDE), actor: "ana", trigger: "test" };
    expect(await recoverCluster(client.ports, command)).toMatchObject({ ok: true, outcome: "noop" });

    expect(ledgerOf(client.world).state_revision).toBe(revision);
    expect(storedEvidence(client.world, id).state.tag).toBe("consumed");
    expect(storedArtifact(client.world, id).consumed_at).not.toBeNull();
  });

  test("stays as long as that revision cannot be written (R2)", async () => {
    const id = await reservedByNobody();
    const rules = { ...LAPTOP_RULES, access_widening: "gated" } as const;
    const failing = interfering((call) =>
      call.verb === "replace" && call.key.endsWith("state.json") ? "fail" : "act",
    );
    const stuck = openClient(client.world, failing, rules);

    const command = { desired: desiredFrom(NARROW), actor: "ana", trigger: "test" };
    expect((await recoverCluster(stuck.ports, command)).ok).toBe(false);

    expect(storedEvidence(client.world, id).state.tag).toBe("reserved");
  });
});
