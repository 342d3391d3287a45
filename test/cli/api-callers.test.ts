/** Who asks a server on this machine: what each may, and what nobody learns. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, start } from "./command.ts";
import { type Asking, asked, askedJson, newDeployment, type Served, serving } from "./served.ts";

describe("A caller of a deployment", () => {
  let server: Served;
  let api: Asking;
  beforeAll(async () => {
    server = await serving(newDeployment());
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    await asked(api, "import");
    await asked(api, "apply", "--auto-approve");
  });
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it("is nobody with a token that the server does not know, and learns nothing (401)", async () => {
    const env = { GRAPHFORM_TOKEN: "x".repeat(40), HOME: api.folder };
    const { code, out } = await start(api.folder, ["status", "--api", api.origin], env).ended;
    expect(code).toBe(1);
    expect(out).toContain(
      "cluster status failed\nERROR api_unauthenticated authorization: It is not known who makes the request.",
    );
    expect(out).toContain("      fix: ");
  });

  it("is refused what the policy does not allow somebody whom it knows, with the rule (403)", async () => {
    const applied = await askedJson({ ...api, as: "chloe" }, "apply");
    expect({ code: applied.code, codes: applied.codes }).toEqual({ code: 1, codes: ["api_denied"] });
    expect((await askedJson({ ...api, as: "chloe" }, "status")).code).toBe(0);
  });

  it("whom the policy does not know finds nothing, whatever is asked (404)", async () => {
    for (const verb of [
      ["status"],
      ["plan"],
      ["apply"],
      ["runs", "list"],
      ["export", "--graph", "crm", "--out", "rows"],
    ]) {
      const { code, codes } = await askedJson({ ...api, as: "mallory" }, ...verb);
      expect({ verb, code, codes }).toEqual({ verb, code: 1, codes: ["api_not_found"] });
    }
  });

  it("finds no cluster that is not there, in the words for one that must not be known (404)", async () => {
    const missing = await askedJson({ ...api, as: "chloe" }, "status", "--cluster", "nowhere");
    const hidden = await askedJson({ ...api, as: "mallory" }, "status");
    expect(missing.codes).toEqual(["api_not_found"]);
    expect(JSON.stringify(missing.document).replaceAll("nowhere", "company-brain")).toBe(
      JSON.stringify(hidden.document),
    );
  });

  it("is who the token says, whatever --as says", async () => {
    await asked(api, "refresh", "--as", "somebody-else");
    expect((await asked(api, "status")).out).toContain("by ana");
    expect((await asked(api, "status")).out).not.toContain("somebody-else");
  });
});
