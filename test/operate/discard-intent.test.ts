/** Giving up an open intent by hand: by its exact id, recorded with who and why, and fenced first (J7, R5). */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type DiscardRecord,
  decodeDiscard,
  discardIntent,
  encodeDiscard,
} from "../../lib/operate/discard-intent.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  desiredFrom,
  headOf,
  keysBelow,
  ledgerOf,
  openClient,
  putText,
  refresh,
} from "../apply/cluster.ts";
import { interfering } from "../apply/faults.ts";
import { expectConverged } from "../apply/invariants.ts";
import { CONFIG, intents, land, NEXT, OPERATION, putIntent, RECOVERIES } from "../apply/open-intent.ts";

const NEWER = '{"schema_version": 9, "operation_id": "01NEWER", "graph_id": "people", "surprise": true}';

const RECORD: DiscardRecord = {
  format_version: 1,
  operation_id: "01J0000000000000000000000P",
  graph: "shop",
  actor: "ana",
  reason: "its machine is gone",
  run_id: "01J0000000000000000000000R",
  at: "2026-03-04T05:06:07Z",
  sidecar_base64: "e30=",
};

let client: Client;

beforeEach(async () => {
  client = await appliedWorld(CONFIG);
});

function discard(operation_id: string, by = client, reason = "its machine is gone") {
  const command = {
    desired: desiredFrom(NEXT),
    actor: "ana",
    trigger: "test",
    reason,
  };
  return discardIntent(by.ports, { ...command, operation_id });
}

function records(): readonly string[] {
  return keysBelow(client.world, "__graphform/discards/");
}

describe("recover discard", () => {
  test("changes nothing for a reason that is not one line", async () => {
    await putText(client.world, `${RECOVERIES}01NEWER.json`, NEWER);
    const output = await discard("01NEWER", client, "gone\n::add-mask::ledger");
    expect(codesOf(output, "error")).toContain("approval_text_invalid");
    expect(output.ok).toBe(false);
    expect(records()).toEqual([]);
    expect(keysBelow(client.world, RECOVERIES)).toHaveLength(1);
  });

  test("gives up an intent of a newer program, fences its graph, and the graph goes on", async () => {
    putText(client.world, `${RECOVERIES}01NEWER.json`, NEWER);
    expect((await apply(client, NEXT)).converged).toBe(false);

    const output = await discard("01NEWER");

    expect(output).toMatchObject({
      ok: true,
      outcome: "done",
      result: { operation_id: "01NEWER", graph: "people", fenced_version: 2 },
    });
    expect((await headOf(client, "people")).cause).toBe("fence");
    expect(intents(client)).toEqual([]);
    await refresh(client, NEXT);
    expect(await apply(client, NEXT)).toMatchObject({ ok: true, converged: true });
    await expectConverged(client.world, ["people"]);
  });

  test("records who, why and the file as it was, before anything else (U1)", async () => {
    putText(client.world, `${RECOVERIES}01NEWER.json`, NEWER);

    await discard("01NEWER");

    const [key = ""] = records();
    const record = decodeDiscard(client.world.objects.objects.get(key) ?? new Uint8Array());
    expect(record).toMatchObject({ operation_id: "01NEWER", actor: "ana", reason: "its machine is gone" });
    expect(Buffer.from(record?.sidecar_base64 ?? "", "base64").toString("utf8")).toBe(NEWER);
  });

  test("keeps the bytes of its record (version 1)", () => {
    const golden = readFileSync(new URL("../golden/operate/discard.v1.json", import.meta.url));

    expect(Buffer.from(encodeDiscard(RECORD)).toString("utf8")).toBe(golden.toString("utf8"));
    expect(decodeDiscard(golden)).toEqual(RECORD);
    expect(decodeDiscard(Buffer.from("{}"))).toBeNull();
    expect(decodeDiscard(Buffer.from("no JSON"))).toBeNull();
  });

  test("settles first what can be settled, and then has nothing to give up", async () => {
    putIntent(client, {});
    await land(client);

    const output = await discard(OPERATION);

    expect(codesOf(output)).toEqual(["cluster_recovery_rolled_forward", "recovery_sidecar_not_found"]);
    expect(ledgerOf(client.world).recovery_records).toHaveProperty([OPERATION]);
    expect(records()).toEqual([]);
  });

  test("of an id that is not open changes nothing and says so", async () => {
    const output = await discard("01BX5ZZKBKACTAV9WEVGEMMVXX");

    expect(output).toMatchObject({ ok: false, outcome: "refused", result: null });
    expect(codesOf(output)).toEqual(["recovery_sidecar_not_found"]);
  });

  test("of an intent that names no graph says that nothing could be fenced", async () => {
    putText(client.world, `${RECOVERIES}01WHOSE.json`, "no JSON at all");

    const output = await discard("01WHOSE");

    expect(output).toMatchObject({ ok: true, result: { graph: null, fenced_version: null } });
    expect(codesOf(output)).toContain("recovery_discard_unfenced");
    expect(intents(client)).toEqual([]);
  });

  test("leaves the intent where its graph cannot be fenced for a while, and can be repeated", async () => {
    putText(client.world, `${RECOVERIES}01NEWER.json`, NEWER);
    const blind = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("graphs/people.omni/") ? "fail" : "act")),
    );

    expect(codesOf(await discard("01NEWER", blind))).toContain("recovery_discard_failed");
    expect(intents(client)).toHaveLength(1);

    expect((await discard("01NEWER")).ok).toBe(true);
    expect(intents(client)).toEqual([]);
  });
});
