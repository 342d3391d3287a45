/** What entries of the ledger say beside their digests, as receipts keep it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bindingOf, bindingsOf, sortedBindings, withBinding } from "../../lib/ledger/binding.ts";
import { compactApplied, decodeLedger, encodeLedger } from "../../lib/ledger/codec.ts";
import { anyLedger } from "./sample-ledger.ts";

describe("the bindings of a ledger", () => {
  it("make its entries again from their digests, to the byte", () => {
    fc.assert(
      fc.property(anyLedger, (state) => {
        const bindings = sortedBindings(bindingsOf(state));
        const entries = Object.entries(state.applied_revision.resources);
        const again = entries.map(([address, { digest }]) => [
          address,
          withBinding(digest, bindings[address]),
        ]);
        const applied_revision = { ...state.applied_revision, resources: Object.fromEntries(again) };
        expect(compactApplied({ ...state, applied_revision })).toBe(compactApplied(state));
        expect(decodeLedger(encodeLedger({ ...state, applied_revision })).tag).toBe("decoded");
      }),
    );
  });

  it("are left out for an entry that is a digest and nothing more", () => {
    expect(bindingOf({ digest: "a" })).toBeNull();
    expect(bindingOf({ digest: "a", applies_to: [] })).toEqual({ applies_to: [] });
    expect(withBinding("a", undefined)).toEqual({ digest: "a" });
  });
});
