/** Every bug that is planted in the ports is noticed by the layer that is named here, or is harmless and README.md says why. */
import { describe, expect, test, vi } from "vitest";
import { PORT_BUGS, type PortBugName } from "./planted-bugs.ts";
import { type Layer, noticed } from "./sensitivity.ts";

// A busy machine makes all of it several times slower, and nothing here is about speed.
vi.setConfig({ testTimeout: 600_000 });

interface Expectation {
  readonly layer: Layer;
  /** The invariant that is broken first, or among the first. */
  readonly breaks: RegExp;
}

/** From the first seed on, until one notices. */
const universes: Layer = { kind: "universes", from: 1, count: 120 };
const faults = (scenario: string, every = 1): Layer => ({ kind: "faults", scenario, every });

const CAUGHT: Readonly<Record<Exclude<PortBugName, Harmless>, Expectation>> = {
  unconditional_replace: { layer: universes, breaks: /L1|L3/ },
  unconditional_remove: { layer: universes, breaks: /K3/ },
  no_revision_check: { layer: universes, breaks: /L1|L3/ },
  unconditional_release: { layer: universes, breaks: /K3/ },
  lease_taken_by_force: { layer: universes, breaks: /K3/ },
  token_not_raised: { layer: universes, breaks: /R6|K4/ },
  error_as_absence: { layer: universes, breaks: /R6|R1|K4|A3|L5/ },
  no_intents: { layer: universes, breaks: /A1/ },
  no_heads: { layer: universes, breaks: /L9/ },
  no_receipts: { layer: universes, breaks: /L9/ },
  plan_used_twice: { layer: { kind: "plan twice" }, breaks: /A5/ },
  publication_overwrites: { layer: universes, breaks: /L2/ },
  intents_removed_before_commit: { layer: faults("apply over an overtaken intent"), breaks: /R1/ },
  fresh_precondition: {
    layer: {
      ...{ kind: "pauses", scenario: "approved delete", succession: "an apply of another mind" },
      from: 18,
      to: 30,
    },
    breaks: /A1/,
  },
  effect_not_awaited: { layer: universes, breaks: /A7|A1|R6|K4/ },
  load_acknowledged_early: { layer: faults("load", 9), breaks: /L4/ },
  approval_not_reserved: { layer: universes, breaks: /C1|C2/ },
  revocation_not_seen: { layer: faults("approved delete", 9), breaks: /C2|C3/ },
  fence_only_pretended: { layer: universes, breaks: /R5|K4/ },
};

type Harmless = "conflict_as_refusal";
const HARMLESS: Readonly<Record<Harmless, Layer>> = {
  conflict_as_refusal: { kind: "universes", from: 1, count: 12 },
};

const named = Object.entries(CAUGHT).map(([name, expected]) => [name as PortBugName, expected] as const);

describe("a planted bug", () => {
  test.each(named)("that breaks an invariant is noticed: %s", async (name, { layer, breaks }) => {
    const violations = await noticed(layer, PORT_BUGS[name].plant);
    expect(violations.map((violation) => violation.slice(0, 2)).join(" ")).toMatch(breaks);
  });

  test.each(Object.entries(HARMLESS))("that is harmless breaks nothing: %s", async (name, layer) => {
    expect(await noticed(layer, PORT_BUGS[name as Harmless].plant)).toEqual([]);
  });

  test("is one of at least sixteen, each of which is expected somewhere", () => {
    expect([...Object.keys(CAUGHT), ...Object.keys(HARMLESS)].sort()).toEqual(Object.keys(PORT_BUGS).sort());
    expect(Object.keys(CAUGHT).length).toBeGreaterThanOrEqual(16);
  });
});
