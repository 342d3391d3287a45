/** The judge is total and follows its table row by row (design 7, J0 to J5, R4). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChainLink, type JudgeInputs, judge } from "../../lib/apply/recovery/judge.ts";
import type { OperationId } from "../../lib/digest/ids.ts";
import type { ManifestCause } from "../../lib/engine/manifest.ts";

const CAUSES = [
  "create",
  "migrate",
  "load",
  "remove",
  "fence",
  "restore",
  "reclaim",
  "compact",
] as const satisfies readonly ManifestCause[];
const OWN = "own" as OperationId;
const OTHER = "other" as OperationId;

/** Links P + 1, P + 2 and so on, from `operation:cause`. */
function chain(P: number, ...texts: readonly string[]): readonly ChainLink[] {
  return texts.map((text, index) => {
    const [operation, cause] = text.split(":");
    return { version: P + 1 + index, operation_id: operation as OperationId, cause: cause as ManifestCause };
  });
}

function inputs(P: number, recorded: number, ...texts: readonly string[]): JudgeInputs {
  const links = chain(P, ...texts);
  return { intent: { operation_id: OWN, P }, open: new Set([OWN]), head: P + links.length, links, recorded };
}

describe("the judge", () => {
  test.each([
    ["J0: the head is below P", { ...inputs(5, 0), head: 4 }, "contradiction"],
    ["J2: landed and recorded", inputs(5, 6, "own:migrate"), "landed_recorded"],
    [
      "J2: landed, recorded, and moved since",
      inputs(5, 7, "own:migrate", "other:migrate"),
      "landed_recorded",
    ],
    ["J3: landed and not recorded", inputs(5, 5, "own:migrate"), "landed"],
    ["J3: with loads since", inputs(0, 0, "own:create", "other:load", "other:load"), "landed"],
    [
      "J3: with a fence, a compaction and a reclaim since",
      inputs(2, 1, "own:migrate", "other:fence", "other:compact", "other:reclaim"),
      "landed",
    ],
    ["J4: with a migration since", inputs(5, 5, "own:migrate", "other:migrate"), "overtaken"],
    ["J4: with a delete since", inputs(5, 5, "own:migrate", "other:load", "other:remove"), "overtaken"],
    ["J5: the version is another's", inputs(5, 5, "other:load"), "never"],
    ["J5: the version is a fence", inputs(5, 5, "other:fence", "other:migrate"), "never"],
  ] as const)("says of %s what the table says", (_, given, verdict) => {
    expect(judge(given)).toBe(verdict);
  });

  test("counts an effect of another open intent as no foreign move (J3)", () => {
    const given = { ...inputs(5, 5, "own:migrate", "other:migrate"), open: new Set([OWN, OTHER]) };

    expect(judge(given)).toBe("landed");
  });

  test("has exactly one verdict for every combination, and recording more never opens a settled intent (R4)", () => {
    const link = fc.tuple(fc.constantFrom("own", "other"), fc.constantFrom(...CAUSES));
    fc.assert(
      fc.property(fc.nat(6), fc.nat(12), fc.array(link, { maxLength: 5 }), (P, recorded, texts) => {
        const given = inputs(P, recorded, ...texts.map(([operation, cause]) => `${operation}:${cause}`));
        const verdict = judge(given);
        const more = judge({ ...given, recorded: recorded + 1 });
        if (verdict === "landed_recorded") expect(more).toBe("landed_recorded");
        if (verdict === "never") expect(more).toBe("never");
        if (verdict === "contradiction") expect(given.links).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
