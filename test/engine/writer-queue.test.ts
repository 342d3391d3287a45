/** Writers of one graph take turns within a process (design 6). */
import { describe, expect, it } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import { WRITER_WAIT_MAX_MS } from "../../lib/engine/limits.ts";
import { createWriterQueue } from "../../lib/engine/writer-queue.ts";
import { createSteppedClock } from "../../lib/memory/clock.ts";

const GRAPH = "company" as GraphId;
const OTHER = "other" as GraphId;

describe("writer queue", () => {
  it("runs the writers of one graph one after another in the order of their arrival", async () => {
    const queue = createWriterQueue(createSteppedClock(0));
    const gates = [gate(), gate(), gate()];
    const order: string[] = [];
    const turns = gates.map((each, index) =>
      queue.run(GRAPH, async () => {
        order.push(`begin ${index}`);
        await each.opened;
        order.push(`end ${index}`);
        return index;
      }),
    );
    for (const each of [...gates].reverse()) each.open();
    expect(await Promise.all(turns)).toEqual([0, 1, 2].map((value) => ({ tag: "ran", value })));
    expect(order).toEqual(["begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2"]);
  });

  it("lets writers of different graphs work at the same time", async () => {
    const queue = createWriterQueue(createSteppedClock(0));
    const slow = gate();
    const first = queue.run(GRAPH, () => slow.opened);
    expect(await queue.run(OTHER, () => Promise.resolve("other"))).toEqual({ tag: "ran", value: "other" });
    slow.open();
    expect((await first).tag).toBe("ran");
  });

  it("tells a writer that has waited too long that the graph is busy, and never runs its work", async () => {
    const clock = createSteppedClock(0);
    const queue = createWriterQueue(clock);
    const slow = gate();
    const first = queue.run(GRAPH, () => slow.opened);
    let ran = false;
    const second = queue.run(GRAPH, () => {
      ran = true;
      return Promise.resolve();
    });
    await Promise.resolve();
    clock.advance(WRITER_WAIT_MAX_MS);
    expect(await second).toEqual({ tag: "graph_busy" });
    const third = queue.run(GRAPH, () => Promise.resolve("third"));
    slow.open();
    expect((await first).tag).toBe("ran");
    expect(await third).toEqual({ tag: "ran", value: "third" });
    expect(ran).toBe(false);
  });

  it("gives the turn on when a writer ends with a failure", async () => {
    const queue = createWriterQueue(createSteppedClock(0));
    const failing = queue.run(GRAPH, () => Promise.reject(new Error("a bug")));
    const next = queue.run(GRAPH, () => Promise.resolve("next"));
    await expect(failing).rejects.toThrow("a bug");
    expect(await next).toEqual({ tag: "ran", value: "next" });
  });
});

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
