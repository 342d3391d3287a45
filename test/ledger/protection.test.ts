/** Which graphs nothing may delete: the receipt says it, the ledger mirrors it, and no other tool can lift it. */
import { describe, expect, it } from "vitest";
import { stateCas } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { foreignReceipt } from "../../lib/ledger/foreign-range.ts";
import { PROTECTION_KEY, protectionsOf, withProtections } from "../../lib/ledger/protection.ts";
import { sampleLedger } from "./sample-ledger.ts";

const SHOP = "shop" as GraphId;
const CRM = "crm" as GraphId;
const WHY = { by: "ana", at: "2026-01-01T00:00:00Z", reason: "the only copy" };
const UNKNOWN = { by: null, at: null, reason: null };
const CAS = stateCas(new TextEncoder().encode("{}"));

const ledger = sampleLedger();
const mirrored = withProtections(ledger, new Map([[SHOP, WHY]]));
const damaged = (mirror: number | object) => ({ observations: { [PROTECTION_KEY]: mirror as never } });

describe("the protection of graphs", () => {
  it("is mirrored in the ledger with who and why, and taken out again when nothing is protected", () => {
    expect(mirrored.observations[PROTECTION_KEY]).toEqual({ kind: "protection", graphs: { shop: WHY } });
    expect(withProtections(mirrored, new Map())).toEqual(ledger);
    expect(withProtections(mirrored, new Map([[SHOP, WHY]]))).toBe(mirrored);
    expect(withProtections(ledger, new Map())).toBe(ledger);
  });

  it("is what the receipt says, also when the mirror was lost or says something else", () => {
    expect([...protectionsOf({ protected: [SHOP] }, ledger)]).toEqual([[SHOP, UNKNOWN]]);
    expect([...protectionsOf({ protected: [CRM] }, mirrored)]).toEqual([[CRM, UNKNOWN]]);
    expect([...protectionsOf({ protected: [] }, mirrored)]).toEqual([]);
    expect([...protectionsOf({ protected: [SHOP, CRM] }, mirrored).keys()]).toEqual([CRM, SHOP]);
  });

  it("is what the mirror says where there is no receipt", () => {
    expect([...protectionsOf(null, mirrored)]).toEqual([[SHOP, WHY]]);
    expect([...protectionsOf(null, null)]).toEqual([]);
  });

  it.each([
    ["no protection", 7, []],
    ["another kind", { kind: "other", graphs: { shop: WHY } }, []],
    ["a name that is no graph id", { kind: "protection", graphs: { "../x": WHY } }, []],
    ["facts that are none", { kind: "protection", graphs: { shop: 7 } }, [[SHOP, UNKNOWN]]],
    [
      "a name that is none",
      { kind: "protection", graphs: { shop: { ...WHY, by: 7 } } },
      [[SHOP, { ...WHY, by: null }]],
    ],
  ])("is read from a mirror with %s as far as it can be", (_, mirror, expected) => {
    expect([...protectionsOf(null, damaged(mirror))]).toEqual(expected);
  });

  it("survives what another tool writes, which keeps neither mirror nor receipt in mind", () => {
    const own = foreignReceipt(ledger, CAS, null, null);
    const after = foreignReceipt(ledger, CAS, null, { ...own, protected: [SHOP] });
    expect([own.protected, after.protected]).toEqual([[], [SHOP]]);
    expect(foreignReceipt(mirrored, CAS, null, null).protected).toEqual([SHOP]);
  });
});
