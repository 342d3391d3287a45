/** The codec of the ledger: byte-exact writing, strict reading. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stateCas } from "../../lib/digest/digest.ts";
import { decodeLedger, encodeLedger, tryEncodeLedger } from "../../lib/ledger/codec.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { anyLedger, composed, EMPTY_LEDGER, sampleLedger } from "./sample-ledger.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function decoded(text: string): LedgerState {
  const outcome = decodeLedger(bytesOf(text));
  if (outcome.tag === "invalid") throw new Error(outcome.diagnostics.map((each) => each.message).join("\n"));
  return outcome.state;
}

function codes(text: string): readonly string[] {
  const outcome = decodeLedger(bytesOf(text));
  return outcome.tag === "invalid" ? outcome.diagnostics.map((each) => each.code) : [];
}

function messages(text: string): string {
  const outcome = decodeLedger(bytesOf(text));
  return outcome.tag === "invalid" ? outcome.diagnostics.map((each) => each.message).join("\n") : "";
}

const MINIMAL = '{"version":1,"applied_revision":{}}';

describe("writing a ledger", () => {
  it("gives the 967 bytes and the CAS of the published example (spec/cluster 3.8)", () => {
    const state: LedgerState = {
      ...EMPTY_LEDGER,
      state_revision: 2,
      applied_revision: {
        config_digest: "280c3774965e0ef2e18e534fb4428332b624e2f7100f5c3fba48669563e3cd88",
        resources: {
          "schema.knowledge": { digest: "3dc78563c26fd207793d549d050ab51123a6609b9bada73c7864a73c5d17856e" },
          "query.knowledge.find_person": {
            digest: "fce5cb9af8c8c3615b3a188d1fe626319283f7d4fc5f55b678d81765aed88950",
          },
          "policy.base": {
            digest: "7f2c43106364d8112fcc3060e4ab8b20f5d1a17d9cbf3c2540529663004adff8",
            applies_to: ["graph.knowledge"],
          },
          "graph.knowledge": { digest: "cd23cf0245d1231f4434edb2049355e45452070f93037f2fc871613362a854f6" },
        },
      },
      resource_statuses: {
        "query.knowledge.find_person": { status: "applied" },
        "policy.base": { status: "applied" },
      },
    };
    const bytes = encodeLedger(state);
    expect(bytes).toHaveLength(967);
    expect(stateCas(bytes)).toBe("sha256:2cf130901872152c441dd65acf1eb8c012a24e2e9a61110a1a1ec6a7d2059905");
  });

  it("sorts maps by the bytes of their keys, whatever the keys look like (spec/cluster 4.3)", () => {
    const records = { é: 1, z: 2, "10": 3, "9": 4, Z: 5 };
    const text = textOf(encodeLedger({ ...EMPTY_LEDGER, approval_records: records }));
    const keys = [...text.matchAll(/^ {4}"([^"]+)":/gm)].map((match) => match[1]);
    expect(keys.slice(2)).toEqual(["10", "9", "Z", "z", "é"]);
  });

  it("leaves out what is empty or unset, and never a required field", () => {
    const state = composed({
      ...EMPTY_LEDGER,
      resource_statuses: { "graph.a": { status: "blocked", conditions: [] } },
    });
    const document = JSON.parse(textOf(encodeLedger(state)));
    expect(Object.keys(document)).toEqual([
      "version",
      "state_revision",
      "applied_revision",
      "resource_statuses",
      "approval_records",
      "recovery_records",
      "observations",
    ]);
    expect(document.applied_revision).toEqual({ config_digest: null, resources: {} });
    expect(document.resource_statuses["graph.a"]).toEqual({ status: "blocked" });
  });

  it("answers with diagnostics for a state that is not valid, instead of writing it", () => {
    const state = { ...EMPTY_LEDGER, state_revision: Number.MAX_SAFE_INTEGER };
    const outcome = tryEncodeLedger(state);
    expect(outcome.tag === "invalid" ? outcome.diagnostics.map((each) => each.code) : outcome).toEqual([
      "state_limit_exceeded",
    ]);
    expect(() => encodeLedger(state)).toThrow(/only valid ledgers/);
  });
});

describe("reading and writing a ledger", () => {
  it("gives every state back (reliability 6.5)", () => {
    fc.assert(
      fc.property(anyLedger, (state) => {
        const again = decodeLedger(encodeLedger(state));
        expect(again.tag === "decoded" ? JSON.parse(JSON.stringify(again.state)) : again).toEqual(
          JSON.parse(JSON.stringify(state)),
        );
      }),
    );
  });

  it("gives the bytes of every canonical document back (reliability 6.5)", () => {
    fc.assert(
      fc.property(anyLedger, (state) => {
        const bytes = encodeLedger(state);
        const again = decodeLedger(bytes);
        expect(again.tag === "decoded" && textOf(encodeLedger(again.state))).toBe(textOf(bytes));
      }),
    );
  });

  it("reads a ledger whose composites are stale, and refuses to write one (spec/cluster 4.2, S5)", () => {
    const { resources } = sampleLedger().applied_revision;
    const stale = { ...resources, "schema.shop": { digest: "edited" } };
    const state = { ...EMPTY_LEDGER, applied_revision: { config_digest: null, resources: stale } };
    const text = JSON.stringify(state);
    const outcome = tryEncodeLedger(decoded(text));
    expect(outcome.tag === "invalid" ? outcome.diagnostics.map((each) => each.code) : outcome).toEqual([
      "external_blob_policy_digest_mismatch",
    ]);
  });

  it("carries what other tools keep in the free-form maps through, byte for byte (spec/cluster 4.3)", () => {
    const state = { ...sampleLedger(), observations: { "graph.shop": { note: 0 }, other: { note: 0 } } };
    const text = textOf(encodeLedger(state)).replaceAll(
      '"note": 0',
      '"10": 1.0,\n      "9": 1e5,\n      "a": 1152921504606846977',
    );
    expect(textOf(encodeLedger(decoded(text)))).toBe(text);
  });
});

describe("reading a ledger", () => {
  it("fills in what may be absent (spec/cluster 4.1)", () => {
    expect(decoded(MINIMAL)).toEqual(EMPTY_LEDGER);
  });

  it("reads a denying blob policy as none, null as absent, and an old profile field under its new name", () => {
    const state = decoded(
      JSON.stringify({
        version: 1,
        applied_revision: {
          resources: {
            "policy.p": { digest: "d", applies_to: null, external_blob_policy: { mode: "deny" } },
            "provider.embedding.e": { digest: "d", embedding_profile: { provider: "mock", model: null } },
          },
        },
      }),
    );
    expect(state.applied_revision.resources).toEqual({
      "policy.p": { digest: "d" },
      "provider.embedding.e": { digest: "d", embedding_profile: { kind: "mock" } },
    });
  });

  it("renames manifest_version in observations where it stands, and collapses equal values (spec/cluster 4.2)", () => {
    const state = decoded(
      '{"version":1,"applied_revision":{},"observations":{"graph.a":{"x":1,"manifest_version":7,"y":2},"graph.b":{"graph_manifest_version":3,"manifest_version":3}}}',
    );
    expect(JSON.stringify(state.observations)).toBe(
      '{"graph.a":{"x":1,"graph_manifest_version":7,"y":2},"graph.b":{"graph_manifest_version":3}}',
    );
  });

  it("reports conflicting_graph_manifest_observation where the two names disagree", () => {
    const text =
      '{"version":1,"applied_revision":{},"observations":{"graph.a":{"manifest_version":7,"graph_manifest_version":null}}}';
    const outcome = decodeLedger(bytesOf(text));
    expect(outcome.tag === "invalid" ? outcome.diagnostics[0] : outcome).toMatchObject({
      code: "conflicting_graph_manifest_observation",
      path: "state.observations.graph.a",
    });
  });

  it("reports unsupported_state_version for a newer version even if it brings new fields (W33, S1)", () => {
    const text = '{"version":2,"applied_revision":{"new":1},"newer":true}';
    expect(codes(text)).toEqual(["unsupported_state_version"]);
    expect(codes('{"version":99999999999999999999,"x":1}')).toEqual(["unsupported_state_version"]);
  });

  it("reports every problem at once, each naming its place", () => {
    const text = JSON.stringify({
      version: 1,
      applied_revision: { resources: { "graph.a": { digest: 3, nope: 1 } }, extra: 1 },
      resource_statuses: { "graph.a": { status: "fine" } },
      unknown: {},
    });
    const all = messages(text);
    for (const part of [
      "unknown field unknown",
      "applied_revision.extra",
      '["graph.a"].digest',
      "nope",
      "fine",
    ]) {
      expect(all).toContain(part);
    }
    expect(new Set(codes(text))).toEqual(new Set(["invalid_state_json"]));
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["bytes that are not JSON", "{", "invalid_state_json"],
    ["a document that is no object", "[]", "invalid_state_json"],
    ["a missing version", '{"applied_revision":{}}', "invalid_state_json"],
    ["a version that is no whole number", '{"version":1.0,"applied_revision":{}}', "invalid_state_json"],
    ["a missing applied revision", '{"version":1}', "invalid_state_json"],
    ["a negative revision", '{"version":1,"state_revision":-1,"applied_revision":{}}', "invalid_state_json"],
    [
      "a fractional revision",
      '{"version":1,"state_revision":1.5,"applied_revision":{}}',
      "invalid_state_json",
    ],
    [
      "a revision beyond 2^53",
      '{"version":1,"state_revision":18446744073709551615,"applied_revision":{}}',
      "state_limit_exceeded",
    ],
    ["a key that is given twice", '{"version":1,"version":1,"applied_revision":{}}', "invalid_state_json"],
    [
      "an unknown field of a profile",
      '{"version":1,"applied_revision":{"resources":{"policy.p":{"digest":"d","embedding_profile":{"x":1}}}}}',
      "invalid_state_json",
    ],
    [
      "an unknown field of a blob base",
      '{"version":1,"applied_revision":{"resources":{"policy.p":{"digest":"d","external_blob_policy":{"mode":"allow","bases":[{"uri":"u","scope":"server_safe","x":1}]}}}}}',
      "invalid_state_json",
    ],
    [
      "a profile with both names of its kind",
      '{"version":1,"applied_revision":{"resources":{"policy.p":{"digest":"d","embedding_profile":{"kind":"a","provider":"a"}}}}}',
      "invalid_state_json",
    ],
  ];
  for (const [what, text, code] of refused) {
    it(`refuses ${what} with ${code}`, () => {
      expect(codes(text)).toEqual([code]);
    });
  }

  it("says line and column where the JSON breaks", () => {
    const outcome = decodeLedger(bytesOf('{\n  "version": 1,\n  oops\n}\n'));
    expect(outcome.tag === "invalid" ? outcome.diagnostics[0]?.source : outcome).toEqual({
      file: "__cluster/state.json",
      line: 3,
      column: 3,
    });
  });

  it("reports state_read_error for bytes that are not UTF-8 (spec/cluster 2.2)", () => {
    const outcome = decodeLedger(Uint8Array.from([0x7b, 0xff, 0x7d]));
    expect(outcome.tag === "invalid" ? outcome.diagnostics[0]?.code : outcome).toBe("state_read_error");
  });

  it("answers for any bytes without throwing (I1)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeLedger(bytes).tag).toBe("invalid");
      }),
    );
  });
});
