/** No user stands before a closed door: what a sweep cannot settle says what to do, and doing it works (R6). */
import { describe, expect, test } from "vitest";
import { encodeSidecar, type Sidecar } from "../../lib/apply/sidecar.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { discardIntent } from "../../lib/operate/discard-intent.ts";
import {
  appliedWorld,
  apply,
  type Client,
  desiredFrom,
  keysBelow,
  migrateBehind,
  openClient,
  putText,
  refresh,
} from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import { expectConverged } from "./invariants.ts";

const CONFIG = { graphs: { people: { schema: PERSON } } };
const NEXT = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
const KEY = "__cluster/recoveries/01BX5ZZKBKACTAV9WEVGEMMVRZ.json";
const FOREIGN_KEY = "__cluster/recoveries/01BX5ZZKBKACTAV9WEVGEMMVS0.json";

function putIntent(client: Client, key: string, versions: readonly [number | null, number | null]): void {
  const [observed_manifest_version, expected_manifest_version] = versions;
  const sidecar: Sidecar = {
    schema_version: 1,
    operation_id: operationOf(key),
    started_at: "2026-01-01T00:00:00Z",
    actor: "bob",
    kind: "schema_apply",
    graph_id: "people",
    graph_uri: "/cluster/graphs/people.omni",
    observed_manifest_version,
    expected_manifest_version,
    desired_schema_digest: sha256(PERSON_WITH_NOTE),
    state_cas_base: null,
    approval_id: null,
  };
  putText(client.world, key, Buffer.from(encodeSidecar(sidecar)).toString("utf8"));
}

function operationOf(key: string): string {
  return key.slice(-31, -5);
}

async function discard(client: Client, key: string): Promise<void> {
  const facts = { desired: desiredFrom(NEXT), actor: "ana", trigger: "test", reason: "its machine is gone" };
  const output = await discardIntent(client.ports, { ...facts, operation_id: operationOf(key) });
  expect(output).toMatchObject({ ok: true, outcome: "done" });
}

/** What the blocked run advises about the graph. */
async function advice(client: Client): Promise<string> {
  const output = await apply(client, NEXT);
  expect(output.converged).toBe(false);
  const pending = output.diagnostics.find((each) => each.code === "cluster_recovery_pending");
  return pending?.fix ?? "no advice";
}

async function expectWayOut(client: Client): Promise<void> {
  await refresh(client, NEXT);
  const output = await apply(client, NEXT);
  expect(output).toMatchObject({ ok: true, converged: true });
  await expectConverged(client.world, ["people"]);
}

describe("the advice about an operation that cannot be settled", () => {
  test("names the discard where an older copy of the graph was put back (J0), and it works", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, KEY, [7, 8]);

    expect(await advice(client)).toContain(`graphform recover discard ${operationOf(KEY)}`);
    await discard(client, KEY);

    await expectWayOut(client);
  });

  test("names a refresh where the graph was changed again since (J4), and it works", async () => {
    const client = await appliedWorld(CONFIG);
    const landed = await migrateBehind(client, "people", PERSON_WITH_NOTE);
    const key = `__cluster/recoveries/${landed.operation_id}.json`;
    putIntent(client, key, [landed.version - 1, landed.version]);
    await migrateBehind(client, "people", PERSON);

    expect(await advice(client)).toContain("Run `graphform refresh`");

    await expectWayOut(client);
  });

  test("names both discards where another tool has an intent beside ours, and discarding its own is enough (J6)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, KEY, [1, 2]);
    putIntent(client, FOREIGN_KEY, [null, null]);

    const fix = await advice(client);
    expect(fix).toContain(operationOf(KEY));
    expect(fix).toContain(operationOf(FOREIGN_KEY));
    await discard(client, FOREIGN_KEY);

    await expectWayOut(client);
  });

  test("is followed by nothing but another run where the graph could not be read for a while (J6)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, KEY, [1, 2]);
    const blind = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("graphs/people.omni/") ? "fail" : "act")),
    );

    expect(await advice(blind)).toContain("Put right what the message names");
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([KEY]);

    await expectWayOut(client);
  });
});
