/** How intents of another tool are judged: by what is there and by schema digests (spec/cluster 9.3, deviation 4). */
import { describe, expect, test } from "vitest";
import { isJudgedByDigest, judgeByDigest } from "../../lib/apply/judge-by-digest.ts";
import type { Sidecar } from "../../lib/apply/sidecar.ts";
import type { Observation } from "../../lib/engine/engine.ts";

const LIVE = { tag: "live", head: {}, schema: { digest: "here" } } as unknown as Observation;
const ABSENT: Observation = { tag: "absent", marked: false };
const DELETED = { tag: "deleted", head: {} } as unknown as Observation;
const BROKEN: Observation = { tag: "unreadable", reason: "foreign_format", detail: "junk" };
const UNSEEN: Observation = { tag: "unavailable", reason: "timeout" };

function sidecar(kind: Sidecar["kind"], desired = "wanted", versions: Partial<Sidecar> = {}): Sidecar {
  return {
    schema_version: 1,
    operation_id: "01",
    started_at: "2026-02-03T04:05:06Z",
    actor: null,
    kind,
    graph_id: "zoo",
    graph_uri: "/zoo",
    observed_manifest_version: null,
    expected_manifest_version: null,
    desired_schema_digest: desired,
    state_cas_base: null,
    approval_id: null,
    ...versions,
  };
}

const NOTHING = { graph: false, schema_digest: null };
const recorded = (schema_digest: string) => ({ graph: true, schema_digest });

describe("an intent that names no version of ours", () => {
  test.each([
    ["graph_create", ABSENT, NOTHING, "never"],
    ["graph_create", DELETED, NOTHING, "never"],
    ["graph_create", LIVE, recorded("here"), "landed_recorded"],
    ["graph_create", LIVE, recorded("other"), "overtaken"],
    ["graph_create", LIVE, NOTHING, "overtaken"],
    ["schema_apply", ABSENT, recorded("other"), "never"],
    ["schema_apply", LIVE, recorded("here"), "landed_recorded"],
    ["schema_apply", LIVE, recorded("other"), "overtaken"],
    ["graph_delete", LIVE, recorded("here"), "never"],
    ["graph_delete", ABSENT, NOTHING, "never"],
    ["graph_delete", ABSENT, recorded("here"), null],
  ] as const)("%s, %o, with %o in the ledger, is judged %s", (kind, seen, entries, verdict) => {
    expect(judgeByDigest(sidecar(kind), seen, entries)).toBe(verdict);
  });

  test.each(["graph_create", "schema_apply"] as const)("%s landed if its digest lives unrecorded", (kind) => {
    expect(judgeByDigest(sidecar(kind, "here"), LIVE, recorded("other"))).toBe("landed");
  });

  test.each(["graph_create", "schema_apply", "graph_delete"] as const)(
    "%s is never settled on a root that cannot be seen (W4)",
    (kind) => {
      expect(judgeByDigest(sidecar(kind), BROKEN, NOTHING)).toBeNull();
      expect(judgeByDigest(sidecar(kind), UNSEEN, NOTHING)).toBeNull();
    },
  );
});

test("an intent of ours, which says what it publishes, is not judged by digests", () => {
  const versions = { observed_manifest_version: 4, expected_manifest_version: 5 };

  expect(isJudgedByDigest(sidecar("schema_apply", "d", versions))).toBe(false);
  expect(isJudgedByDigest(sidecar("schema_apply", "d", { observed_manifest_version: 4 }))).toBe(true);
  expect(isJudgedByDigest(sidecar("graph_create"))).toBe(true);
});
