/** A run that stops at its deadline goes on later under the same id and with the same plan (design 7). */
import { describe, expect, test } from "vitest";
import type { ApplyCommand } from "../../lib/apply/run-apply.ts";
import { applyUntil } from "../../lib/apply/runs/recorded-apply.ts";
import { decodeRunRecord } from "../../lib/apply/runs/run-record.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { createSteppedClock } from "../../lib/memory/clock.ts";
import { cancelRun } from "../../lib/operate/cancel-run.ts";
import {
  applyCommand,
  type Client,
  codesOf,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  newWorld,
  openClient,
  planned,
  refresh,
  reportsOf,
  rowsOf,
  status,
  storedObjects,
} from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering, pausedAt } from "./faults.ts";
import { chainOf, expectConverged, historyOf } from "./invariants.ts";
import {
  AFTER,
  AFTER_FILES,
  GRAPHS,
  goOn,
  loadedWorld,
  recordOf,
  stopAfter,
  stoppedRun,
} from "./stopped-run.ts";

const START_MS = Date.UTC(2026, 0, 1);
const EFFECT_MS = 20_000;
const DEADLINE_MS = 30_000;
const THREE = { graphs: { a: { schema: PERSON }, b: { schema: PERSON }, c: { schema: PERSON } } };

/** A cluster whose every effect takes a while, and nothing else any time. */
async function slowCluster(): Promise<{ readonly client: Client; readonly slow: Partial<ApplyCommand> }> {
  const clock = createSteppedClock(START_MS);
  const client = openClient({ ...newWorld(), clock });
  await importCluster(client, THREE);
  const slow: Partial<ApplyCommand> = {
    progress: (step) => {
      if (step.tag === "effect_started") clock.advance(EFFECT_MS);
    },
  };
  return { client, slow };
}

describe("a run with a deadline over three graphs", () => {
  test("stops before the effect that may not be over in time, and says what is done and how to go on", async () => {
    const { client, slow } = await slowCluster();

    const output = await applyUntil(client.ports, applyCommand(THREE, slow), DEADLINE_MS);

    expect(output).toMatchObject({ ok: true, outcome: "continuing", converged: false, state_written: true });
    expect(codesOf(output)).toContain("run_continues");
    expect(output.diagnostics.at(-1)?.fix).toContain(`graphform apply --continue ${output.run_id}`);
    expect(Object.keys(ledgerOf(client.world).applied_revision.resources)).toEqual(["graph.a", "schema.a"]);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(recordOf(client.world, output.run_id)).toMatchObject({
      state: "continuing",
      outcome: null,
      plan_id: output.plan_id,
      attempts: [{ number: 1, stop_after_ms: DEADLINE_MS, ended_at: expect.any(String) }],
    });
    expect((await status(client)).ok).toBe(true);
  });

  test("begins all of them if there is time, and its record ends", async () => {
    const { client, slow } = await slowCluster();

    const output = await applyUntil(client.ports, applyCommand(THREE, slow), 10 * DEADLINE_MS);

    expect(output).toMatchObject({ ok: true, outcome: "applied", converged: true });
    expect(recordOf(client.world, output.run_id)).toMatchObject({ state: "ended", outcome: "applied" });
    expect(keysBelow(client.world, "__graphform/open-runs/")).toEqual([]);
  });

  test("whose time is over before the first of them has done nothing, and goes on", async () => {
    const { client, slow } = await slowCluster();

    const output = await applyUntil(
      client.ports,
      applyCommand(THREE, { ...slow, interrupted: () => true }),
      DEADLINE_MS,
    );
    const again = await goOn(client, output.run_id, THREE);

    expect(output.outcome).toBe("continuing");
    expect(again).toMatchObject({ outcome: "applied", converged: true });
  });

  test("that has nothing to do leaves no record, and neither does one without a deadline", async () => {
    const { client } = await slowCluster();
    await applyUntil(client.ports, applyCommand(THREE), DEADLINE_MS);
    const runs = keysBelow(client.world, "__graphform/runs/");
    const before = storedObjects(client.world);

    const output = await applyUntil(client.ports, applyCommand(THREE), DEADLINE_MS);

    expect(output.outcome).toBe("noop");
    expect(runs).toHaveLength(1);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("that is not consented to leaves no record", async () => {
    const { client } = await slowCluster();

    const output = await applyUntil(
      client.ports,
      applyCommand(THREE, { consent: () => Promise.resolve(false) }),
      DEADLINE_MS,
    );

    expect(codesOf(output, "error")).toEqual(["apply_declined"]);
    expect(keysBelow(client.world, "__graphform/runs/")).toEqual([]);
  });
});

describe("a run whose record", () => {
  const unwritable = (client: Client, verb: "putIfAbsent" | "replace") =>
    openClient(
      client.world,
      interfering((call) =>
        call.verb === verb && call.key.startsWith("__graphform/runs/") ? "fail" : "act",
      ),
    );

  test("cannot be put changes nothing, and its plan is not used up", async () => {
    const client = await loadedWorld();
    const reviewed = await planned(client, AFTER);
    const before = ledgerOf(client.world);

    const output = await stoppedRun(unwritable(client, "putIfAbsent"), { reviewed });

    expect(output.outcome).toBe("refused");
    expect(codesOf(output, "error")).toEqual(["run_record_write_error"]);
    expect(ledgerOf(client.world)).toEqual(before);
    expect((await stoppedRun(client, { reviewed })).outcome).toBe("continuing");
  });

  test("cannot be brought to its end has done what it did, and goes on as one that died", async () => {
    const client = await loadedWorld();

    const stopped = await stoppedRun(unwritable(client, "replace"));
    const output = await goOn(client, stopped.run_id);

    expect(stopped).toMatchObject({ ok: true, outcome: "continuing" });
    expect(codesOf(stopped, "warning")).toContain("run_record_write_error");
    expect(output).toMatchObject({ outcome: "applied", converged: true });
    expect(recordOf(client.world, stopped.run_id).attempts[0]).toMatchObject({ ended_at: null });
  });
});

describe("a run that goes on", () => {
  test("finishes under the same run id and plan, with a receipt of each attempt's actor, and ends once", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);

    const output = await goOn(client, stopped.run_id);

    expect(output).toMatchObject({ ok: true, outcome: "applied", converged: true, run_id: stopped.run_id });
    expect(output.plan_id).toBe(stopped.plan_id);
    const own = historyOf(client.world).filter((each) => each.run_id === stopped.run_id);
    expect(new Set(own.map((each) => each.plan_id))).toEqual(new Set([stopped.plan_id]));
    expect(own.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      "begin ana",
      "final ana",
      "begin eve",
      "final eve",
    ]);
    expect(recordOf(client.world, stopped.run_id)).toMatchObject({
      state: "ended",
      outcome: "applied",
      attempts: [{ actor: "ana" }, { actor: "eve" }],
    });
    await expectConverged(client.world, GRAPHS);
    expect(codesOf(await goOn(client, stopped.run_id), "error")).toEqual(["run_ended"]);
  });

  test("runs a reviewed plan to its end, and the plan is used up for everybody else (A5)", async () => {
    const client = await loadedWorld();
    const reviewed = await planned(client, AFTER);
    const stopped = await stoppedRun(client, { reviewed });
    const other = await stoppedRun(client, { reviewed });

    const output = await goOn(client, stopped.run_id);

    expect(codesOf(other, "error")).toEqual(["plan_already_used"]);
    expect(output).toMatchObject({ outcome: "applied", plan_id: reviewed.plan_id });
  });

  test("may stop again and again", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    const second = await goOn(client, stopped.run_id, AFTER, stopAfter(1));
    const third = await goOn(client, stopped.run_id);

    expect([second.outcome, third.outcome]).toEqual(["continuing", "applied"]);
    expect(recordOf(client.world, stopped.run_id).attempts).toHaveLength(3);
    await expectConverged(client.world, GRAPHS);
  });

  test("is not disturbed by loads and a refresh in between (design 5)", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    await loadPeople(client, "staff", "zoe");
    await loadPeople(client, "shop", "mia");
    await refresh(client, AFTER);

    const output = await goOn(client, stopped.run_id);

    expect(output.outcome).toBe("applied");
    expect([await rowsOf(client, "staff"), await rowsOf(client, "shop")]).toEqual([2, 1]);
  });

  test("in a world that has moved meanwhile is refused, names what moved, and ends (A5)", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    await migrateBehind(client, "staff", PERSON_WITH_NOTE.replace("note", "remark"));
    await refresh(client, AFTER);

    const output = await goOn(client, stopped.run_id);

    expect(codesOf(output, "error")).not.toContain("plan_already_used");
    expect(reportsOf(output)).toContain("plan_stale schema.staff");
    expect(reportsOf(output)).not.toContain("plan_stale schema.people");
    expect(reportsOf(output)).not.toContain("plan_stale graph.shop");
    expect(recordOf(client.world, stopped.run_id)).toMatchObject({ state: "ended", outcome: "partial" });
    expect((await headOf(client, "people")).cause).toBe("load");
  });

  test("with another config is refused before anything is looked at, and stays open", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);

    const output = await goOn(client, stopped.run_id, { ...AFTER_FILES, name: "other" });

    expect(codesOf(output, "error")).toEqual(["run_config_mismatch"]);
    expect(recordOf(client.world, stopped.run_id).state).toBe("continuing");
  });

  test("without a record, or with one that cannot be read, is refused", async () => {
    const client = await loadedWorld();
    const unknown = client.ports.ids.next() as RunId;
    const deaf = openClient(client.world, { ...pausedAt(0, "before"), before: () => "fail" });

    expect(codesOf(await goOn(client, unknown), "error")).toEqual(["run_not_found"]);
    expect(codesOf(await goOn(deaf, unknown), "error")).toEqual(["run_record_read_error"]);
    expect(decodeRunRecord(new Uint8Array()).tag).toBe("invalid");
  });
});

describe("a run that is canceled", () => {
  test("is given up where it stands, and nobody goes on with it", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    const before = ledgerOf(client.world);

    const canceled = await cancelRun(client.ports, stopped.run_id);

    expect(canceled.run).toMatchObject({ state: "ended", outcome: "canceled" });
    expect(ledgerOf(client.world)).toEqual(before);
    expect(keysBelow(client.world, "__graphform/open-runs/")).toEqual([]);
    expect(codesOf(await goOn(client, stopped.run_id), "error")).toEqual(["run_ended"]);
    expect(codesOf(await cancelRun(client.ports, stopped.run_id))).toEqual(["run_ended"]);
  });

  test("is left alone while a process works on it, and if nobody can tell", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    const pause = pausedAt(25, "before");
    const running = goOn(openClient(client.world, pause), stopped.run_id);
    await pause.reached;
    const deaf = openClient(
      client.world,
      interfering(({ verb }) => (verb === "lease.read" ? "fail" : "act")),
    );

    const answers = [
      await cancelRun(client.ports, stopped.run_id),
      await cancelRun(deaf.ports, stopped.run_id),
    ];
    pause.resume();

    expect(answers.flatMap((each) => codesOf(each))).toEqual(["run_taken_over", "run_record_read_error"]);
    expect((await running).outcome).toBe("applied");
  });
});

describe("two that go on with one run", () => {
  test("at once: one of them runs, and no effect happens twice (K2)", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    const others = [openClient(client.world), openClient(client.world)];

    const outputs = await Promise.all(others.map((each) => goOn(each, stopped.run_id)));

    expect(outputs.map((each) => each.outcome).sort()).toEqual(["applied", "refused"]);
    const refused = outputs.find((each) => each.outcome === "refused")!;
    expect(codesOf(refused, "error")).toEqual(["state_lock_held"]);
    for (const graph of ["people", "staff"]) {
      const migrations = (await chainOf(client, graph)).filter((each) => each.cause === "migrate");
      expect(migrations).toHaveLength(1);
    }
  });

  test("after both have read its record: the second finds that it has been taken over", async () => {
    const client = await loadedWorld();
    const stopped = await stoppedRun(client);
    // The first call reads the record; the second process sleeps right after it.
    const pause = pausedAt(1, "after");
    const sleeper = goOn(openClient(client.world, pause), stopped.run_id);
    await pause.reached;
    const first = await goOn(client, stopped.run_id);
    pause.resume();

    const second = await sleeper;

    expect(first.outcome).toBe("applied");
    expect(codesOf(second, "error")).toEqual(["run_taken_over"]);
    await expectConverged(client.world, GRAPHS);
  });
});
