/** Digests are those of the standard, so that every machine and OmniGraph agree on them. */
import { describe, expect, it } from "vitest";
import { compareBytes, sha256, stateCas } from "../../lib/digest/digest.ts";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("a digest", () => {
  it("is the SHA-256 of the standard, of text as UTF-8 and of the same bytes alike (I3)", () => {
    expect(sha256("abc")).toBe(ABC);
    expect(sha256(Buffer.from("abc"))).toBe(ABC);
    expect(sha256("\u00e9")).toBe(sha256(Buffer.from([0xc3, 0xa9])));
    expect(stateCas(Buffer.from("abc"))).toBe(`sha256:${ABC}`);
  });

  it("sorts by the bytes of the text, not by its code units", () => {
    expect(["\u{1f600}", "\uffee", "a"].sort(compareBytes)).toEqual(["a", "\uffee", "\u{1f600}"]);
  });
});
