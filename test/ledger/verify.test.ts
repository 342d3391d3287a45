/** The one definition of a valid ledger. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { JsonValue, LedgerState } from "../../lib/ledger/state.ts";
import { verifyLedger } from "../../lib/ledger/verify.ts";
import { verifyComposites } from "../../lib/ledger/verify-composites.ts";
import { anyLedger, composed, EMPTY_LEDGER, sampleLedger } from "./sample-ledger.ts";

const codes = (state: LedgerState): readonly string[] => verifyLedger(state).map((each) => each.code);

function withResources(resources: LedgerState["applied_revision"]["resources"]): LedgerState {
  return { ...EMPTY_LEDGER, applied_revision: { config_digest: null, resources } };
}

const MARKER = {
  kind: "commit",
  state_revision: 3,
  commit_id: "01J00000000000000000000001",
  parent_commit_id: null,
  run_id: "01J00000000000000000000002",
  token: 1,
  receipt_digest: sha256("receipt"),
};

describe("a valid ledger", () => {
  it("has no problems, whatever it holds (S1, S2, S3, S5)", () => {
    fc.assert(
      fc.property(anyLedger, (state) => {
        expect([...verifyLedger(state), ...verifyComposites(state)]).toEqual([]);
      }),
    );
  });

  for (const address of [
    "graph.../x",
    "graph.a/b",
    "graph.",
    "query.a",
    "query.a.b.c",
    "policy.a b",
    "table.x",
    "schema.%2e",
  ]) {
    it(`cannot hold the address ${address} as a resource or status (S2, S7, W35)`, () => {
      expect(codes(withResources({ [address]: { digest: "d" } }))).toContain("state_address_invalid");
      expect(codes({ ...EMPTY_LEDGER, resource_statuses: { [address]: { status: "applied" } } })).toEqual([
        "state_address_invalid",
      ]);
    });
  }

  it("cannot hold an observation of an illegal graph, and may hold those of other tools (S2, W35)", () => {
    expect(codes({ ...EMPTY_LEDGER, observations: { "graph.../x": {} } })).toEqual(["state_address_invalid"]);
    expect(codes({ ...EMPTY_LEDGER, observations: { "other tool": {} } })).toEqual([]);
  });

  it("binds policies to graphs or the cluster and graphs to providers only, so that no cycle can be written down (S3, S4)", () => {
    const policy = withResources({ "policy.p": { digest: "d", applies_to: ["graph.../x"] } });
    const provider = composed(withResources({ "graph.g": { digest: "", embedding_provider: "policy.p" } }));
    expect(codes(policy)).toEqual(["state_reference_invalid"]);
    expect(codes(provider)).toContain("state_reference_invalid");
  });

  it("has digests that are single words, because digests name files (S5)", () => {
    expect(codes(withResources({ "policy.p": { digest: "" } }))).toEqual(["state_reference_invalid"]);
    expect(codes(withResources({ "policy.p": { digest: "a\u0000b" } }))).toEqual(["state_reference_invalid"]);
  });

  const { resources } = sampleLedger().applied_revision;
  const edits: readonly (readonly [string, LedgerState["applied_revision"]["resources"]])[] = [
    ["its schema", { ...resources, "schema.shop": { digest: sha256("other") } }],
    ["a query", { ...resources, "query.shop.by_name": { digest: sha256("other") } }],
    ["its provider", { ...resources, "provider.embedding.small": { digest: sha256("other") } }],
    [
      "its blob policy",
      {
        ...resources,
        "graph.shop": { ...resources["graph.shop"]!, external_blob_policy: { mode: "allow", bases: [] } },
      },
    ],
    ["its number of queries", { ...resources, "query.shop.more": { digest: sha256("more") } }],
  ];
  for (const [what, edited] of edits) {
    it(`has the composite of every graph in step with ${what} (S5, W1, W3)`, () => {
      const problems = verifyComposites(withResources(edited));
      expect(problems.map((each) => [each.code, each.path])).toEqual([
        ["external_blob_policy_digest_mismatch", "graph.shop"],
      ]);
    });
  }

  const marked = (marker: JsonValue): LedgerState => ({
    ...EMPTY_LEDGER,
    state_revision: 3,
    observations: { graphform: marker },
  });

  it("has a marker that is complete and not ahead of it, if it has one (S9)", () => {
    expect(codes(marked(MARKER))).toEqual([]);
    expect(codes(marked({ ...MARKER, state_revision: 2 }))).toEqual([]);
    for (const broken of [
      null,
      { ...MARKER, state_revision: 4 },
      { ...MARKER, commit_id: "../../x" },
      { ...MARKER, receipt_digest: "abc" },
      { ...MARKER, extra: 1 },
      { ...MARKER, kind: "other" },
      { ...MARKER, token: -1 },
    ]) {
      expect(codes(marked(broken))).toEqual(["state_marker_invalid"]);
    }
  });

  it("stays within its limits (S8)", () => {
    const many = Object.fromEntries(Array.from({ length: 200_001 }, (_, n) => [String(n), 0]));
    expect(codes({ ...EMPTY_LEDGER, recovery_records: many })).toEqual(["state_limit_exceeded"]);
  });
});
