/** Which approvals open a gate, and what is said of those that do not (design 8, C1; spec/cluster 10.2). */
import { describe, expect, test } from "vitest";
import { markArtifactConsumed } from "../../lib/apply/approvals/approval-store.ts";
import { findApprovals } from "../../lib/apply/approvals/find-approvals.ts";
import { FLAWED_APPROVALS_MAX } from "../../lib/apply/limits.ts";
import { encodeArtifact } from "../../lib/approval/artifact.ts";
import { type Evidence, encodeEvidence, reserved } from "../../lib/approval/evidence.ts";
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { ReadyLedger } from "../../lib/ledger/reading.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import {
  AFTER,
  approved,
  BEFORE,
  found,
  SHOP,
  storedArtifact,
  unusableTexts,
  usableIds,
} from "../operate/approvals.ts";
import {
  appliedWorld,
  type Client,
  codesOf,
  headOf,
  keysBelow,
  loadPeople,
  openClient,
  putText,
  removeBehind,
  reportsOf,
  storedObjects,
  textOf,
} from "./cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering, recorder } from "./faults.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const OPERATION = "01ARZ3NDEKTSV4RRFFQ69G5FB1" as OperationId;

async function restoreShop(client: Client): Promise<void> {
  const head = await headOf(client, "shop");
  const outcome = await client.ports.engine.restore({
    ...{ graph: "shop" as GraphId, expect: head.version, incarnation: head.dead[0]!.incarnation },
    operation_id: client.ports.ids.next() as OperationId,
    run_id: client.ports.ids.next() as RunId,
    actor: null,
  });
  expect(outcome.tag).toBe("done");
}

async function createShop(client: Client): Promise<void> {
  const head = await headOf(client, "shop");
  const outcome = await client.ports.engine.create({
    ...{ graph: "shop" as GraphId, expect: head.version, schema_source: PERSON, actor: null },
    incarnation: client.ports.ids.next() as NonNullable<Evidence["incarnation"]>,
    operation_id: client.ports.ids.next() as OperationId,
    run_id: client.ports.ids.next() as RunId,
  });
  expect(outcome.tag).toBe("done");
}

async function fenceShop(client: Client): Promise<void> {
  const { version } = await headOf(client, "shop");
  const { ids, engine } = client.ports;
  const outcome = await engine.fence({
    ...{ graph: "shop" as GraphId, expect: version, actor: null },
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
  });
  expect(outcome.tag).toBe("done");
}

function putEvidence(client: Client, evidence: Evidence): void {
  client.world.objects.objects.set(evidenceKey(evidence.approval_id), encodeEvidence(evidence));
}

async function ledgerIn(client: Client): Promise<ReadyLedger> {
  const reading = await readLedger(client.ports, { repair: false });
  if (reading.tag !== "ready") throw new Error(`the ledger is ${reading.tag}`);
  return reading;
}

describe("an approval", () => {
  test("opens the gate of its change, and nothing is read where nothing is gated (C1)", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const recorded = recorder();
    const before = storedObjects(client.world);

    expect(await found(client)).toMatchObject({ diagnostics: [], unusable: new Map() });
    expect(usableIds(await found(client))).toEqual({ [SHOP]: approval_id });
    expect(usableIds(await found(openClient(client.world, recorded), BEFORE))).toEqual({});
    expect(recorded.seen.filter((call) => call.key.includes("approvals"))).toEqual([]);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("of two that count the oldest is taken, and the other counts once that one is spent (W8)", async () => {
    const client = await appliedWorld(BEFORE);
    const older = await approved(client);
    const newer = await approved(client);
    expect(usableIds(await found(client))).toEqual({ [SHOP]: older.approval_id });

    await revokeApproval(client.ports, {
      ...{ config_dir: "demo", approval_id: older.approval_id, actor: "dana", reason: null },
    });

    expect(usableIds(await found(client))).toEqual({ [SHOP]: newer.approval_id });
    expect(storedArtifact(client.world, newer.approval_id).consumed_at).toBeNull();
  });

  test("is not looked for where it opens none: one gate's approval opens no other (C1)", async () => {
    const three: ClusterFiles = { graphs: { ...BEFORE.graphs, attic: { schema: PERSON } } };
    const client = await appliedWorld(three);
    const { approval_id } = await approved(client);

    const both = await found(client, AFTER);

    expect(both.usable.size).toBe(1);
    expect(usableIds(both)).toEqual({ [SHOP]: approval_id });
    expect(both.diagnostics).toEqual([]);
  });
});

describe("an approval that does not count is named with what to do (C3)", () => {
  test.each<readonly [string, (client: Client, evidence: Evidence) => unknown, RegExp]>([
    [
      "when its artifact is missing",
      (client, { approval_id }) => client.world.objects.objects.delete(approvalKey(approval_id)),
      /its artifact is missing, because giving it did not finish; plan again/,
    ],
    [
      "when its artifact was consumed by another tool and then edited",
      (client, { approval_id }) => putText(client.world, approvalKey(approval_id), "{}"),
      /its artifact cannot be read/,
    ],
    [
      "when its artifact is for another change",
      (client, { approval_id }) => {
        const artifact = storedArtifact(client.world, approval_id);
        const bytes = encodeArtifact({ ...artifact, bound_config_digest: "other" });
        client.world.objects.objects.set(approvalKey(approval_id), bytes);
      },
      /for different changes/,
    ],
    [
      "when it has expired",
      (client) => client.world.clock.advance(7 * DAY_MS),
      /it expired at 2026-01-08T00:00:00Z?.*plan again/,
    ],
    [
      "when a run holds it",
      (client, evidence) => {
        const run_id = "01ARZ3NDEKTSV4RRFFQ69G5FB2" as RunId;
        const held = { operation_id: OPERATION, run_id, graph: evidence.graph, expect: 1 };
        putEvidence(client, reserved(evidence, held, client.ports.ids.next()));
      },
      /the run 01ARZ3NDEKTSV4RRFFQ69G5FB2 is using it or died while it did; wait for it, or run `graphform recover`/,
    ],
    [
      "when its evidence names another approver than its artifact",
      (client, evidence) =>
        client.world.objects.objects.set(
          evidenceKey(evidence.approval_id),
          encodeEvidence({ ...evidence, approved_by: "eve" }),
        ),
      /different changes/,
    ],
    [
      "when its graph is gone",
      (client) => removeBehind(client, "shop"),
      /its graph is not live or cannot be seen/,
    ],
    [
      "when the graph was created again",
      async (client) => {
        await removeBehind(client, "shop");
        await createShop(client);
      },
      /an earlier graph of that name, which was deleted since/,
    ],
    [
      "when the same life of the graph was removed and restored",
      async (client) => {
        await removeBehind(client, "shop");
        await restoreShop(client);
      },
      /the graph was removed in its version 2 since/,
    ],
    [
      "when rows were written since",
      (client) => loadPeople(client, "shop", "ada"),
      /1 rows were written since the plan that was reviewed, and it tolerates 0/,
    ],
    [
      "when a version of the graph is missing",
      async (client) => {
        await fenceShop(client);
        await fenceShop(client);
        const [, second] = keysBelow(client.world, "graphs/shop.omni/__manifest/");
        client.world.objects.objects.delete(second!);
      },
      /it is not known what happened to the graph since: version 2 is missing/,
    ],
  ])("%s", async (_, spoil, text) => {
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client);
    await spoil(client, evidence);

    const nothing = await found(client);

    expect(usableIds(nothing)).toEqual({});
    const texts = unusableTexts(nothing);
    expect(texts).toEqual([expect.stringMatching(text)]);
    expect(texts[0]).toContain(`The approval ${evidence.approval_id} does not count: `);
    expect(reportsOf(nothing)).toContain(`approval_unusable ${SHOP}`);
  });

  test("when its giver made the plan that is to run, and when nobody knows who did", async () => {
    const laptop = await appliedWorld(BEFORE);
    const strict = openClient(laptop.world, undefined, { self_approval: "refused" });
    await approved(strict);

    expect(usableIds(await found(strict, AFTER, "ana"))).not.toEqual({});
    expect(unusableTexts(await found(strict, AFTER, "dana"))).toEqual([
      expect.stringContaining("dana made the plan as well; have somebody else approve it"),
    ]);
    expect(unusableTexts(await found(strict, AFTER, null))).toEqual([
      expect.stringContaining("not known who made the plan"),
    ]);
    // The rule of the approval counts, not the one of today.
    expect(usableIds(await found(laptop, AFTER, "dana"))).toEqual({});
  });

  test("and tolerates exactly as many rows as it says, also where loads come one by one", async () => {
    const client = await appliedWorld(BEFORE);
    await approved(client, AFTER, { tolerance: 2 });
    await loadPeople(client, "shop", "ada");
    await loadPeople(client, "shop", "bob");
    expect(usableIds(await found(client))).not.toEqual({});
    await loadPeople(client, "shop", "eve");
    expect(unusableTexts(await found(client))[0]).toContain("3 rows were written");
  });

  test("at most a few at a time, the newest, and none that is spent", async () => {
    const client = await appliedWorld(BEFORE);
    const given: Evidence[] = [];
    for (let count = 0; count < FLAWED_APPROVALS_MAX + 2; count += 1) given.push(await approved(client));
    const last = given.at(-1)!.approval_id;
    await revokeApproval(client.ports, {
      ...{ config_dir: "demo", approval_id: last, actor: "dana", reason: null },
    });
    client.world.clock.advance(7 * DAY_MS);

    const texts = unusableTexts(await found(client));

    expect(texts).toHaveLength(FLAWED_APPROVALS_MAX);
    expect(texts.join()).not.toContain(last);
    expect(texts.join()).not.toContain(given[0]!.approval_id);
    expect(texts.join()).toContain(given.at(-2)!.approval_id);
  });
});

describe("what lies beside approvals", () => {
  test("an artifact of another tool never counts, and it is said that evidence is missing", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    client.world.objects.objects.delete(evidenceKey(approval_id));

    expect(unusableTexts(await found(client))).toEqual([
      expect.stringContaining(`The approval ${approval_id} does not count: there is no readable evidence`),
    ]);
    await markArtifactConsumed(client.ports, approval_id, "2026-01-01T00:00:00Z");
    expect(await found(client)).toMatchObject({ unusable: new Map(), diagnostics: [] });
  });

  test("an approval of another change of the address is stale, unless it is over", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const other: ClusterFiles = { graphs: { people: { schema: PERSON_WITH_NOTE } } };

    const stale = await found(client, other);
    expect(reportsOf(stale)).toEqual([`approval_stale ${SHOP}`]);
    expect(stale.diagnostics[0]).toMatchObject({
      severity: "warning",
      message: expect.stringContaining(approval_id),
    });
    expect(stale.unusable.size).toBe(0);

    client.world.clock.advance(7 * DAY_MS);
    expect((await found(client, other)).diagnostics).toEqual([]);
  });

  test("a stale approval is not told once another opens the gate", async () => {
    const client = await appliedWorld(BEFORE);
    const other: ClusterFiles = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
    await approved(client);
    await approved(client, other);
    expect((await found(client, other)).diagnostics).toEqual([]);
  });

  test("files that cannot be read or are newer are warnings and stay in place", async () => {
    const client = await appliedWorld(BEFORE);
    const { approval_id } = await approved(client);
    const files = {
      "__cluster/approvals/notes.json": "{}",
      "__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC1.json": '{ "schema_version": 2 }',
      "__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC2.json": textOf(client.world, approvalKey(approval_id)),
      "__graphform/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC3.json": "{}",
      "__cluster/approvals/README.md": "ignored",
    };
    for (const [key, text] of Object.entries(files)) putText(client.world, key, text);

    const opened = await found(client);

    expect(usableIds(opened)).toEqual({ [SHOP]: approval_id });
    expect(reportsOf(opened)).toEqual([
      "invalid_approval_evidence __graphform/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC3.json",
      "unsupported_approval_version /cluster/__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC1.json",
      "invalid_approval_artifact /cluster/__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FC2.json",
      "invalid_approval_artifact /cluster/__cluster/approvals/notes.json",
    ]);
    expect(codesOf(opened, "error")).toEqual([]);
    for (const [key, text] of Object.entries(files)) expect(textOf(client.world, key)).toBe(text);
  });

  test.each(["__cluster/approvals/", "__graphform/approvals/"])(
    "a store that does not answer below %s opens no gate",
    async (prefix) => {
      const client = await appliedWorld(BEFORE);
      await approved(client);
      for (const verb of ["list", "get"]) {
        const down = openClient(
          client.world,
          interfering((call) => (call.verb === verb && call.key.startsWith(prefix) ? "fail" : "act")),
        );
        const nothing = await found(down);
        expect(usableIds(nothing)).toEqual({});
        expect(reportsOf(nothing)).toEqual(["approval_read_error __cluster/approvals"]);
        expect([...nothing.unusable.keys()]).toEqual([SHOP]);
      }
    },
  );
});

describe("an approval of data loss", () => {
  test("that does not count says how to let the drops only hide", async () => {
    const schema = "node Person {\n  name: String @key\n}\n";
    const narrow: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema } } };
    const client = await appliedWorld(BEFORE);
    const evidence = await approved(client, narrow, { resource: "schema.shop", data_loss: true });
    const { ports } = client;
    const ledger = await ledgerIn(client);
    const ask = () =>
      findApprovals(ports, {
        gated: [{ ...evidence, operation: "data_loss" }],
        config_digest: evidence.config_digest,
        graphs: new Map(),
        ledger,
        submitter: "ana",
      });

    expect(unusableTexts(await ask()).at(-1)).toBe(
      `To let the drops only hide: \`graphform approvals revoke ${evidence.approval_id}\`.`,
    );

    // Without evidence nobody is known to have asked for data loss, so nothing may be held up by it.
    client.world.objects.objects.delete(evidenceKey(evidence.approval_id));
    expect((await ask()).unusable.size).toBe(0);
  });
});
