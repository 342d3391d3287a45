/** A config folder that is too long for a request: it comes by a link, and is the same config. */
import { beforeEach, describe, expect, test } from "vitest";
import { readBundleOrigin } from "../../lib/intake/bundle-origin.ts";
import { ARCHIVE_PACKED_BYTES_MAX } from "../../lib/intake/limits.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { bundleUpload } from "../../lib/intake/upload-key.ts";
import { apply, importCluster } from "../apply/cluster.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { configFiles, configOf } from "./policies.ts";
import { work } from "./worker.ts";

const [alice, bruno, eve] = [person("alice"), person("bruno"), person("eve")];
let made: TestDeployment;
beforeEach(async () => {
  made = testDeployment();
  await importCluster(made.client("brain"), configOf());
  await apply(made.client("brain"), configOf());
});

function zipOf(): Promise<Uint8Array> {
  const files = Object.entries(configFiles({ graphs: ["people"] }));
  return packFiles(files.map(([path, text]) => ({ path, bytes: Buffer.from(text, "utf8") })));
}

interface Link {
  readonly upload_id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes_max: number;
}

async function linked(who: object, purpose = "kept_bundle"): Promise<Link> {
  const answer = await send(made, who, "POST", "/clusters/brain/uploads", { body: { purpose } });
  expect(answer.status).toBe(201);
  return answer.body as Link;
}

function arrive({ url, headers }: Link, bytes: Uint8Array, secret?: string): string {
  const key = new URL(url).pathname.slice(1);
  const metadata = { "graphform-ticket": secret ?? headers["x-amz-meta-graphform-ticket"] ?? "" };
  made.inbox.set(key, { bytes, metadata, version: "1", uploaded_at: null });
  return key;
}

const keep = (who: object, upload: string) =>
  send(made, who, "POST", `/clusters/brain/uploads/${upload}/bundle`, { body: {} });

describe("a config folder that comes by a link", () => {
  test("is kept under the digest that it has in a request, and planned the same, as its bringer's", async () => {
    const zip = await zipOf();
    const link = await linked(alice);
    expect(link.bytes_max).toBe(ARCHIVE_PACKED_BYTES_MAX);
    const key = arrive(link, zip);
    // No event of the store plans it.
    expect(bundleUpload(key)).toBeNull();
    const kept = await keep(alice, link.upload_id);
    const headers = { "content-type": "application/zip" };
    expect(kept.status).toBe(201);
    const { bundle_digest } = kept.body as { bundle_digest: never };
    const origin = await readBundleOrigin(made.client("brain").ports, bundle_digest);
    expect(origin).toEqual({ tag: "known", actor: "act-alice" });
    const direct = await send(made, bruno, "POST", "/clusters/brain/bundles", { raw: zip, headers });
    expect(direct.body).toEqual(kept.body);
    expect((await keep(alice, link.upload_id)).body).toEqual(kept.body);

    await send(made, alice, "POST", "/clusters/brain/plans", { body: { bundle_digest } });
    await work(made);
    const listed = await send(made, alice, "GET", "/clusters/brain/runs?limit=1");
    expect(listed.body).toMatchObject({ items: [{ outcome: "planned", actor: "act-alice", bundle_digest }] });
  });

  test("is kept for nobody but whom the link was given to, and not by a link for something else", async () => {
    const link = await linked(alice);
    arrive(link, await zipOf());
    expect((await keep(bruno, link.upload_id)).body).toMatchObject({ status: 404, code: "upload_not_found" });
    expect((await keep(eve, link.upload_id)).status).toBe(403);
    const planned = await linked(alice, "bundle");
    arrive(planned, await zipOf());
    expect((await keep(alice, planned.upload_id)).body).toMatchObject({
      status: 404,
      code: "upload_not_found",
    });
    expect((await keep(alice, "nothing")).body).toMatchObject({ status: 404, code: "upload_not_found" });
  });

  test("counts only if its link brought it, and once it is there", async () => {
    const link = await linked(alice);
    expect((await keep(alice, link.upload_id)).body).toMatchObject({ status: 404, code: "upload_not_found" });
    arrive(link, await zipOf(), "guessed");
    expect((await keep(alice, link.upload_id)).body).toMatchObject({ status: 422, code: "upload_not_taken" });
  });

  test("is refused beyond the limit of a bundle, and if it is no archive", async () => {
    const link = await linked(alice);
    arrive(link, new Uint8Array(ARCHIVE_PACKED_BYTES_MAX + 1));
    expect((await keep(alice, link.upload_id)).body).toMatchObject({ code: "archive_too_large" });
    arrive(link, Buffer.from("no zip"));
    expect((await keep(alice, link.upload_id)).status).toBe(422);
  });

  test("asks for another try when the store does not answer", async () => {
    const link = await linked(alice);
    Object.assign(made.deployment.inbox, {
      read: () => Promise.resolve({ tag: "unavailable", reason: "the store is away" }),
    });
    expect((await keep(alice, link.upload_id)).body).toMatchObject({
      status: 503,
      code: "upload_read_error",
    });
  });
});
