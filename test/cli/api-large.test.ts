/** What is too long for one request or one answer of a deployment, with the commands that people use. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, runJson } from "./command.ts";
import { type Asking, asked, askedJson, newDeployment, type Served, serving } from "./served.ts";

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
