/** A ledger that is lost or put back comes again from its history, without loss and with proof (design 4.6, U1). */
import { describe, expect, test } from "vitest";
import { MARKER_KEY } from "../../lib/ledger/marker.ts";
import { PROTECTION_KEY } from "../../lib/ledger/protection.ts";
import { decodeReceipt, encodeReceipt, type Receipt, receiptDigest } from "../../lib/ledger/receipt.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  desiredFrom,
  importCluster,
  keysBelow,
  ledgerOf,
  openClient,
  plan,
  putText,
  refresh,
  reportsOf,
  storedObjects,
  type World,
} from "../apply/cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  PERSON,
  PERSON_WITH_NOTE,
} from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { historyOf } from "../apply/invariants.ts";
import { approved } from "../operate/approvals.ts";

const STATE = "__cluster/state.json";

const PEOPLE = {
  schema: PERSON,
  queries: { find_person: FIND_PERSON },
  provider: "text",
  blobs: "s3://blobs/people/",
};
const BEFORE: ClusterFiles = {
  graphs: { people: PEOPLE, shop: { schema: PERSON } },
  providers: { text: "small" },
  policies: { staff: { applies_to: ["people"] }, everyone: { applies_to: ["cluster"] } },
};
const AFTER: ClusterFiles = { ...BEFORE, graphs: { people: PEOPLE } };
const LATER: ClusterFiles = {
  ...AFTER,
  graphs: { people: { ...PEOPLE, schema: PERSON_WITH_NOTE, queries: { all_people: ALL_PEOPLE } } },
};

/** Everything that a ledger can remember: a delete with its approval, a recovery, a protected graph, bindings. */
async function eventfulWorld(): Promise<Client> {
  const client = await appliedWorld(BEFORE);
  await approved(client, AFTER);
  expect((await apply(client, AFTER)).converged).toBe(true);
  await applyAndLoseTheEnd(client, LATER);
  expect(codesOf(await refresh(client, LATER), "error")).toEqual([]);
  expect((await apply(client, LATER)).converged).toBe(true);
  client.world.clock.advance(60_000);
  const desired = desiredFrom(LATER);
  const command = { verb: "protect", graph: "people", desired, actor: "ana", trigger: "test" } as const;
  await protectGraph(client.ports, { ...command, reason: "the only copy" });
  return client;
}

/** The effects of the run land and its final commit does not. */
async function applyAndLoseTheEnd({ world }: Client, config: ClusterFiles): Promise<void> {
  let commits = 0;
  const failing = interfering((call) => {
    if (call.key !== STATE || !call.writes) return "act";
    commits += 1;
    return commits === 1 ? "act" : "fail";
  });
  expect(codesOf(await apply(openClient(world, failing), config), "error")).not.toEqual([]);
  expect(keysBelow(world, "__cluster/recoveries/")).toHaveLength(1);
}

/** What must come again: all but the revision, the marker, times of looking, and the words of a reason. */
function remembered(state: LedgerState): object {
  const { [MARKER_KEY]: _, [PROTECTION_KEY]: __, ...observations } = state.observations;
  const seen = Object.entries(observations).map(([key, value]) => [
    key,
    typeof value === "object" ? { ...value, observed_at: null } : value,
  ]);
  return { ...state, state_revision: 0, observations: Object.fromEntries(seen) };
}

function protectedAt(state: LedgerState): string {
  const mirror = state.observations[PROTECTION_KEY] as { graphs: { people: { at: string } } };
  return mirror.graphs.people.at;
}

function receiptKeys(world: World): readonly string[] {
  return keysBelow(world, "__graphform/receipts/");
}

function receiptAt(world: World, key: string): Receipt {
  const decoded = decodeReceipt(world.objects.objects.get(key) ?? new Uint8Array());
  if (decoded.tag === "invalid") throw new Error(decoded.problem);
  return decoded.receipt;
}

describe("a ledger that was lost", () => {
  test("comes again as it was: definition, approvals, recoveries, tombstones and protection (U1)", async () => {
    const client = await eventfulWorld();
    const lost = ledgerOf(client.world);
    client.world.objects.objects.delete(STATE);

    const output = await importCluster(client, LATER);
    const found = ledgerOf(client.world);

    expect(codesOf(output)).toEqual(["state_rebuilt"]);
    expect(output.diagnostics[0]?.message).toContain("proven to be the one that was lost");
    expect(Object.keys(lost.approval_records)).toHaveLength(1);
    expect(Object.keys(lost.recovery_records)).toHaveLength(1);
    expect(lost.observations["graph.shop"]).toMatchObject({ kind: "tombstone" });
    expect(remembered(found)).toEqual(remembered(lost));
    const mirror = {
      kind: "protection",
      graphs: { people: { by: "ana", at: expect.any(String), reason: null } },
    };
    expect(found.observations[PROTECTION_KEY]).toEqual(mirror);
    expect(lost.observations[PROTECTION_KEY]).toMatchObject({
      graphs: { people: { at: protectedAt(found), reason: "the only copy" } },
    });
    expect(historyOf(client.world).at(-1)).toMatchObject({
      kind: "import",
      protected: ["people"],
      changes: [],
    });
  });

  test("needs nothing more afterwards: apply finds nothing to do and writes nothing (A7)", async () => {
    const client = await eventfulWorld();
    client.world.objects.objects.delete(STATE);
    await importCluster(client, LATER);

    const output = await apply(client, LATER);

    expect(output).toMatchObject({ outcome: "noop", converged: true, state_written: false });
  });

  test("takes no approval for unused that the lost one knew as used (C2)", async () => {
    const client = await eventfulWorld();
    client.world.objects.objects.delete(STATE);
    await importCluster(client, LATER);
    const again = { ...BEFORE, graphs: { ...BEFORE.graphs, people: LATER.graphs!["people"]! } };
    expect((await apply(client, again)).converged).toBe(true);
    for (const key of keysBelow(client.world, "__graphform/approvals/")) unspend(client.world, key);

    const made = await plan(client, LATER);

    expect(made.output.approvals_required).toMatchObject([{ resource: "graph.shop", satisfied: false }]);
  });

  test("whose receipts are of an older program gets its bindings from the next apply", async () => {
    const client = await appliedWorld(BEFORE);
    const lost = ledgerOf(client.world);
    withoutBindings(client.world);
    client.world.objects.objects.delete(STATE);

    const output = await importCluster(client, BEFORE);
    const unproven = ledgerOf(client.world).applied_revision;
    const applied = await apply(client, BEFORE);

    expect(codesOf(output, "error")).toEqual([]);
    expect(output.diagnostics[0]?.message).toContain("could not be proven");
    expect(unproven.config_digest).toBeNull();
    expect(applied.converged).toBe(true);
    expect(ledgerOf(client.world).applied_revision).toEqual(lost.applied_revision);
  });

  test("with its newest receipt comes from the one before, which still protects the graph", async () => {
    const client = await eventfulWorld();
    await refresh(client, LATER);
    await apply(client, AFTER);
    client.world.objects.objects.delete(receiptKeys(client.world).at(-1)!);
    client.world.objects.objects.delete(STATE);

    const output = await importCluster(client, LATER);

    expect(codesOf(output)).toContain("history_incomplete");
    expect(codesOf(output, "error")).toEqual([]);
    expect(ledgerOf(client.world).observations[PROTECTION_KEY]).toMatchObject({ graphs: { people: {} } });
    expect((await apply(client, LATER)).converged).toBe(true);
  });

  test("knows what was approved below a receipt that is gone", async () => {
    const client = await eventfulWorld();
    const lost = ledgerOf(client.world);
    const keys = receiptKeys(client.world);
    client.world.objects.objects.delete(keys.at(-3)!);
    client.world.objects.objects.delete(STATE);

    const output = await importCluster(client, LATER);

    expect(reportsOf(output)).toEqual([`state_rebuilt ${STATE}`, `history_incomplete ${STATE}`]);
    expect(ledgerOf(client.world).approval_records).toEqual(lost.approval_records);
  });

  test("is not made again from half a history that could not be read", async () => {
    const client = await eventfulWorld();
    client.world.objects.objects.delete(STATE);
    const [first] = receiptKeys(client.world);
    const broken = openClient(
      client.world,
      interfering((call) => (call.key === first ? "fail" : "act")),
    );
    const before = storedObjects(client.world);

    const output = await importCluster(broken, LATER);

    expect(codesOf(output, "error")).toEqual(["state_read_error"]);
    expect(storedObjects(client.world)).toEqual(before);
  });
});

describe("a ledger that was put back to an older copy", () => {
  test("comes to where its history is, and keeps what only the copy knows", async () => {
    const client = await appliedWorld(BEFORE);
    const copy = ledgerOf(client.world);
    await approved(client, AFTER);
    await apply(client, AFTER);
    const newest = ledgerOf(client.world);
    const theirs = { ...copy, recovery_records: { theirs: { kind: "odd" } } };
    putText(client.world, STATE, `${JSON.stringify(theirs, null, 2)}\n`);

    const output = await importCluster(client, AFTER);
    const found = ledgerOf(client.world);

    expect(codesOf(output)).toEqual(["state_rebuilt"]);
    expect(found.state_revision).toBe(newest.state_revision + 1);
    expect(found.applied_revision).toEqual(newest.applied_revision);
    expect(found.approval_records).toEqual(newest.approval_records);
    expect(found.recovery_records).toEqual(theirs.recovery_records);
    expect(found.observations["graph.shop"]).toMatchObject({
      kind: "tombstone",
      approval_id: expect.any(String),
    });
  });
});

/** Puts the evidence of a used approval back to how it was before, as a backup would. */
function unspend(world: World, key: string): void {
  const evidence = JSON.parse(Buffer.from(world.objects.objects.get(key)!).toString("utf8"));
  putText(world, key, `${JSON.stringify({ ...evidence, state: { tag: "open" } }, null, 2)}\n`);
  const artifact = `__cluster/approvals/${evidence.approval_id}.json`;
  const shown = JSON.parse(Buffer.from(world.objects.objects.get(artifact)!).toString("utf8"));
  putText(world, artifact, `${JSON.stringify({ ...shown, consumed_at: null }, null, 2)}\n`);
}

/** The newest receipt as a program wrote it that knew no bindings, and a head that names it. */
function withoutBindings(world: World): void {
  const key = receiptKeys(world).at(-1)!;
  const receipt = receiptAt(world, key);
  const bytes = encodeReceipt({ ...receipt, bindings: {} });
  world.objects.objects.set(key, bytes);
  const head = keysBelow(world, "__graphform/heads/").at(-1)!;
  const named = { format_version: 1, commit_id: receipt.commit_id, receipt_digest: receiptDigest(bytes) };
  putText(world, head, `${JSON.stringify(named, null, 2)}\n`);
}
