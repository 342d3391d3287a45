/** What chain and history say of the time since an approval, within bounds; what they do not say is unknown. */
import { describe, expect, test } from "vitest";
import { type LifeQuestion, lifeSince } from "../../lib/apply/approvals/graph-life.ts";
import { pastUse } from "../../lib/apply/approvals/past-use.ts";
import { LIFE_VERSIONS_MAX } from "../../lib/apply/limits.ts";
import type { ApprovedOperation } from "../../lib/approval/evidence.ts";
import { lifeEndings } from "../../lib/approval/match.ts";
import type { ManifestRead } from "../../lib/engine/engine.ts";
import type { ManifestCause } from "../../lib/engine/manifest.ts";
import type { ReadyLedger } from "../../lib/ledger/reading.ts";
import { APPROVAL, BOOKS } from "../approval/sample-approval.ts";
import { LIVE_MANIFEST } from "../engine/manifests.ts";
import { readyLedger } from "../ledger/history-of.ts";
import { appliedWorld } from "./cluster.ts";
import { PERSON } from "./cluster-files.ts";

/** A chain whose versions from 1 on have these causes. */
function chain(...causes: readonly ManifestCause[]) {
  const asked: number[] = [];
  return {
    asked,
    at: (_: unknown, version: number): Promise<ManifestRead> => {
      asked.push(version);
      const cause = causes[version - 1];
      if (cause === undefined) return Promise.resolve({ tag: "absent" });
      return Promise.resolve({ tag: "found", manifest: { ...LIVE_MANIFEST, version, cause }, schema: null });
    },
  };
}

function since(reviewed: number, head: number, operation: ApprovedOperation = "delete"): LifeQuestion {
  return { graph: BOOKS, reviewed, head, endings: lifeEndings(operation) };
}

describe("the life of a graph since a version", () => {
  test("is unbroken by loads, migrations, fences and compactions, and only later versions are read", async () => {
    const engine = chain("create", "remove", "restore", "load", "migrate", "fence", "compact");
    expect(await lifeSince(engine, since(3, 7))).toEqual({ tag: "unbroken" });
    expect(engine.asked).toEqual([4, 5, 6, 7]);
    expect(await lifeSince(engine, since(7, 7))).toEqual({ tag: "unbroken" });
  });

  test("is broken by the first delete or restore", async () => {
    const engine = chain("create", "load", "remove", "restore");
    expect(await lifeSince(engine, since(1, 4))).toEqual({ tag: "broken", cause: "remove", version: 3 });
    expect(await lifeSince(engine, since(3, 4))).toEqual({ tag: "broken", cause: "restore", version: 4 });
  });

  test.each(["data_loss", "purge"] as const)(
    "is broken by a migration for whoever approved a %s: there may be more to destroy since (C5)",
    async (operation) => {
      const engine = chain("create", "load", "migrate");
      expect(await lifeSince(engine, since(1, 3, operation))).toMatchObject({ cause: "migrate", version: 3 });
      expect(await lifeSince(engine, since(1, 2, operation))).toEqual({ tag: "unbroken" });
    },
  );

  test("is not known where a version is missing, unreadable or out of reach, or where there are too many", async () => {
    expect(await lifeSince(chain("create"), since(1, 2))).toMatchObject({ tag: "unknown" });
    expect(await lifeSince(chain("create"), since(2, 1))).toMatchObject({ tag: "unknown" });
    for (const read of [
      { tag: "unreadable", detail: "torn" },
      { tag: "unavailable", reason: "torn" },
    ] as const) {
      const engine = { at: () => Promise.resolve(read) };
      expect(await lifeSince(engine, since(1, 2))).toMatchObject({
        tag: "unknown",
        reason: expect.stringContaining("torn"),
      });
    }
    const engine = chain();
    expect(await lifeSince(engine, since(1, LIFE_VERSIONS_MAX + 2))).toMatchObject({ tag: "unknown" });
    expect(engine.asked).toEqual([]);
  });
});

describe("the use of an approval in the history", () => {
  test("cannot be before it was given, and is not known where the history does not reach down to then", async () => {
    const client = await appliedWorld({ graphs: { books: { schema: PERSON } } });
    const ledger = await readyLedger(client.ports);
    const { revision } = ledger.identity;
    const orphan = { parent_revision: null, parent_commit_id: null, parent_receipt_digest: null };
    const cut: ReadyLedger = { ...ledger, receipt: { ...ledger.receipt!, ...orphan } };
    const use = (of: ReadyLedger | null, given_at: number) => pastUse(client.ports, of, APPROVAL, given_at);

    expect(await use(ledger, 0)).toEqual({ tag: "unused" });
    expect(await use(cut, revision)).toEqual({ tag: "unused" });
    expect(await use(cut, revision - 1)).toEqual({
      tag: "unknown",
      reason: `the history begins at revision ${revision}`,
    });
    expect(await use(cut, 0)).toEqual({ tag: "unused" });
    expect(await use({ ...ledger, receipt: null }, revision - 1)).toMatchObject({ tag: "unknown" });
    expect(await use(null, 0)).toEqual({ tag: "unused" });
    expect(await use(null, 1)).toMatchObject({ tag: "unknown" });
  });
});
