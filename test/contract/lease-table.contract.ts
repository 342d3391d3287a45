/** The contract of lib/ports/lease-table as tests, for every adapter: two clients on one table and one clock. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LockId, RunId } from "../../lib/digest/ids.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import type { LeaseItem, LeaseRequest, LeaseTable } from "../../lib/ports/lease-table.ts";

export interface LeaseTableFixture {
  readonly a: LeaseTable;
  readonly b: LeaseTable;
  /** Moves the clock that both clients read. */
  advance(durationMs: number): void;
  close(): Promise<void>;
}

const DURATION_MS = 60_000;

/** Runs the suite against tables that `open` makes. */
export function leaseTableContract(adapter: string, open: () => Promise<LeaseTableFixture>): void {
  describe(`lease table on ${adapter}`, () => {
    let fixture: LeaseTableFixture;
    let a: LeaseTable;
    let b: LeaseTable;
    const ids = createCountingIds();
    beforeEach(async () => {
      fixture = await open();
      ({ a, b } = fixture);
    });
    afterEach(() => fixture.close());

    const request = (owner: string, tokenFloor = 0): LeaseRequest => ({
      lock_id: ids.next() as LockId,
      owner,
      operation: "apply",
      run_id: ids.next() as RunId,
      token_floor: tokenFloor,
      duration_ms: DURATION_MS,
    });
    const take = async (table: LeaseTable, wanted: LeaseRequest): Promise<LeaseItem> => {
      const outcome = await table.acquire(wanted);
      if (outcome.tag !== "done") throw new Error(`acquire was ${outcome.tag}`);
      return outcome.value.item;
    };

    it("is held by nobody at first", async () => {
      expect(await a.read()).toEqual({ tag: "read", holder: null, token: 0 });
    });

    it("shows every client who holds it", async () => {
      const item = await take(a, request("one"));
      expect(await b.read()).toEqual({ tag: "read", holder: item, token: item.token });
      expect(item.owner).toBe("one");
      expect(item.operation).toBe("apply");
    });

    it("refuses a second holder and shows the first (K2)", async () => {
      const item = await take(a, request("one"));
      expect(await b.acquire(request("two"))).toEqual({ tag: "refused", current: item });
    });

    it("lets exactly one of many contenders acquire it (K2)", async () => {
      const outcomes = await Promise.all(
        [a, b, a, b, a, b].map((table, n) => table.acquire(request(`${n}`))),
      );
      expect(outcomes.filter((each) => each.tag === "done")).toHaveLength(1);
    });

    it("answers an own holding that is met again as done, with the same token", async () => {
      const wanted = request("one");
      const item = await take(a, wanted);
      expect(await b.acquire(wanted)).toEqual({ tag: "done", value: { item, displaced: null } });
    });

    it("can be taken over once the deadline has passed, not before, and says from whom (K5)", async () => {
      const first = await take(a, request("one"));
      fixture.advance(DURATION_MS - 1);
      expect((await b.acquire(request("two"))).tag).toBe("refused");
      fixture.advance(2);
      const outcome = await b.acquire(request("two"));
      expect(outcome.tag === "done" ? outcome.value.displaced : outcome).toEqual(first);
    });

    it("gives strictly increasing tokens over releases, breaks and take-overs (K1)", async () => {
      const tokens: number[] = [];
      const first = await take(a, request("one"));
      tokens.push(first.token);
      await a.release(first.lock_id);
      const second = await take(b, request("two"));
      tokens.push(second.token);
      await a.break(second.lock_id);
      const third = await take(a, request("three"));
      tokens.push(third.token);
      fixture.advance(DURATION_MS + 1);
      tokens.push((await take(b, request("four"))).token);
      expect(tokens).toEqual([...new Set(tokens)].sort((x, y) => x - y));
    });

    it("starts above the token that the ledger knows, also when the table was lost (K1)", async () => {
      expect((await take(a, request("one", 41))).token).toBe(42);
    });

    it("moves the deadline of its holder when it is renewed", async () => {
      const item = await take(a, request("one"));
      fixture.advance(DURATION_MS - 1);
      const renewed = await a.renew(item.lock_id, DURATION_MS);
      fixture.advance(DURATION_MS - 1);
      expect(renewed.tag).toBe("done");
      expect((await b.acquire(request("two"))).tag).toBe("refused");
    });

    it("refuses to renew or release what another holds (K3)", async () => {
      const first = await take(a, request("one"));
      fixture.advance(DURATION_MS + 1);
      const second = await take(b, request("two"));
      expect(await a.renew(first.lock_id, DURATION_MS)).toEqual({ tag: "refused", current: second });
      expect(await a.release(first.lock_id)).toEqual({ tag: "refused", current: second });
      expect((await b.read()).tag === "read" && (await b.read())).toMatchObject({ holder: second });
    });

    it("is free after a release", async () => {
      const item = await take(a, request("one"));
      expect(await a.release(item.lock_id)).toEqual({ tag: "done", value: null });
      expect((await b.acquire(request("two"))).tag).toBe("done");
    });

    it("breaks the holding that is named, raises the token, and no other (K3)", async () => {
      const item = await take(a, request("one"));
      expect((await b.break(ids.next() as LockId)).tag).toBe("refused");
      expect(await b.break(item.lock_id)).toEqual({ tag: "done", value: item });
      const read = await a.read();
      expect(read).toEqual({ tag: "read", holder: null, token: item.token + 1 });
      expect((await a.release(item.lock_id)).tag).toBe("refused");
    });

    it("remembers its holders' lock ids and knows no others", async () => {
      const first = await take(a, request("one"));
      await a.release(first.lock_id);
      const second = await take(b, request("two"));
      expect(await b.knows(first.lock_id)).toBe("yes");
      expect(await a.knows(second.lock_id)).toBe("yes");
      expect(await a.knows(ids.next() as LockId)).toBe("no");
    });
  });
}
