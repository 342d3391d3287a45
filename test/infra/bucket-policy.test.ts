/** What the bucket refuses to everybody, an administrator with all permissions included. */
import { beforeAll, describe, expect, it } from "vitest";
import type { CommitId, GraphId, LockId } from "../../lib/digest/ids.ts";
import { manifestKey, markerKey } from "../../lib/engine/paths.ts";
import { headKey, LOCK_FILE_KEY, lockRecordKey, receiptKey } from "../../lib/ledger/keys.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { type Permissions, permissionsOf } from "./permissions.ts";
import { testStack } from "./stack.ts";

let permissions: Permissions;
let withOmnigraph: Permissions;
beforeAll(() => {
  permissions = permissionsOf(testStack().template);
  withOmnigraph = permissionsOf(testStack({ omnigraph_writes: true }).template);
}, 180_000);

const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const people = "people" as GraphId;
const GUARDED: readonly string[] = [
  STATE_KEY,
  receiptKey(7, ULID as CommitId),
  headKey(7),
  lockRecordKey(ULID as LockId),
  manifestKey(people, 7),
  markerKey(people),
  `__graphform/approvals/${ULID}.json`,
  `__graphform/audit/2026-01-01/${ULID}.json`,
];
const SHARED: readonly string[] = [`__cluster/approvals/${ULID}.json`, "__cluster/resources/schema/x.pg"];
const REMOVABLE: readonly string[] = [
  LOCK_FILE_KEY,
  `__cluster/recoveries/${ULID}.json`,
  `__graphform/open-runs/${ULID}.json`,
];
const ROWS = `graphs/people.omni/${ULID}/1-1.lance/data/0.lance`;

function ask(by: Permissions, action: string, key: string, keys: Readonly<Record<string, string>> = {}) {
  return by.asAdministrator({ action, resource: `${by.bucketArn}/clusters/demo/${key}`, keys });
}

describe("the bucket", () => {
  it.each([...GUARDED, ...SHARED, ...REMOVABLE])("takes %s only on a condition", (key) => {
    expect(ask(permissions, "s3:PutObject", key)).toBe("denied by WritesNeedACondition");
    expect(ask(permissions, "s3:PutObject", key, { "s3:if-none-match": "*" })).toBe("allowed");
    expect(ask(permissions, "s3:PutObject", key, { "s3:if-match": '"1"' })).toBe("allowed");
  });

  it.each([...GUARDED, ...SHARED])(
    "deletes %s for nobody, on whatever condition, nor a version of it",
    (key) => {
      expect(ask(permissions, "s3:DeleteObject", key)).toBe("denied by NothingElseIsDeleted");
      expect(ask(permissions, "s3:DeleteObject", key, { "s3:if-match": '"1"' })).toBe(
        "denied by NothingElseIsDeleted",
      );
      expect(ask(permissions, "s3:DeleteObjectVersion", key)).toBe("denied by NothingElseIsDeleted");
    },
  );

  it.each(REMOVABLE)("deletes %s only as it was seen", (key) => {
    expect(ask(permissions, "s3:DeleteObject", key)).toBe("denied by RemovalsNeedAVersion");
    expect(ask(permissions, "s3:DeleteObject", key, { "s3:if-match": '"1"' })).toBe("allowed");
  });

  it("lets Lance write and remove rows, which manifests guard", () => {
    expect(ask(permissions, "s3:PutObject", ROWS)).toBe("allowed");
    expect(ask(permissions, "s3:DeleteObject", ROWS)).toBe("allowed");
  });

  it("takes uploads without a condition", () => {
    const resource = `${permissions.bucketArn}/inbox/demo/bundle.zip`;

    expect(permissions.asAdministrator({ action: "s3:PutObject", resource, keys: {} })).toBe("allowed");
  });

  it("is not reached without TLS", () => {
    const resource = `${permissions.bucketArn}/clusters/demo/${STATE_KEY}`;
    const keys = { "aws:SecureTransport": "false" };

    expect(permissions.asAdministrator({ action: "s3:GetObject", resource, keys })).toMatch(/^denied by/);
  });

  it("lets OmniGraph's own command line write beside the ledger, if the inputs say so, and never the ledger", () => {
    for (const key of [...SHARED, LOCK_FILE_KEY, `__cluster/recoveries/${ULID}.json`]) {
      expect(ask(withOmnigraph, "s3:PutObject", key)).toBe("allowed");
    }
    expect(ask(withOmnigraph, "s3:DeleteObject", LOCK_FILE_KEY)).toBe("allowed");
    for (const key of GUARDED) {
      expect(ask(withOmnigraph, "s3:PutObject", key)).toBe("denied by WritesNeedACondition");
      expect(ask(withOmnigraph, "s3:DeleteObject", key)).toBe("denied by NothingElseIsDeleted");
    }
  });
});
