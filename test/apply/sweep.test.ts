/** What becomes of what earlier runs left open: every row of the truth table, over a real chain (design 7, R1 to R6). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import {
  appliedWorld,
  apply,
  changesOf,
  codesOf,
  desiredFrom,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  newWorld,
  openClient,
  plan,
  refresh,
  reportsOf,
  status,
  storedObjects,
  writeLedger,
} from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import { historyOf } from "./invariants.ts";
import { CONFIG, intents, land, NEXT, OPERATION, putIntent, RECOVERIES } from "./open-intent.ts";

test("a drift that a sweep found stays marked until something has looked again, and looking again writes nothing (A3, R1)", async () => {
  const client = await appliedWorld(CONFIG);
  await migrateBehind(client, "people", PERSON_WITH_NOTE);
  const applying = { status: "applying" };
  const statuses = { "graph.people": applying, "schema.people": applying };
  writeLedger(client.world, (state) => ({
    ...state,
    resource_statuses: { ...state.resource_statuses, ...statuses },
  }));
  const command = { desired: desiredFrom(CONFIG), actor: "ana", trigger: "test" };

  await recoverCluster(client.ports, command);
  const once = storedObjects(client.world);
  await recoverCluster(client.ports, command);
  const output = await apply(client, CONFIG);

  expect(storedObjects(client.world)).toEqual(once);
  expect(ledgerOf(client.world).resource_statuses["schema.people"]).toMatchObject({ status: "drifted" });
  expect(output.state_written).toBe(false);
  await refresh(client, NEXT);
  expect(ledgerOf(client.world).resource_statuses["schema.people"]).toEqual({ status: "applied" });
});

test("a graph that is known to live otherwise than recorded is not converged, though config and ledger agree (A3)", async () => {
  const client = await appliedWorld(CONFIG);
  putIntent(client, {});
  await land(client);
  await migrateBehind(client, "people", `${PERSON_WITH_NOTE}node Pet {\n  name: String @key\n}\n`);

  const output = await apply(client, CONFIG);

  expect(changesOf(output)).toEqual([]);
  expect(output).toMatchObject({ converged: false, outcome: "partial" });
});

describe("an open intent", () => {
  test("whose effect never landed is fenced off and retired, and the work is done again (J1, R5)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});

    const output = await apply(client, NEXT);

    expect(output).toMatchObject({ ok: true, converged: true });
    expect(intents(client)).toEqual([]);
    const late = await client.ports.engine.migrate({
      graph: "people" as GraphId,
      expect: 1,
      operation_id: OPERATION,
      run_id: client.ports.ids.next() as RunId,
      actor: "bob",
      schema_source: PERSON,
      data_loss: false,
    });
    expect(late.tag).toBe("refused");
    expect((await headOf(client, "people")).version).toBe(3);
  });

  test("of a graph that never was is fenced before its first version (J1)", async () => {
    const client = openClient(newWorld());
    await importCluster(client, {});
    putIntent(client, { kind: "graph_create", observed_manifest_version: 0, expected_manifest_version: 1 });

    await refresh(client, {});
    const late = await client.ports.engine.create({
      graph: "people" as GraphId,
      expect: 0,
      operation_id: OPERATION,
      run_id: client.ports.ids.next() as RunId,
      actor: "bob",
      schema_source: PERSON,
      incarnation: client.ports.ids.next() as IncarnationId,
    });

    expect(intents(client)).toEqual([]);
    expect(late.tag).toBe("refused");
    expect((await headOf(client, "people")).state).toBe("never");
    expect((await apply(client, CONFIG)).converged).toBe(true);
  });

  test("that the ledger has recorded already is retired without a write (J2)", async () => {
    const client = await appliedWorld(CONFIG);
    await apply(client, NEXT);
    const operation = (await headOf(client, "people")).operation_id;
    putIntent(client, { operation_id: operation });
    const before = ledgerOf(client.world).state_revision;

    const output = await apply(client, NEXT);

    expect(output).toMatchObject({ outcome: "noop", state_written: false });
    expect(intents(client)).toEqual([]);
    expect(ledgerOf(client.world).state_revision).toBe(before);
  });

  test("that landed is recorded once, with who did it, and loads since do not matter (J3, R1)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    await land(client);
    await loadPeople(client, "people", "ada");

    const output = await refresh(client, NEXT);
    const settled = storedObjects(client.world);
    await refresh(client, NEXT);

    expect(reportsOf(output)).toContain("cluster_recovery_rolled_forward graph.people");
    const state = ledgerOf(client.world);
    expect(state.recovery_records[OPERATION]).toMatchObject({
      kind: "schema_apply",
      graph_id: "people",
      outcome: "rolled_forward",
      actor: "bob",
    });
    expect(state.applied_revision.resources["schema.people"]?.digest).toBe(sha256(PERSON_WITH_NOTE));
    expect(state.resource_statuses["schema.people"]).toEqual({ status: "applied" });
    expect(intents(client)).toEqual([]);
    expect(storedObjects(client.world)).toEqual(settled);
    expect(historyOf(client.world).some((each) => each.kind === "recovery")).toBe(true);
  });

  test("that landed and was overtaken is kept until a refresh has recorded the head (J4)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    await land(client);
    await migrateBehind(client, "people", `${PERSON_WITH_NOTE}node Pet {\n  name: String @key\n}\n`);

    const blocked = await apply(client, NEXT);
    const kept = intents(client);
    await refresh(client, NEXT);
    const output = await apply(client, NEXT);

    expect(reportsOf(blocked)).toContain("cluster_recovery_pending graph.people");
    expect(changesOf(blocked)).toContain("update schema.people: blocked (cluster_recovery_pending)");
    expect(blocked.resource_statuses["graph.people"]).toMatchObject({
      status: "drifted",
      conditions: ["actual_applied_state_pending"],
    });
    expect(kept).toHaveLength(1);
    expect(output.converged).toBe(true);
    expect(intents(client)).toEqual([]);
    expect(ledgerOf(client.world).resource_statuses["graph.people"]).toEqual({ status: "applied" });
  });

  test("whose status was pending becomes applied with the sweep that retires it, not later (W24)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    await land(client);
    await migrateBehind(client, "people", PERSON);
    await refresh(client, CONFIG);
    expect(ledgerOf(client.world).resource_statuses["graph.people"]?.status).toBe("drifted");

    const output = await apply(client, CONFIG);

    expect(output.converged).toBe(true);
    expect(output.resource_statuses["graph.people"]).toEqual({ status: "applied" });
  });

  test("whose version another operation took can never land and is retired (J5)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    await loadPeople(client, "people", "ada");

    const output = await apply(client, CONFIG);

    expect(output).toMatchObject({ outcome: "noop", converged: true });
    expect(intents(client)).toEqual([]);
  });

  test("on a version that the graph does not have is a contradiction and kept (J0)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, { observed_manifest_version: 7, expected_manifest_version: 8 });

    const output = await apply(client, NEXT);

    expect(reportsOf(output)).toContain("cluster_recovery_pending graph.people");
    expect(intents(client)).toHaveLength(1);
    expect((await headOf(client, "people")).version).toBe(1);
  });

  test("of a graph that cannot be read is kept, and nothing of the graph is touched (J6)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    const blind = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("graphs/people.omni/") ? "fail" : "act")),
    );
    const before = keysBelow(client.world, "graphs/");

    const output = await apply(blind, NEXT);

    expect(reportsOf(output)).toContain("cluster_recovery_pending graph.people");
    expect(intents(client)).toHaveLength(1);
    expect(keysBelow(client.world, "graphs/")).toEqual(before);
  });

  test("is judged together with the others of its graph: an effect of one of them is no foreign move (J3)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    await land(client);
    const second = "01BX5ZZKBKACTAV9WEVGEMMVS0" as OperationId;
    putIntent(client, { operation_id: second, observed_manifest_version: 2, expected_manifest_version: 3 });
    const outcome = await client.ports.engine.migrate({
      graph: "people" as GraphId,
      expect: 2,
      operation_id: second,
      run_id: client.ports.ids.next() as RunId,
      actor: "bob",
      schema_source: PERSON,
      data_loss: false,
    });
    expect(outcome.tag).toBe("done");

    const output = await apply(client, CONFIG);

    expect(output.converged).toBe(true);
    expect(Object.keys(ledgerOf(client.world).recovery_records)).toEqual([OPERATION, second]);
    expect(intents(client)).toEqual([]);
  });

  test("of a delete, judged together with that of the create after it, leaves nothing of the earlier life recorded (J3)", async () => {
    const client = await appliedWorld(CONFIG);
    const { engine, ids } = client.ports;
    const run_id = ids.next() as RunId;
    const second = "01BX5ZZKBKACTAV9WEVGEMMVS0" as OperationId;
    const on = (expect: number, operation_id: OperationId) => ({
      ...{ graph: "people" as GraphId, expect, operation_id, run_id, actor: "bob" },
    });
    const deletes = { kind: "graph_delete", expected_manifest_version: null } as const;
    putIntent(client, { ...deletes, desired_schema_digest: "", approval_id: ids.next() });
    expect((await engine.remove(on(1, OPERATION))).tag).toBe("done");
    putIntent(client, {
      ...{ kind: "graph_create", operation_id: second },
      ...{ observed_manifest_version: 2, expected_manifest_version: 3 },
    });
    const life = { schema_source: PERSON_WITH_NOTE, incarnation: ids.next() as IncarnationId };
    expect((await engine.create({ ...on(2, second), ...life })).tag).toBe("done");

    const command = { desired: desiredFrom(NEXT), actor: "ana", trigger: "test" };
    expect((await recoverCluster(client.ports, command)).outcome).toBe("done");

    const { applied_revision, recovery_records } = ledgerOf(client.world);
    expect(Object.keys(recovery_records)).toEqual([OPERATION, second]);
    expect(Object.keys(applied_revision.resources)).toEqual(["graph.people", "schema.people"]);
    expect(intents(client)).toEqual([]);
    expect((await apply(client, NEXT)).converged).toBe(true);
  });

  test("is only warned about by plan and status, which settle nothing", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, {});
    const before = storedObjects(client.world);

    const made = await plan(client, NEXT);
    const seen = await status(client);

    expect(codesOf(made.output, "warning")).toContain("cluster_recovery_pending");
    expect(codesOf(seen, "warning")).toContain("cluster_recovery_pending");
    expect(changesOf(made.output)).toContain("update schema.people: blocked (cluster_recovery_pending)");
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("that is not seen because the list failed stops the run (W4)", async () => {
    const client = await appliedWorld(CONFIG);
    const blind = openClient(
      client.world,
      interfering((call) => (call.verb === "list" && call.key === RECOVERIES ? "fail" : "act")),
    );

    const outputs = [
      await apply(blind, NEXT),
      await refresh(blind, CONFIG),
      (await plan(blind, NEXT)).output,
    ];

    for (const output of outputs) expect(codesOf(output, "error")).toEqual(["recovery_sidecar_read_error"]);
    expect((await headOf(client, "people")).version).toBe(1);
  });
});
