/** Fingerprints and running digests against the plain SHA-256 of the same bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import { FINGERPRINT_LANES, fingerprint } from "../../lib/digest/fingerprint.ts";
import { createRunningDigest } from "../../lib/digest/running-digest.ts";

describe("a fingerprint", () => {
  it("is the beginning of the SHA-256 of the text as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const lanes = new Int32Array(FINGERPRINT_LANES);
        fingerprint(text, lanes);
        expect(Buffer.from(lanes.buffer).toString("hex")).toBe(sha256(text).slice(0, 32));
      }),
    );
  });
});

describe("a running digest", () => {
  it("is the SHA-256 of all pieces together", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (pieces) => {
        const digest = createRunningDigest();
        for (const piece of pieces) digest.add(piece);
        expect(digest.finish()).toBe(sha256(Buffer.concat(pieces)));
      }),
    );
  });
});
