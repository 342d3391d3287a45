/** What the simulated world itself promises: the dead stay silent, late requests keep their arguments, time is one's own. */
import { describe, expect, test } from "vitest";
import { storeKey } from "../../lib/ports/object-store.ts";
import { plannedFates } from "./fates.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSimStore } from "./sim-store.ts";
import { newWorld, textAt } from "./world.ts";

const KEY = storeKey("some/key");

function fated(...fates: Parameters<typeof plannedFates>): Scheduler {
  return createScheduler(newWorld(), { seed: 1, faults: plannedFates(...fates) });
}

describe("a process that crashed", () => {
  test.each(["crash_before", "crash_after", "crash_late"] as const)(
    "after %s is never answered again",
    async (fate) => {
      const scheduler = fated([{ actor: "A", ordinal: 0, fate }]);
      const store = createSimStore(scheduler, scheduler.actor("A"));
      let answers = 0;
      void store.putIfAbsent(KEY, Buffer.from("one")).then(() => (answers += 1));
      await scheduler.run();
      void store.get(KEY).then(() => (answers += 1));
      await scheduler.run();
      expect(answers).toBe(0);
      expect(textAt(scheduler.world, KEY)).toBe(fate === "crash_before" ? null : "one");
    },
  );
});

describe("a request whose answer is lost", () => {
  test.each(["error_before", "error_after", "error_late"] as const)(
    "by %s is ambiguous, and acts with the arguments that it was made with",
    async (fate) => {
      const scheduler = fated([{ actor: "A", ordinal: 0, fate }]);
      const store = createSimStore(scheduler, scheduler.actor("A"));
      const body = Buffer.from("one");
      const put = store.putIfAbsent(KEY, body);
      body.write("two");
      await scheduler.run();
      expect((await put).tag).toBe("ambiguous");
      expect(textAt(scheduler.world, KEY)).toBe(fate === "error_before" ? null : "one");
    },
  );

  test("is unavailable if it was a read", async () => {
    const scheduler = fated([{ actor: "A", ordinal: 0, fate: "error_after" }]);
    const answer = createSimStore(scheduler, scheduler.actor("A")).get(KEY);
    await scheduler.run();
    expect((await answer).tag).toBe("unavailable");
  });
});

describe("the clock of an actor", () => {
  test("is as far ahead as its skew, and a timer fires when the world has come that far", async () => {
    const world = newWorld();
    const begun = world.nowMs;
    const scheduler = createScheduler(world, { seed: 1, faults: () => "act", stepMs: () => 1 });
    const clock = createSimClock(scheduler, scheduler.actor("A", { skewMs: 500 }));
    expect(clock.nowMs()).toBe(begun + 500);
    const elapsed = clock.sleep(30_000).then(() => clock.nowMs());
    await scheduler.run();
    expect(await elapsed).toBeGreaterThanOrEqual(begun + 30_500);
  });

  test("gives up a timer at once when it is woken", async () => {
    const scheduler = fated([]);
    const clock = createSimClock(scheduler, scheduler.actor("A"));
    const wake = new AbortController();
    const slept = clock.sleep(60_000, wake.signal);
    wake.abort();
    await slept;
    await scheduler.run();
    expect(scheduler.trace).toEqual([]);
  });
});
