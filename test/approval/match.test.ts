/** When an approval counts: for one change, and only without a flaw; every flaw says what to do (design 8, C1). */
import { describe, expect, test } from "vitest";
import { consumed, type Evidence, reserved, revoked } from "../../lib/approval/evidence.ts";
import {
  type Approval,
  artifactIsFor,
  type Flaw,
  flawsOf,
  flawText,
  type GatedChange,
  isFor,
  isSpent,
  lifeFlaws,
  type MatchWorld,
  type SeenArtifact,
  useFlaws,
} from "../../lib/approval/match.ts";
import { isOver, standingOf } from "../../lib/approval/standing.ts";
import { graphAddress, schemaAddress } from "../../lib/desired/address.ts";
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import { APPROVAL, ARTIFACT, BOOKS, EVIDENCE, RESERVATION } from "./sample-approval.ts";

const NEXT = "01ARZ3NDEKTSV4RRFFQ69G5FC0";
const AT = "2026-01-03T00:00:00Z";
const NOW_MS = Date.parse(AT);
const FOUND: SeenArtifact = { tag: "found", artifact: ARTIFACT };
const WORLD: MatchWorld = {
  now_ms: NOW_MS,
  submitter: "ana",
  graph: { incarnation: EVIDENCE.incarnation, rows_written: 160 },
};
const CHANGE: GatedChange = {
  resource: EVIDENCE.resource,
  operation: "delete",
  before_digest: EVIDENCE.before_digest,
  after_digest: null,
  graph: BOOKS,
};

interface Case {
  readonly evidence?: Partial<Evidence>;
  readonly artifact?: SeenArtifact;
  readonly world?: Partial<MatchWorld>;
}

function approvalOf({ evidence, artifact }: Case): Approval {
  return { evidence: { ...EVIDENCE, ...evidence }, artifact: artifact ?? FOUND };
}

function textsOf(each: Case): readonly string[] {
  const flaws = flawsOf(approvalOf(each), { ...WORLD, ...each.world });
  return flaws.map((flaw) => flawText(APPROVAL, flaw));
}

describe("an approval", () => {
  test("counts where nothing stands in its way, with as many rows written since as it tolerates (C1)", () => {
    expect(textsOf({})).toEqual([]);
    expect(lifeFlaws({ tag: "unbroken" })).toEqual([]);
    expect(useFlaws({ tag: "unused" })).toEqual([]);
  });

  test("is for one change and no other (C1)", () => {
    const config = EVIDENCE.config_digest;
    const others: readonly Partial<GatedChange>[] = [
      { resource: graphAddress("people" as GraphId), graph: "people" as GraphId },
      { resource: schemaAddress(BOOKS), operation: "data_loss" },
      { operation: "purge" },
      { before_digest: "other" },
      { before_digest: null },
      { after_digest: "other" },
    ];

    expect(isFor(EVIDENCE, CHANGE, config)).toBe(true);
    expect(artifactIsFor(ARTIFACT, CHANGE, config)).toBe(true);
    expect(isFor(EVIDENCE, CHANGE, "another config")).toBe(false);
    expect(artifactIsFor(ARTIFACT, CHANGE, "another config")).toBe(false);
    for (const other of others) expect(isFor(EVIDENCE, { ...CHANGE, ...other }, config)).toBe(false);
  });

  test.each<readonly [string, Case, string]>([
    [
      "whose artifact is missing",
      { artifact: { tag: "absent" } },
      "its artifact is missing, because giving it did not finish; plan again, then approve that plan.",
    ],
    [
      "whose artifact cannot be read",
      { artifact: { tag: "unreadable" } },
      "its artifact cannot be read; plan again",
    ],
    [
      "whose artifact is for another change",
      { artifact: { tag: "found", artifact: { ...ARTIFACT, bound_before_digest: "x" } } },
      "its artifact and its evidence are for different changes; find out who else writes to the storage root",
    ],
    [
      "whose artifact names another approver",
      { artifact: { tag: "found", artifact: { ...ARTIFACT, approved_by: "eve" } } },
      "different changes",
    ],
    [
      "whose artifact is consumed",
      { artifact: { tag: "found", artifact: { ...ARTIFACT, consumed_at: AT } } },
      `its artifact says that it was used or taken back at ${AT}; plan again`,
    ],
    [
      "that a run has reserved",
      { evidence: reserved(EVIDENCE, RESERVATION, NEXT) },
      `the run ${RESERVATION.run_id} is using it or died while it did; wait for it, or run \`graphform recover\`, which settles what died.`,
    ],
    [
      "that was used",
      { evidence: consumed(reserved(EVIDENCE, RESERVATION, NEXT), RESERVATION.operation_id, AT, NEXT) },
      `it was used at ${AT}, and an approval is used once; plan again`,
    ],
    [
      "that was taken back",
      { evidence: revoked(EVIDENCE, { by: "dana", at: AT, reason: "wrong graph" }, NEXT) },
      `dana took it back at ${AT} (wrong graph); talk to dana before you approve again.`,
    ],
    ["that has expired", { evidence: { expires_at: AT } }, `it expired at ${AT}; plan again`],
    [
      "of the plan's own maker",
      { world: { submitter: "dana" } },
      "dana made the plan as well; have somebody else approve it.",
    ],
    [
      "of a plan that nobody is known to have made",
      { world: { submitter: null } },
      "it is not known who made the plan; plan again and say who you are with --as.",
    ],
    [
      "of a graph that is gone",
      { world: { graph: { incarnation: null, rows_written: null } } },
      "its graph is not live or cannot be seen; run `graphform refresh`, then plan again.",
    ],
    ["of a graph that was not looked at", { world: { graph: null } }, "its graph is not live"],
    [
      "of an earlier incarnation",
      { world: { graph: { incarnation: NEXT as IncarnationId, rows_written: 0 } } },
      "it is for an earlier graph of that name, which was deleted since; plan again",
    ],
    [
      "of a graph to which more was written than it tolerates",
      { world: { graph: { incarnation: EVIDENCE.incarnation, rows_written: 161 } } },
      "11 rows were written since the plan that was reviewed, and it tolerates 10; plan again",
    ],
  ])("%s does not count and says so", (_, each, text) => {
    const texts = textsOf(each);

    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain(`The approval ${APPROVAL} does not count: `);
    expect(texts[0]).toContain(text);
  });

  test.each<readonly [string, readonly Flaw[], string]>([
    [
      "whose graph was removed since",
      lifeFlaws({ tag: "broken", cause: "remove", version: 9 }),
      "the graph was removed in its version 9 since; plan again",
    ],
    [
      "whose graph was restored since",
      lifeFlaws({ tag: "broken", cause: "restore", version: 10 }),
      "the graph was restored in its version 10 since",
    ],
    [
      "whose graph cannot be followed",
      lifeFlaws({ tag: "unknown", reason: "version 8 is missing" }),
      "it is not known what happened to the graph since: version 8 is missing; plan again",
    ],
    [
      "that a revision used",
      useFlaws({ tag: "used", revision: 6 }),
      "revision 6 used it, and an approval is used once",
    ],
    [
      "whose use cannot be looked up",
      useFlaws({ tag: "unknown", reason: "a receipt is missing" }),
      "it is not known whether it was used: a receipt is missing; plan again",
    ],
    [
      "without evidence",
      [{ tag: "no_evidence" }],
      "there is no readable evidence of what was reviewed, as when another tool gave it; plan again",
    ],
  ])("%s does not count either", (_, flaws, text) => {
    expect(flaws.map((flaw) => flawText(APPROVAL, flaw))).toEqual([expect.stringContaining(text)]);
  });

  test("tells all its flaws at once, but only its end where it has ended", () => {
    const flawed = { world: { submitter: "dana", now_ms: Date.parse("2027-01-01T00:00:00Z") } };
    expect(textsOf(flawed)).toHaveLength(2);
    const ended = { ...flawed, evidence: reserved(EVIDENCE, RESERVATION, NEXT) };
    expect(textsOf(ended)).toHaveLength(1);
  });

  test("of the plan's own maker counts where the deployment allowed it when it was given", () => {
    const evidence = { self_approval: "allowed" } as const;
    expect(textsOf({ evidence, world: { submitter: "dana" } })).toEqual([]);
    expect(textsOf({ evidence, world: { submitter: null } })).toEqual([]);
  });

  test("that never expires counts for ever, and one without a graph asks for none", () => {
    const world = { now_ms: Number.MAX_SAFE_INTEGER, graph: null };
    const evidence = { graph: null, incarnation: null, manifest_version: null, rows_written: null };
    expect(textsOf({ evidence: { ...evidence, expires_at: null }, world })).toEqual([]);
  });

  test("is spent once it was used or taken back, by whatever tells of it, and not by other flaws", () => {
    const spent = (each: Case) => isSpent(flawsOf(approvalOf(each), WORLD));
    const used = reserved(EVIDENCE, RESERVATION, NEXT);

    expect(spent({ evidence: revoked(EVIDENCE, { by: "dana", at: AT, reason: null }, NEXT) })).toBe(true);
    expect(spent({ evidence: consumed(used, RESERVATION.operation_id, AT, NEXT) })).toBe(true);
    expect(spent({ artifact: { tag: "found", artifact: { ...ARTIFACT, consumed_at: AT } } })).toBe(true);
    expect(isSpent(useFlaws({ tag: "used", revision: 6 }))).toBe(true);
    expect(spent({ evidence: used })).toBe(false);
    expect(spent({ evidence: { expires_at: AT } })).toBe(false);
    expect(isSpent(useFlaws({ tag: "unknown", reason: "lost" }))).toBe(false);
  });
});

describe("how an approval stands", () => {
  const facts = { artifact: FOUND, recorded: false, now_ms: NOW_MS };
  const held = reserved(EVIDENCE, RESERVATION, NEXT);

  test.each([
    ["open", EVIDENCE, facts, { state: "open" }],
    ["expired", { ...EVIDENCE, expires_at: AT }, facts, { state: "expired" }],
    ["incomplete", EVIDENCE, { ...facts, artifact: { tag: "absent" } as const }, { state: "incomplete" }],
    [
      "reserved, by which run and operation",
      held,
      facts,
      { state: "reserved", run_id: RESERVATION.run_id, operation_id: RESERVATION.operation_id },
    ],
    [
      "consumed, by which operation",
      consumed(held, RESERVATION.operation_id, AT, NEXT),
      facts,
      { state: "consumed", operation_id: RESERVATION.operation_id, at: AT },
    ],
    [
      "consumed, if only the ledger says so (W7)",
      EVIDENCE,
      { ...facts, recorded: true },
      { state: "consumed", operation_id: null, at: null },
    ],
    [
      "consumed, if only the artifact says so",
      EVIDENCE,
      { ...facts, artifact: { tag: "found", artifact: { ...ARTIFACT, consumed_at: AT } } as const },
      { state: "consumed", operation_id: null, at: AT },
    ],
    [
      "revoked, by whom and why",
      revoked(EVIDENCE, { by: "dana", at: AT, reason: "no" }, NEXT),
      facts,
      { state: "revoked", by: "dana", at: AT, reason: "no" },
    ],
  ])("is told as %s", (_, evidence, given, expected) => {
    expect(standingOf(evidence, given)).toEqual(expected);
  });

  test("is over once it was used or revoked", () => {
    expect(isOver(standingOf(EVIDENCE, facts))).toBe(false);
    expect(isOver(standingOf(held, facts))).toBe(false);
    expect(isOver(standingOf(EVIDENCE, { ...facts, recorded: true }))).toBe(true);
  });
});
