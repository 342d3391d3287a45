/** The record of every decision: what it holds, where it lies, and what happens if it cannot be written. */
import { beforeEach, describe, expect, test } from "vitest";
import type { AccessRequest } from "../../lib/access/access.ts";
import { AUDIT_PREFIX, type AuditRecord, encodeAudit } from "../../lib/access/audit.ts";
import { decodeAuthor, encodeAuthor } from "../../lib/access/authors.ts";
import type { Caller } from "../../lib/access/caller.ts";
import { createAccess } from "../../lib/access/cedar-access.ts";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { person, SETTINGS, send, type TestDeployment, testDeployment } from "../api/deployment.ts";
import { configOf } from "../api/policies.ts";
import { apply, type Client, importCluster } from "../apply/cluster.ts";

let made: TestDeployment;
let client: Client;

beforeEach(async () => {
  made = testDeployment();
  client = made.client("brain");
  await importCluster(client, configOf());
  await apply(client, configOf());
});

function recordsIn(objects: ReadonlyMap<string, Uint8Array>): readonly AuditRecord[] {
  return [...objects]
    .filter(([key]) => key.startsWith(AUDIT_PREFIX))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, bytes]) => JSON.parse(Buffer.from(bytes).toString("utf8")) as AuditRecord);
}

const audited = () => recordsIn(client.world.objects.objects);

function caller(actor: string): Caller {
  return {
    actor,
    source: "jwt",
    canonical: `jwt:login:${actor}`,
    session: null,
    amr: ["mfa"],
    claim_groups: [],
  };
}

describe("a decision", () => {
  test("is on record with who, what, by which rules of which policy, and under the id of the request", async () => {
    await send(made, person("eve"), "GET", "/clusters/brain/status");
    await send(made, person("agent"), "GET", "/clusters/brain/status");
    await send(made, person("agent"), "GET", "/clusters/brain/graphs/people/queries");
    const digest = configOf().resource_digests["policy.control"];
    expect(audited()).toEqual([
      {
        format_version: 1,
        audit_id: expect.any(String),
        at: "2026-01-01T00:00:00Z",
        request_id: "request-1",
        actor: "act-eve",
        canonical: "jwt:login:eve",
        source: "jwt",
        session: null,
        action: "cluster_read_status",
        resource: "s3://bucket/clusters/brain",
        decision: "allowed",
        message: "",
        rules: ["everyone-observes"],
        policy_digest: digest,
        state_revision: expect.any(Number),
        context_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({
        actor: "agent-support",
        decision: "denied",
        message: "policy denied action 'cluster_read_status' for unknown actor 'agent-support'",
        rules: [],
      }),
      expect.objectContaining({
        action: "list_query",
        resource: "s3://bucket/clusters/brain#graph.people",
        decision: "allowed",
        policy_digest: configOf().resource_digests["policy.data"],
      }),
    ]);
    const [first] = [...client.world.objects.objects.keys()].filter((key) => key.startsWith(AUDIT_PREFIX));
    expect(first).toMatch(/^__graphform\/audit\/2026-01-01\/[0-9A-Z]{26}\.json$/);
  });

  test("about a cluster that is not there is on record with the deployment and makes no cluster", async () => {
    await send(made, person("eve"), "GET", "/clusters/ghost/status");
    expect(made.client("ghost").world.objects.objects.size).toBe(0);
    expect(recordsIn(made.records.objects)).toEqual([
      expect.objectContaining({ decision: "denied", resource: "s3://bucket/clusters/ghost" }),
    ]);
  });

  test("that cannot be recorded lets nobody apply, approve, operate, unlock or export, and denies as before", async () => {
    const store = client.ports.store;
    const broken: ClusterPorts = {
      ...client.ports,
      store: {
        ...store,
        get: (key) => store.get(key),
        list: (options) => store.list(options),
        putIfAbsent: (key, bytes) =>
          key.startsWith(AUDIT_PREFIX)
            ? Promise.resolve({ tag: "unavailable", reason: "the disk is full" })
            : store.putIfAbsent(key, bytes),
      },
    };
    const access = createAccess(SETTINGS, createMemoryObjectStore(createMemoryBackend()));
    const operate: AccessRequest = {
      kind: "operate",
      changes: { kinds: ["graph"], operations: ["update"], graphs: ["people"], max_tier: "catalog" },
    };
    const decide = (actor: string, request: AccessRequest) => access.decide(broken, caller(actor), request);
    expect(await decide("act-dan", operate)).toEqual({
      tag: "failed",
      reason: "the decision could not be recorded: the disk is full",
    });
    expect(await decide("act-alice", operate)).toMatchObject({ tag: "denied", masked: false });
    const rows = (action: "export" | "read"): AccessRequest => ({
      kind: "graph",
      action,
      graph: "people" as GraphId,
    });
    expect(await decide("act-carol", rows("export"))).toMatchObject({ tag: "failed" });
    expect(await decide("act-dan", rows("export"))).toMatchObject({ tag: "denied" });
    expect(await decide("act-carol", rows("read"))).toMatchObject({ tag: "allowed" });
    // Reading does not stand still for a record that cannot be written.
    const read: AccessRequest = { kind: "control", action: "cluster_read_status" };
    expect(await decide("act-eve", read)).toMatchObject({ tag: "allowed" });
  });

  test("of a graph denies what its policy does not name, whatever the cluster's policy says", async () => {
    const access = createAccess(SETTINGS, createMemoryObjectStore(createMemoryBackend()));
    const ask = (actor: string, action: "read" | "change" | "schema_apply" | "admin") =>
      access.decide(client.ports, caller(actor), { kind: "graph", action, graph: "people" as GraphId });
    expect(await ask("act-carol", "read")).toMatchObject({ tag: "allowed", rules: ["curators-read"] });
    expect(await ask("act-carol", "schema_apply")).toMatchObject({ tag: "denied", masked: false });
    expect(await ask("act-dan", "admin")).toMatchObject({ tag: "denied", masked: true });
  });
});

test("The record of a decision keeps its format", () => {
  const record: AuditRecord = {
    format_version: 1,
    audit_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    at: "2026-01-01T00:00:00Z",
    request_id: "request-1",
    actor: "act-dan",
    canonical: "jwt:login:dan",
    source: "jwt",
    session: null,
    action: "cluster_apply",
    resource: "s3://bucket/clusters/brain#plan.01ARZ3NDEKTSV4RRFFQ69G5FAV",
    decision: "denied",
    message: "policy denied",
    rules: ["duty/policy-needs-two"],
    policy_digest: "ab",
    state_revision: 7,
    context_digest: "cd",
  };
  expect(Buffer.from(encodeAudit(record)).toString("utf8")).toBe(`${JSON.stringify(record, null, 2)}\n`);
});

test("The record of an author keeps its format, and one that is damaged names nobody", () => {
  const author = {
    format_version: 1,
    digest: "a".repeat(64),
    actor: "act-ana",
    at: "2026-01-01T00:00:00Z",
  } as const;
  const bytes = encodeAuthor(author);
  expect(Buffer.from(bytes).toString("utf8")).toBe(`${JSON.stringify(author, null, 2)}\n`);
  expect(decodeAuthor(bytes)).toEqual(author);
  expect(decodeAuthor(Buffer.from("{}"))).toBeNull();
});
