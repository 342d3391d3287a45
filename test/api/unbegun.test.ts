/** A cluster that nobody has begun: nothing is kept for its name, and who may begin one is told that it is not there. */
import { beforeEach, describe, expect, test } from "vitest";
import { importCluster, putText } from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { zipOf } from "./ordering.ts";
import { configOf } from "./policies.ts";

const admin = role("bootstrap");
const DIGEST = "a".repeat(64);

let made: TestDeployment;
beforeEach(() => {
  made = testDeployment();
});

describe("a cluster that nobody has begun", () => {
  test.each([
    ["bundles", null],
    ["uploads", { purpose: "bundle" }],
    ["uploads", { purpose: "kept_bundle" }],
    ["plans", { bundle_digest: DIGEST }],
    ["applies", { bundle_digest: DIGEST }],
  ])("takes no %s %j, and leaves no trace", async (path, body) => {
    const headers = { "content-type": "application/zip" };
    const sending = body === null ? { raw: await zipOf(), headers } : { body };
    const post = (who: object) => send(made, who, "POST", `/clusters/brian/${path}`, sending);
    expect((await post(admin)).body).toMatchObject({
      status: 409,
      code: "state_missing",
      detail: 'There is no cluster "brian" yet: it has no ledger.',
      diagnostics: [{ path: "brian", fix: expect.stringContaining("graphform import") }],
    });
    expect((await post(person("eve"))).body).toMatchObject({ status: 404, code: "api_not_found" });
    expect(made.client("brian").world.objects.objects.size).toBe(0);
    const uploads = [...made.records.objects.keys()].filter((key) => key.startsWith("uploads/"));
    expect(uploads).toEqual([]);
  });

  test("is listed to nobody, whatever lies below its name, until an import has made its ledger", async () => {
    const listed = async () => (await send(made, admin, "GET", "/clusters")).body;
    await importCluster(made.client("brain"), configOf());
    putText(made.client("brian").world, "__graphform/bundles/x.zip", "left by an earlier program");
    expect(await listed()).toMatchObject({ items: [{ cluster: "brain" }] });
    await importCluster(made.client("brian"), configOf());
    expect(await listed()).toMatchObject({ items: [{ cluster: "brain" }, { cluster: "brian" }] });
  });

  test("is not one whose ledger cannot be read or was lost, which is listed", async () => {
    const { world } = made.client("brain");
    await importCluster(made.client("brain"), configOf());
    world.objects.objects.delete("__cluster/state.json" as never);
    expect((await send(made, admin, "GET", "/clusters")).body).toMatchObject({
      items: [{ cluster: "brain" }],
    });
    const body = { bundle_digest: DIGEST };
    const answer = await send(made, admin, "POST", "/clusters/brain/plans", { body });
    expect(answer.body).not.toMatchObject({ code: "state_missing" });
  });
});
