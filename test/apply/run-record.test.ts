/** The record of a run: its bytes, its versions one after the other, and which run is next (design 7). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nextRun } from "../../lib/apply/runs/next-run.ts";
import {
  attemptedRun,
  decodeRunRecord,
  encodeRunRecord,
  endedRun,
  pausedRun,
  plannedRun,
  queuedRun,
  type RunOrder,
  type RunRecord,
  triedRun,
} from "../../lib/apply/runs/run-record.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, PlanId, RunId } from "../../lib/digest/ids.ts";

const GOLDEN = readFileSync(new URL("../golden/apply/run-1.json", import.meta.url), "utf8");

const ORDER: RunOrder = {
  run_id: ulid(1) as RunId,
  idempotency_key: "release-7",
  operation: "apply",
  mode: "auto",
  bundle_digest: sha256("bundle"),
  actor: "ana",
  trigger: "api",
  git: { commit: "0123abcd", ref: "refs/heads/main", repository: null },
  targets: ["people" as GraphId],
  allow_mass_delete: false,
  purge: "people" as GraphId,
  load: {
    graph: "people" as GraphId,
    mode: "merge",
    upload_key: "inbox/demo/01ARZ3NDEKTSV4RRFFQ69G5020.jsonl",
    since_version: 4,
  },
  caller: {
    actor: "ana",
    source: "jwt",
    canonical: "jwt:corp:00u1",
    session: null,
    amr: ["mfa"],
    claim_groups: ["jwt-group:corp/data"],
  },
  created_at: "2026-01-02T03:04:05Z",
};
const ATTEMPT = {
  owner: "host:17",
  actor: "ana",
  trigger: "api",
  started_at: "2026-01-02T03:05:00Z",
  stop_after_ms: 30_000,
};
const PLAN = ulid(2) as PlanId;
const END = { at: "2026-01-02T03:06:00Z", codes: ["schema_apply_skipped", "run_continues", "run_continues"] };

function ulid(number: number): string {
  return `01ARZ3NDEKTSV4RRFFQ69G5${String(number).padStart(3, "0")}`;
}

function running(): RunRecord {
  return plannedRun(attemptedRun(queuedRun(ORDER, ulid(10)), ATTEMPT, ulid(11)), PLAN, ulid(12));
}

function decode(change: object) {
  return decodeRunRecord(Buffer.from(JSON.stringify({ ...continuing(), ...change }), "utf8"));
}

function continuing(): RunRecord {
  return pausedRun(running(), "continuing", END, ulid(13));
}

describe("a run record", () => {
  test("is written exactly as the golden file has it, and read back", () => {
    const record = continuing();

    expect(Buffer.from(encodeRunRecord(record)).toString("utf8")).toBe(GOLDEN);
    expect(decodeRunRecord(Buffer.from(GOLDEN, "utf8"))).toEqual({ tag: "decoded", record });
  });

  test("of an upload is written exactly as its golden file has it, and read back", () => {
    const golden = readFileSync(new URL("../golden/apply/run-upload-1.json", import.meta.url), "utf8");
    const upload = { key: "inbox/demo/build-7.zip", uploaded_at: "2026-01-02T03:04:00Z" };
    const order = { ...ORDER, trigger: "upload", targets: null, purge: null, load: null, upload };
    const record = queuedRun(order, ulid(10));

    expect(Buffer.from(encodeRunRecord(record)).toString("utf8")).toBe(golden);
    expect(decodeRunRecord(Buffer.from(golden, "utf8"))).toEqual({ tag: "decoded", record });
    expect(GOLDEN).not.toContain('"upload"');
  });

  test("of a program that knew neither loads nor callers is read", () => {
    const { reviewed_plan_id, purge, load, caller, ...earlier } = JSON.parse(GOLDEN);
    const decoded = decodeRunRecord(Buffer.from(JSON.stringify(earlier), "utf8"));

    expect([reviewed_plan_id, purge, load, caller]).not.toEqual([null, null, null, null]);
    expect(decoded).toMatchObject({
      tag: "decoded",
      record: { reviewed_plan_id: null, purge: null, load: null, caller: null },
    });
  });

  test.each([
    ["is of a newer format", { format_version: 2 }],
    ["has an unknown field", { extra: 1 }],
    ["has a state that nobody knows", { state: "paused" }],
    ["names no run", { run_id: "run-1" }],
    ["has ended without an outcome", { state: "ended", ended_at: END.at }],
    ["has an outcome and has not ended", { outcome: "applied" }],
    ["has started without an attempt", { attempts: [] }],
  ])("that %s is refused, never guessed", (_, change) => {
    expect(decode(change)).toMatchObject({ tag: "invalid", detail: expect.any(String) });
  });

  test("that is no JSON or far too long is refused", () => {
    for (const text of ["{", " ".repeat(300_000)]) {
      expect(decodeRunRecord(Buffer.from(text, "utf8")).tag).toBe("invalid");
    }
  });

  test("says who worked on the run, how long, and what came of it", () => {
    const again = attemptedRun(continuing(), { ...ATTEMPT, owner: "host:18", actor: "eve" }, ulid(14));
    const ended = endedRun(again, "applied", { at: "2026-01-02T03:08:00Z", codes: [] }, ulid(15));

    expect(continuing().diagnostics).toEqual(["run_continues", "schema_apply_skipped"]);
    expect(again).toMatchObject({ state: "running", started_at: ATTEMPT.started_at, diagnostics: [] });
    expect(ended).toMatchObject({ state: "ended", outcome: "applied", plan_id: PLAN });
    expect(ended.attempts.map(({ number, actor, ended_at }) => [number, actor, ended_at])).toEqual([
      [1, "ana", END.at],
      [2, "eve", "2026-01-02T03:08:00Z"],
    ]);
  });

  test("says since when it is tried only if that is not its start: kept from it before, or after it has waited", () => {
    const since = (record: RunRecord) => JSON.parse(encodeRunRecord(record).toString()).tried_since;
    const queued = queuedRun(ORDER, ulid(10));
    const tried = triedRun(triedRun(queued, ORDER.created_at, ulid(11)), END.at, ulid(12));
    const waiting = pausedRun(attemptedRun(tried, ATTEMPT, ulid(13)), "waiting_approval", END, ulid(14));
    const later = { ...ATTEMPT, started_at: "2026-01-03T03:05:00Z" };
    const again = attemptedRun(waiting, later, ulid(15));
    const onceMore = attemptedRun(pausedRun(again, "continuing", END, ulid(16)), ATTEMPT, ulid(17));

    expect([queued, running(), continuing(), waiting].map(since)).toEqual(Array(4).fill(undefined));
    expect([tried, again, onceMore].map(since)).toEqual([
      ORDER.created_at,
      later.started_at,
      later.started_at,
    ]);
    expect(decodeRunRecord(encodeRunRecord(onceMore))).toEqual({ tag: "decoded", record: onceMore });
  });

  test("says how often its workers came no further until it waits, and from then on that it has waited", () => {
    const facts = (record: RunRecord) => {
      const { stalled, has_waited } = JSON.parse(encodeRunRecord(record).toString());
      return [stalled, has_waited];
    };
    const stalled = { stops: 2, left: 3 };
    const stopped = pausedRun({ ...running(), stalled }, "continuing", END, ulid(13));
    const waiting = pausedRun(attemptedRun(stopped, ATTEMPT, ulid(14)), "waiting_approval", END, ulid(15));
    const again = attemptedRun(waiting, ATTEMPT, ulid(16));
    const onceMore = attemptedRun(pausedRun(again, "continuing", END, ulid(17)), ATTEMPT, ulid(18));

    expect([running(), stopped, waiting, again, onceMore].map(facts)).toEqual([
      [undefined, undefined],
      [stalled, undefined],
      [undefined, undefined],
      [undefined, true],
      [undefined, true],
    ]);
    for (const record of [stopped, onceMore]) {
      expect(decodeRunRecord(encodeRunRecord(record))).toEqual({ tag: "decoded", record });
    }
  });

  test("shows for ever that an attempt died, and keeps only the newest attempts", () => {
    let record = running();
    for (let count = 0; count < 60; count += 1) record = attemptedRun(record, ATTEMPT, ulid(100 + count));

    expect(record.attempts).toHaveLength(50);
    expect(record.attempts.at(-1)).toMatchObject({ number: 61, ended_at: null });
    expect(decodeRunRecord(encodeRunRecord(record)).tag).toBe("decoded");
  });
});

describe("the run that is next", () => {
  const run = (number: number, state: RunRecord["state"]) => ({
    ...running(),
    run_id: ulid(number) as RunId,
    state,
  });

  test.each<[string, readonly (readonly [number, RunRecord["state"]])[], number | null]>([
    [
      "is the oldest that waits",
      [
        [3, "queued"],
        [2, "queued"],
      ],
      2,
    ],
    [
      "is one that was begun before any that was not",
      [
        [2, "queued"],
        [5, "continuing"],
      ],
      5,
    ],
    [
      "is one that died before any that was not begun",
      [
        [2, "queued"],
        [5, "running"],
        [6, "continuing"],
      ],
      5,
    ],
    [
      "is none that waits for an approval or has ended",
      [
        [2, "waiting_approval"],
        [3, "ended"],
      ],
      null,
    ],
  ])("%s", (_, states, next) => {
    const records = states.map(([number, state]) => run(number, state));

    expect(nextRun(records)?.run_id ?? null).toBe(next === null ? null : ulid(next));
  });

  test("is of those that wait the one that was asked for first: uploaded, or ordered, in whole seconds", () => {
    const asked = (number: number, created: string, uploaded_at?: string | null) => ({
      ...run(number, "queued"),
      created_at: `2026-01-02T03:04:${created}Z`,
      upload: uploaded_at === undefined ? null : { key: "inbox/demo/a.zip", uploaded_at },
    });
    const late = asked(5, "30", "2026-01-02T03:04:10Z");

    expect(nextRun([asked(2, "20", "2026-01-02T03:04:19Z"), late])).toBe(late);
    expect(nextRun([asked(2, "11"), late])).toBe(late);
    expect(nextRun([asked(2, "09"), late])?.run_id).toBe(ulid(2));
    expect(nextRun([late, asked(2, "10.9")])?.run_id).toBe(ulid(2));
    expect(nextRun([asked(2, "09", null), late])?.run_id).toBe(ulid(2));
    expect(nextRun([{ ...asked(6, "40"), state: "running" }, late])?.run_id).toBe(ulid(6));
  });
});
