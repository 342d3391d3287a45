/** The approval file is OmniGraph's, byte for byte, and strict on read (spec/cluster 10.1). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Artifact, decodeArtifact, encodeArtifact } from "../../lib/approval/artifact.ts";
import { ARTIFACT_BYTES_MAX } from "../../lib/approval/limits.ts";
import { ARTIFACT } from "./sample-approval.ts";

const GOLDEN = readFileSync(new URL("../golden/approval/artifact-1.json", import.meta.url), "utf8");

function textOf(artifact: Artifact): string {
  return Buffer.from(encodeArtifact(artifact)).toString("utf8");
}

function decode(text: string) {
  return decodeArtifact(Buffer.from(text, "utf8"));
}

describe("an approval file", () => {
  test("is written exactly as the golden file has it, whatever the order of its fields, and read back", () => {
    const { schema_version, approval_id, ...rest } = ARTIFACT;

    expect(textOf({ ...rest, approval_id, schema_version })).toBe(GOLDEN);
    expect(decode(GOLDEN)).toEqual({ tag: "decoded", artifact: ARTIFACT });
  });

  test("may leave out what is null, and says when it was consumed", () => {
    const { bound_after_digest: _a, consumed_at: _c, consumed_by_operation: _o, ...least } = ARTIFACT;
    const used = { ...ARTIFACT, consumed_at: "2026-01-03T00:00:00Z" };

    expect(decode(JSON.stringify(least))).toEqual({ tag: "decoded", artifact: ARTIFACT });
    expect(decode(textOf(used))).toEqual({ tag: "decoded", artifact: used });
  });

  test.each([
    ["is no JSON", "{", { tag: "invalid" }],
    ["has an unknown field", JSON.stringify({ ...ARTIFACT, extra: 1 }), { tag: "invalid" }],
    ["lacks a field", JSON.stringify({ ...ARTIFACT, resource: undefined }), { tag: "invalid" }],
    ["has an unknown operation", JSON.stringify({ ...ARTIFACT, operation: "purge" }), { tag: "invalid" }],
    [
      "is longer than any approval",
      JSON.stringify({ ...ARTIFACT, reason: "x".repeat(ARTIFACT_BYTES_MAX) }),
      { tag: "invalid" },
    ],
    [
      "is of a newer version, whatever else it has",
      JSON.stringify({ schema_version: 2, more: [] }),
      { tag: "unknown_version", version: 2 },
    ],
  ])("that %s is refused", (_, text, expected) => {
    expect(decode(text)).toMatchObject(expected);
  });
});
