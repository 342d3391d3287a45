/** Which policy is in force, and which queries there are: what the ledger names and the store still holds, or nothing. */
import { describe, expect, test } from "vitest";
import { boundPolicy } from "../../lib/access/applied-policy.ts";
import { authorsOf, recordAuthor } from "../../lib/access/authors.ts";
import { demandsApproval } from "../../lib/access/demanded-approvals.ts";
import { POLICY_PAYLOAD_BYTES_MAX } from "../../lib/access/limits.ts";
import { graphQueries } from "../../lib/access/query-catalog.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { noteBundleOrigin } from "../../lib/intake/bundle-origin.ts";
import { payloadKey } from "../../lib/ledger/payload-key.ts";
import type { Change } from "../../lib/plan/change.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";
import { CLUSTER_POLICY } from "../api/policies.ts";
import { newWorld, openClient, type World } from "../apply/cluster.ts";
import { ALL_PEOPLE } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";

const PEOPLE = "people" as GraphId;

/** Stores a payload where the ledger would say it is; what the ledger says of it. */
function stored(world: World, address: string, text: string, more: object = {}) {
  const digest = sha256(text);
  const key = payloadKey(address, digest);
  if (key === null) throw new Error(address);
  world.objects.objects.set(key, Buffer.from(text));
  return { key, resource: { digest, ...more } };
}

describe("the policy of a cluster", () => {
  const CLUSTER = { applies_to: ["cluster"] };
  const bound = (world: World, resources: Readonly<Record<string, { readonly digest: string }>>) =>
    boundPolicy(openClient(world).ports, { resources }, "cluster", new Map());

  test("is the payload that the ledger names, whole", async () => {
    const world = newWorld();
    const { resource } = stored(world, "policy.control", CLUSTER_POLICY, CLUSTER);
    expect((await bound(world, { "policy.control": resource })).tag).toBe("bound");
    expect((await bound(world, {})).tag).toBe("unbound");
  });

  test("that is not there, changed, too long, or one of two is not taken for none", async () => {
    const world = newWorld();
    const control = stored(world, "policy.control", CLUSTER_POLICY, CLUSTER);
    const other = stored(world, "policy.other", CLUSTER_POLICY, CLUSTER);
    const two = { "policy.control": control.resource, "policy.other": other.resource };
    expect(await bound(world, two)).toMatchObject({
      tag: "failed",
      reason: expect.stringMatching(/more than one/),
    });
    const nowhere = { ...two, "policy.other": { digest: other.resource.digest } };
    expect(await bound(world, nowhere)).toMatchObject({
      tag: "failed",
      reason: expect.stringMatching(/does not say/),
    });
    const one = { "policy.control": control.resource };
    world.objects.objects.set(control.key, Buffer.from(`${CLUSTER_POLICY}\n`));
    expect(await bound(world, one)).toMatchObject({
      tag: "failed",
      reason: expect.stringMatching(/another digest/),
    });
    world.objects.objects.delete(control.key);
    expect(await bound(world, one)).toMatchObject({
      tag: "failed",
      reason: expect.stringMatching(/missing/),
    });
    const text = `${CLUSTER_POLICY}${"#".repeat(POLICY_PAYLOAD_BYTES_MAX)}\n`;
    const long = stored(world, "policy.control", text, CLUSTER);
    expect(await bound(world, { "policy.control": long.resource })).toMatchObject({
      tag: "failed",
      reason: expect.stringMatching(/too long/),
    });
  });
});

describe("the queries of a graph", () => {
  const ADDRESS = "query.people.all_people";
  const MUTATION = "query all_people($name: String) { insert Person { name: $name } }\n";

  test("are those of the payloads that the ledger names now, and never what was kept of others", async () => {
    const world = newWorld();
    const { ports } = openClient(world);
    const cache = new Map();
    const list = async (resource: { readonly digest: string }) => {
      const found = await graphQueries(ports, { resources: { [ADDRESS]: resource } }, PEOPLE, cache);
      return found.tag === "queries" ? found.queries.map(({ mutation }) => mutation) : found.reason;
    };
    const reading = stored(world, ADDRESS, ALL_PEOPLE);
    expect(await list(reading.resource)).toEqual([false]);
    const changing = stored(world, ADDRESS, MUTATION);
    expect(await list(changing.resource)).toEqual([true]);
    const third = stored(world, ADDRESS, `${ALL_PEOPLE}\n`);
    world.objects.objects.set(third.key, Buffer.from(MUTATION));
    expect(await list(third.resource)).toContain("another digest");
  });
});

describe("the authors of a change", () => {
  test("are not known while it cannot be read who brought its file", async () => {
    const world = newWorld();
    const { ports } = openClient(world);
    const digest = sha256("query");
    const bundle = sha256("bundle");
    await noteBundleOrigin(ports, bundle, "ana");
    await recordAuthor(ports, [digest], "bob");
    const plan = {
      actor: "ana",
      made_from: { bundle_digest: bundle },
      changes: [{ resource: "query.people.find", after_digest: digest }],
    } as unknown as Parameters<typeof authorsOf>[1];
    expect(await authorsOf(ports, plan, null)).toEqual(["ana", "bob"]);
    const away = interfering(({ key }) => (key.startsWith("__graphform/authors/") ? "fail" : "act"));
    expect(await authorsOf(openClient(world, away).ports, plan, null)).toEqual([]);
  });
});

describe("a duty of approvals", () => {
  test("wants a change approved exactly if each of its conditions fits", async () => {
    const parsed = parsePolicy(CLUSTER_POLICY, "policy.control");
    if (parsed.tag !== "parsed") throw new Error(parsed.tag);
    const change = (resource: string, operation: string) => {
      const facts = { resource, operation, disposition: "applied" };
      return facts as unknown as Change;
    };
    expect(demandsApproval(parsed.bundle, change("query.people.find", "create"))).toBe(false);
    expect(demandsApproval(parsed.bundle, change("policy.control", "update"))).toBe(true);
    expect(demandsApproval(parsed.bundle, change("graph.shop", "delete"))).toBe(true);
  });
});
