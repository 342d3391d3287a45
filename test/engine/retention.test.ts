/** What clean-up may remove, from manifests and names alone (design 6). */
import { describe, expect, it } from "vitest";
import type { OperationId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import {
  candidates,
  pinnedBranches,
  wasHeadInWindow,
  wasNeverPublished,
} from "../../lib/engine/retention.ts";
import { LIVE_MANIFEST } from "./manifests.ts";

const LIFE = LIVE_MANIFEST.incarnation;
if (LIFE === null) throw new Error("the manifest is live");
const HOLDER = { incarnation: LIFE, manifest: LIVE_MANIFEST };
const PINNED = `${LIFE}/5-3.lance`;

function judge(path: string, branches: readonly string[] = []) {
  return candidates(LIVE_MANIFEST, HOLDER, [{ path, branches }]);
}

describe("retention", () => {
  it("never names a pinned dataset or the branch that is pinned in it", () => {
    expect(judge(PINNED, ["6-01H5ZK3Q8YV6T2N4M7R9S1B3C5"])).toEqual({ paths: [], branches: [] });
  });

  it("never names a dataset or branch that an operation decided on the head may still publish", () => {
    expect(judge(`${LIFE}/5-8.lance`, ["7-x"])).toEqual({ paths: [], branches: [] });
    expect(judge(PINNED, ["7-x", "8-y"])).toEqual({ paths: [], branches: [] });
  });

  it("names a dataset that the life no longer pins, once the head is past the version that could pin it first", () => {
    expect(judge(`${LIFE}/5-7.lance`)).toEqual({ paths: [`${LIFE}/5-7.lance`], branches: [] });
  });

  it("names branches of operations decided on an earlier head", () => {
    expect(judge(PINNED, ["6-dead", "0-dead"]).branches).toEqual([
      { path: PINNED, branch: "6-dead", base: 6 },
      { path: PINNED, branch: "0-dead", base: 0 },
    ]);
  });

  it("leaves alone whatever has a name that is not ours, or lies in another life", () => {
    for (const path of ["01BX5ZZKBKACTAV9WEVGEMMVRZ/5-1.lance", `${LIFE}/notes.lance`, `${LIFE}/5-1`]) {
      expect(judge(path, ["6-x"])).toEqual({ paths: [], branches: [] });
    }
    expect(judge(PINNED, ["main", "backup"])).toEqual({ paths: [], branches: [] });
  });

  it("tells a branch that was published from one that lost its version", () => {
    const successor: Manifest = { ...LIVE_MANIFEST, version: 6, operation_id: "winner" as OperationId };
    expect(wasNeverPublished({ path: PINNED, branch: "5-winner", base: 5 }, successor)).toBe(false);
    expect(wasNeverPublished({ path: PINNED, branch: "5-loser", base: 5 }, successor)).toBe(true);
  });

  it("counts a manifest into the window by when it ceased to be the head, so that the one at its edge stays", () => {
    const now = Date.parse("2026-02-10T00:00:00Z");
    expect(wasHeadInWindow(null, now, 0)).toBe(true);
    expect(wasHeadInWindow("2026-02-09T00:00:00Z", now, 86_400_000)).toBe(true);
    expect(wasHeadInWindow("2026-02-08T23:59:59Z", now, 86_400_000)).toBe(false);
  });

  it("protects every branch that a manifest of the window pins", () => {
    expect([...pinnedBranches([LIVE_MANIFEST])]).toEqual([`${PINNED} 6-01H5ZK3Q8YV6T2N4M7R9S1B3C5`]);
  });
});
