/** The contract of lib/ports/ledger-store as tests, for every adapter: two clients on one backend. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitId } from "../../lib/digest/ids.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import type { LedgerCommitOutcome, LedgerStore } from "../../lib/ports/ledger-store.ts";
import type { Version } from "../../lib/ports/object-store.ts";

export interface LedgerStoreFixture {
  readonly a: LedgerStore;
  readonly b: LedgerStore;
  close(): Promise<void>;
}

interface TestDocument {
  readonly state_revision: number;
  readonly commit_id: string;
  readonly parent: string | null;
}

function encode(document: TestDocument): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`);
}

/** Runs the suite against backends that `open` makes. */
export function ledgerStoreContract(adapter: string, open: () => Promise<LedgerStoreFixture>): void {
  describe(`ledger store on ${adapter}`, () => {
    let fixture: LedgerStoreFixture;
    let a: LedgerStore;
    let b: LedgerStore;
    const ids = createCountingIds();
    beforeEach(async () => {
      fixture = await open();
      ({ a, b } = fixture);
    });
    afterEach(() => fixture.close());

    const commit = (
      store: LedgerStore,
      revision: number,
      base: Version | null,
      commitId = ids.next(),
    ): Promise<LedgerCommitOutcome> => {
      const bytes = encode({ state_revision: revision, commit_id: commitId, parent: base });
      return store.commit({ revision, commit_id: commitId as CommitId, base, bytes });
    };
    const landed = async (outcome: Promise<LedgerCommitOutcome>): Promise<Version> => {
      const settled = await outcome;
      if (settled.tag !== "done") throw new Error(`commit was ${settled.tag}`);
      return settled.value;
    };

    it("answers absent before the first commit", async () => {
      expect(await a.read()).toEqual({ tag: "absent" });
    });

    it("shows every client the newest commit, byte for byte (L8)", async () => {
      const first = await landed(commit(a, 1, null, "one"));
      const second = await landed(commit(b, 2, first, "two"));
      const bytes = encode({ state_revision: 2, commit_id: "two", parent: first });
      for (const client of [a, b]) {
        const read = await client.read();
        expect(read.tag === "found" ? Buffer.compare(read.bytes, bytes) : read).toBe(0);
        expect(read.tag === "found" ? read.version : read).toBe(second);
      }
    });

    it("refuses a commit on a base that has been built upon, and shows what is there (L3)", async () => {
      const first = await landed(commit(a, 1, null));
      const second = await landed(commit(b, 2, first));
      const late = await commit(a, 2, first);
      expect(late.tag).toBe("refused");
      const current = late.tag === "refused" ? late.current : null;
      expect(current?.tag === "found" ? current.version : current).toBe(second);
    });

    it("refuses a first commit where a ledger is", async () => {
      await landed(commit(a, 1, null));
      expect((await commit(b, 1, null)).tag).toBe("refused");
    });

    it("refuses a commit on a base when there is no ledger", async () => {
      const base = await landed(commit(a, 1, null));
      const other = await open();
      const outcome = await commit(other.a, 2, base);
      await other.close();
      expect(outcome.tag === "refused" ? outcome.current : outcome).toEqual({ tag: "absent" });
    });

    it("lets at most one commit land on each base, however many contend (L1, L3)", async () => {
      let base: Version | null = null;
      for (let revision = 1; revision <= 5; revision += 1) {
        const outcomes: LedgerCommitOutcome[] = await Promise.all(
          [a, b, a, b].map((store) => commit(store, revision, base)),
        );
        const winners: Version[] = outcomes.flatMap((each) => (each.tag === "done" ? [each.value] : []));
        expect(winners).toHaveLength(1);
        base = winners[0] ?? null;
        const read = await b.read();
        expect(read.tag === "found" ? read.version : read).toBe(base);
      }
    });

    it("takes a commit whose revision is far above its base, as import makes it", async () => {
      const first = await landed(commit(a, 1, null));
      const jump = await landed(commit(b, 9, first));
      expect((await commit(a, 2, first)).tag).toBe("refused");
      const next = await landed(commit(a, 10, jump));
      const read = await b.read();
      expect(read.tag === "found" ? read.version : read).toBe(next);
    });

    it("takes the body at the call", async () => {
      const bytes = encode({ state_revision: 1, commit_id: "one", parent: null });
      const copy = Uint8Array.from(bytes);
      const pending = a.commit({ revision: 1, commit_id: "one" as CommitId, base: null, bytes });
      bytes.fill(0x20);
      await pending;
      const read = await b.read();
      expect(read.tag === "found" ? Buffer.compare(read.bytes, copy) : read).toBe(0);
    });
  });
}
