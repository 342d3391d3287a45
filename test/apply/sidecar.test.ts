/** The intent file is OmniGraph's, byte for byte, and strict on read (spec/cluster 9.1). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeSidecar, encodeSidecar, type Sidecar } from "../../lib/apply/sidecar.ts";
import { sha256 } from "../../lib/digest/digest.ts";

const GOLDEN = readFileSync(new URL("../golden/apply/sidecar-1.json", import.meta.url), "utf8");

const SIDECAR: Sidecar = {
  schema_version: 1,
  operation_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  started_at: "2026-01-02T03:04:05Z",
  actor: null,
  kind: "schema_apply",
  graph_id: "people",
  graph_uri: "/cluster/graphs/people.omni",
  observed_manifest_version: 4,
  expected_manifest_version: 5,
  desired_schema_digest: sha256("schema"),
  state_cas_base: null,
  approval_id: null,
};

function decode(text: string) {
  return decodeSidecar(Buffer.from(text, "utf8"));
}

describe("an intent file", () => {
  test("is written exactly as the golden file has it, whatever the order of its fields, and read back", () => {
    const { schema_version, operation_id, ...rest } = SIDECAR;

    expect(Buffer.from(encodeSidecar({ ...rest, operation_id, schema_version })).toString("utf8")).toBe(
      GOLDEN,
    );
    expect(decode(GOLDEN)).toEqual({ tag: "decoded", sidecar: SIDECAR });
  });

  test("may leave out what OmniGraph leaves out", () => {
    const { actor: _a, observed_manifest_version: _o, expected_manifest_version: _e, ...rest } = SIDECAR;
    const { state_cas_base: _s, approval_id: _p, ...least } = rest;

    expect(decode(JSON.stringify(least))).toMatchObject({
      tag: "decoded",
      sidecar: { actor: null, observed_manifest_version: null, approval_id: null },
    });
  });

  test.each([
    ["is no JSON", "{", { tag: "invalid", graph_id: null }],
    ["is no UTF-8", "\xff", { tag: "invalid", graph_id: null }],
    [
      "has an unknown field",
      JSON.stringify({ ...SIDECAR, extra: 1 }),
      { tag: "invalid", graph_id: "people" },
    ],
    [
      "lacks a field",
      JSON.stringify({ ...SIDECAR, kind: undefined }),
      { tag: "invalid", graph_id: "people" },
    ],
    [
      "has an unknown kind",
      JSON.stringify({ ...SIDECAR, kind: "x" }),
      { tag: "invalid", graph_id: "people" },
    ],
    [
      "names no graph",
      JSON.stringify({ ...SIDECAR, graph_id: " ", kind: 1 }),
      { tag: "invalid", graph_id: null },
    ],
    [
      "is of a newer version",
      JSON.stringify({ schema_version: 2, graph_id: "people" }),
      { tag: "unknown_version", graph_id: "people" },
    ],
  ])("that %s is refused, and its graph is named if it can be (W12)", (_, text, expected) => {
    expect(decodeSidecar(Buffer.from(text, "latin1"))).toMatchObject(expected);
  });
});
