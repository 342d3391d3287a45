/** The contract of lib/ports/work-queue as tests, for every adapter: two clients on one queue. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueuedMessage, WorkQueue } from "../../lib/ports/work-queue.ts";

export interface WorkQueueFixture {
  readonly a: WorkQueue;
  readonly b: WorkQueue;
  /** How long a message stays invisible once it was handed out: seconds on a real clock, anything on one of our own. */
  readonly visibilityMs: number;
  /** Lets so much time go by for the queue. */
  pass(durationMs: number): Promise<void>;
  /** True if minutes can go by in no time. */
  readonly timeIsFree: boolean;
  close(): Promise<void>;
}

const MARGIN_MS = 200;
const DEDUPLICATION_MS = 5 * 60 * 1000;

/** Runs the suite against queues that `open` makes. */
export function workQueueContract(adapter: string, open: () => Promise<WorkQueueFixture>): void {
  describe(`work queue on ${adapter}`, () => {
    let fixture: WorkQueueFixture;
    let a: WorkQueue;
    let b: WorkQueue;
    let sent = 0;
    beforeEach(async () => {
      fixture = await open();
      ({ a, b } = fixture);
    });
    afterEach(() => fixture.close());

    const send = async (body: string, group: string, id?: string): Promise<void> => {
      sent += 1;
      const request = { body, group, deduplication_id: id ?? `message-${sent}` };
      expect(await a.send(request)).toEqual({ tag: "done", value: null });
    };
    const receive = async (queue: WorkQueue): Promise<readonly QueuedMessage[]> => {
      const outcome = await queue.receive(0);
      if (outcome.tag !== "received") throw new Error(outcome.reason);
      return outcome.messages;
    };
    const bodies = (messages: readonly QueuedMessage[]): readonly string[] =>
      messages.map((message) => message.body);
    const one = async (queue: WorkQueue): Promise<QueuedMessage> => {
      const [message] = await receive(queue);
      if (message === undefined) throw new Error("nothing was received");
      return message;
    };
    /** Everything that there is, acknowledged as it comes. */
    const drain = async (): Promise<readonly string[]> => {
      const seen: string[] = [];
      for (let messages = await receive(b); messages.length > 0; messages = await receive(b)) {
        seen.push(...bodies(messages));
        for (const { receipt } of messages) expect((await b.acknowledge(receipt)).tag).toBe("done");
      }
      return seen;
    };

    it("hands out nothing when nothing was sent", async () => {
      expect(await receive(a)).toEqual([]);
    });

    it("hands another client what was sent, as its first delivery", async () => {
      await send('{"kind":"drain"}', "one");
      expect(await one(b)).toMatchObject({ body: '{"kind":"drain"}', deliveries: 1 });
    });

    it("hands out a message only once while its visibility lasts", async () => {
      await send("first", "one");
      expect(bodies(await receive(a))).toEqual(["first"]);
      expect(await receive(b)).toEqual([]);
    });

    it("hands a message out again after its visibility, and counts", async () => {
      await send("first", "one");
      await one(a);
      await fixture.pass(fixture.visibilityMs + MARGIN_MS);
      expect(await one(b)).toMatchObject({ body: "first", deliveries: 2 });
    });

    it("keeps a group waiting while one of its messages is in flight, and no other group", async () => {
      await send("first", "one");
      await send("second", "one");
      const first = await one(a);
      await send("other", "two");
      expect(bodies(await receive(b))).toEqual(["other"]);
      expect(await receive(b)).toEqual([]);
      await a.acknowledge(first.receipt);
      expect(bodies(await receive(b))).toEqual(["second"]);
    });

    it("hands out at most one message of a group at a time, oldest first", async () => {
      for (const body of ["1", "2", "3"]) await send(body, "one");
      expect(bodies(await receive(a))).toEqual(["1"]);
      await fixture.pass(fixture.visibilityMs + MARGIN_MS);
      expect(await drain()).toEqual(["1", "2", "3"]);
    });

    it("is over once it was acknowledged", async () => {
      await send("first", "one");
      expect(await a.acknowledge((await one(a)).receipt)).toEqual({ tag: "done", value: null });
      await fixture.pass(fixture.visibilityMs + MARGIN_MS);
      expect(await receive(b)).toEqual([]);
    });

    it("refuses to acknowledge or extend what was handed out again meanwhile, which stays in flight", async () => {
      await send("first", "one");
      const late = await one(a);
      await fixture.pass(fixture.visibilityMs + MARGIN_MS);
      const again = await one(b);
      expect(await a.acknowledge(late.receipt)).toEqual({ tag: "refused", current: "expired" });
      expect(await a.extend(late.receipt, fixture.visibilityMs)).toEqual({
        tag: "refused",
        current: "expired",
      });
      expect(await receive(a)).toEqual([]);
      expect((await b.acknowledge(again.receipt)).tag).toBe("done");
    });

    it("stays invisible for as long as it is extended", async () => {
      await send("first", "one");
      const message = await one(a);
      const longer = fixture.visibilityMs * 3;
      expect(await a.extend(message.receipt, longer)).toEqual({ tag: "done", value: null });
      await fixture.pass(fixture.visibilityMs + MARGIN_MS);
      expect(await receive(b)).toEqual([]);
      expect(await a.acknowledge(message.receipt)).toEqual({ tag: "done", value: null });
    });

    it("is handed out again at once when it is extended by nothing", async () => {
      await send("first", "one");
      expect((await a.extend((await one(a)).receipt, 0)).tag).toBe("done");
      expect(await one(b)).toMatchObject({ body: "first", deliveries: 2 });
    });

    it("takes two messages of one id as one, also after the first is over", async () => {
      await send("first", "one", "same");
      await send("first", "one", "same");
      expect(await drain()).toEqual(["first"]);
      await send("first", "one", "same");
      expect(await drain()).toEqual([]);
    });

    it("takes a message of the same id as a new one after five minutes", async (context) => {
      if (!fixture.timeIsFree) context.skip("minutes take minutes here");
      await send("first", "one", "same");
      await fixture.pass(DEDUPLICATION_MS + MARGIN_MS);
      await send("second", "one", "same");
      expect(await drain()).toEqual(["first", "second"]);
    });

    it("gives each message to one of many that ask at once", async () => {
      for (let n = 0; n < 6; n += 1) await send(`${n}`, `group ${n}`);
      const outcomes = await Promise.all([a, b, a, b, a, b, a, b].map((queue) => receive(queue)));
      const seen = bodies(outcomes.flat());
      expect([...new Set(seen)]).toHaveLength(seen.length);
    });

    it("hands out what is sent while a receive waits", async () => {
      const waiting = b.receive(5_000);
      await send("first", "one");
      await fixture.pass(1_000);
      const outcome = await waiting;
      expect(outcome.tag === "received" ? bodies(outcome.messages) : outcome).toEqual(["first"]);
    });
  });
}
