/** What is too long for one request or one answer of a deployment, with the commands that people use. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, runJson } from "./command.ts";
import {
  type Asking,
  asked,
  askedJson,
  gatewayLike,
  newDeployment,
  type Served,
  serving,
  TOKENS,
} from "./served.ts";

const NOISE_BYTES = 2.5 * 1024 * 1024;

/** A file of one query that packs to a little more than 2.5 MiB: the query, and noise in comments. */
function writeNoise(folder: string, name: string): void {
  const noise =
    randomBytes(NOISE_BYTES)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  const text = noise.map((line) => `// ${line}\n`).join("");
  const query = `query ${name}() {\n  match { $p: Person }\n  return { $p.name }\n}\n`;
  writeFileSync(join(folder, "queries", "knowledge", `${name}.gq`), text + query);
}

describe("A config folder that is too long for a request", () => {
  let server: Served;
  let api: Asking;
  beforeAll(async () => {
    server = await serving(newDeployment());
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    await asked(api, "import");
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it("is planned and applied all the same, as the config of who sends it", async () => {
    for (const name of ["noisy", "loud"]) writeNoise(api.folder, name);
    const [there, here] = [await askedJson(api, "validate"), await runJson(api.folder, "validate")];
    expect({ code: there.code, digests: there.document["resource_digests"] }).toEqual({
      code: 0,
      digests: here.document["resource_digests"],
    });
    const planned = await askedJson(api, "plan", "--target", "knowledge");
    expect({ code: planned.code, codes: planned.codes }).toEqual({ code: 0, codes: [] });
    expect(JSON.stringify(planned.document["changes"])).toContain("query.knowledge.noisy");
    const applied = await askedJson(api, "apply", "--auto-approve");
    expect(applied).toMatchObject({ code: 0, document: { outcome: "applied", converged: true } });
    const { document } = await askedJson(api, "history", "--limit", "1");
    expect(document["receipts"]).toMatchObject([{ actor: "ana", trigger: "api" }]);
    // Nothing else was made of the upload.
    const runs = (await asked(api, "runs", "list")).out.trim().split("\n");
    expect(runs.filter((line) => line.includes("(upload)"))).toEqual([]);
  }, 120_000);

  it("is refused before it is sent if it is too long for a bundle, and so is one that the policy does not allow", async () => {
    const mallory = await askedJson({ ...api, as: "mallory" }, "plan");
    expect({ code: mallory.code, codes: mallory.codes }).toEqual({ code: 1, codes: ["api_not_found"] });
    for (const name of ["shrill", "deafening"]) writeNoise(api.folder, name);
    const { code, codes } = await askedJson(api, "plan");
    expect({ code, codes }).toEqual({ code: 1, codes: ["archive_too_large"] });
  }, 60_000);
});

describe("An export that is too long for the answer of a gateway", () => {
  let server: Served;
  let api: Asking;
  const lines = Array.from({ length: 200 }, (_, at) =>
    JSON.stringify({ type: "Team", data: { slug: `team-${at}`, name: "T".repeat(40) } }),
  );
  beforeAll(async () => {
    server = await gatewayLike(newDeployment(), 4_000);
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    await asked(api, "import");
    await asked(api, "apply", "--auto-approve");
    const file = join(api.folder, "topics.jsonl");
    writeFileSync(file, `${lines.join("\n")}\n`);
    expect((await asked(api, "load", "--graph", "knowledge", file)).code).toBe(0);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it("comes all the same, whole and of the version that was asked for", async () => {
    const { code, out, err } = await asked(api, "export", "--graph", "knowledge");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const names = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).data.slug);
    expect(new Set(names)).toEqual(new Set(lines.map((line) => JSON.parse(line).data.slug)));
    const file = join(api.folder, "rows.jsonl");
    const written = await askedJson(api, "export", "--graph", "knowledge", "--at", "2", "--out", file);
    expect(written).toMatchObject({ code: 0, document: { manifest_version: 2, rows: lines.length } });
    const runs = await asked(api, "runs", "list");
    expect(runs.out.match(/ export {2}exported {2}/g)).toHaveLength(2);
    // A short one is an answer, and no run.
    expect((await askedJson(api, "export", "--graph", "crm", "--out", file)).document["rows"]).toBe(0);
    expect((await asked(api, "runs", "list")).out).toBe(runs.out);
  }, 60_000);

  it("is for nobody whom the policy does not let export, and its link is for nobody without the signature", async () => {
    const { code, codes } = await askedJson({ ...api, as: "mallory" }, "export", "--graph", "knowledge");
    expect({ code, codes }).toEqual({ code: 1, codes: ["api_not_found"] });
    const id = /^([0-9A-Z]{26}) {2}export/m.exec((await asked(api, "runs", "list")).out)?.[1];
    const url = `${api.origin}/v1/clusters/company-brain/graphs/knowledge/exports/${id}`;
    const headers = { authorization: `Bearer ${TOKENS.ana}` };
    const { link } = (await (await fetch(url, { headers })).json()) as {
      readonly link: { readonly url: string };
    };
    expect((await (await fetch(link.url)).text()).trim().split("\n")).toHaveLength(lines.length);
    expect((await fetch(link.url, { method: "PUT", body: "x" })).status).toBe(403);
    expect((await fetch(`${link.url.slice(0, -2)}xx`)).status).toBe(403);
    expect(
      (await fetch(link.url.replace("local-downloads", "local-uploads"), { method: "PUT" })).status,
    ).toBe(403);
    expect((await fetch(url, { headers: { authorization: `Bearer ${TOKENS.ben}` } })).status).toBe(404);
  }, 60_000);
});
