/** The ledger behaves as one register under clients who lose answers (L8), and the check of that notices if it does not. */
import { describe, expect, test } from "vitest";
import { laggingReads } from "./lagging-reads.ts";
import { ledgerHistory } from "./ledger-history.ts";
import { linearize, type RegisterCall, UNWRITTEN } from "./linearizability.ts";

const HISTORIES = 32;
const OPTIONS = { clients: 6, calls: 240 };
const CALLS_MIN = 150;

describe("reads and commits of the ledger", () => {
  test("have an order in which every answer is true, also where answers were lost (L8, L4, L5)", async () => {
    let calls = 0;
    let unknown = 0;
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const history = await ledgerHistory(seed, OPTIONS);
      expect({ seed, stuck: linearize(history) }).toEqual({ seed, stuck: null });
      calls += history.length;
      unknown += history.filter((call) => call.end === Number.POSITIVE_INFINITY).length;
    }
    expect(calls / HISTORIES).toBeGreaterThan(CALLS_MIN);
    expect(unknown).toBeGreaterThan(HISTORIES / 2);
  });

  test("have no such order over a store whose reads lag behind (L8)", async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const history = await ledgerHistory(seed, { ...OPTIONS, ports: laggingReads });
      expect(linearize(history)).not.toBeNull();
    }
  });
});

describe("the check of a register", () => {
  const read = (value: string, start: number, end: number): RegisterCall => ({
    ...{ client: "r", start, end },
    what: { kind: "read", value },
  });
  const commit = (
    base: string,
    value: string,
    start: number,
    end = Number.POSITIVE_INFINITY,
  ): RegisterCall => ({
    ...{ client: "w", start, end },
    what: { kind: "commit", base, value, result: end === Number.POSITIVE_INFINITY ? "unknown" : "landed" },
  });

  test("lets a commit of unknown outcome take effect later or never", () => {
    expect(linearize([commit(UNWRITTEN, "a", 1), read(UNWRITTEN, 2, 3)])).toBeNull();
    expect(linearize([commit(UNWRITTEN, "a", 1), read(UNWRITTEN, 2, 3), read("a", 4, 5)])).toBeNull();
  });

  test("finds a stale read, a lost commit and two commits on one base", () => {
    expect(linearize([commit(UNWRITTEN, "a", 1, 2), read(UNWRITTEN, 3, 4)])).not.toBeNull();
    expect(linearize([commit(UNWRITTEN, "a", 1), read("a", 2, 3), read(UNWRITTEN, 4, 5)])).not.toBeNull();
    expect(linearize([commit(UNWRITTEN, "a", 1, 4), commit(UNWRITTEN, "b", 2, 3)])).not.toBeNull();
  });

  test("lets calls that overlap go in either order", () => {
    expect(linearize([commit(UNWRITTEN, "a", 1, 6), read(UNWRITTEN, 2, 3), read("a", 4, 5)])).toBeNull();
    expect(linearize([commit(UNWRITTEN, "a", 1, 6), read("a", 2, 3), read(UNWRITTEN, 4, 5)])).not.toBeNull();
  });
});
