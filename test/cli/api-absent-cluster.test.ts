/** A cluster that a deployment does not have: what its caller is told, and that a stranger is told nothing. */
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders } from "./command.ts";
import { type Asking, asked, askedJson, edit, newDeployment, type Served, serving } from "./served.ts";

const TIMEOUT_MS = 120_000;

describe("A cluster that a deployment does not have", () => {
  let server: Served;
  let api: Asking;
  let root = "";

  beforeAll(async () => {
    root = newDeployment();
    server = await serving(root);
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
  });
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it(
    "is not planned before it is begun: nothing of it is kept, and it says how to begin",
    async () => {
      for (const verb of ["plan", "apply", "validate"]) {
        const { code, out } = await asked(api, verb);
        expect({ verb, code, out }).toEqual({
          verb,
          code: 1,
          out: expect.stringContaining(
            'ERROR state_missing company-brain: There is no cluster "company-brain" yet: it has no ledger.',
          ),
        });
        expect(out).toContain("begin the cluster first: `graphform import`");
        expect(out).not.toContain("deployment_cluster_absent");
      }
      const status = await asked(api, "status");
      expect({ code: status.code, out: status.out }).toEqual({
        code: 0,
        out: expect.stringContaining(`${server.origin} has no cluster "company-brain" that you may read.`),
      });
      expect(existsSync(join(root, "clusters"))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    "is told apart from one that there is: its caller learns which one may have been meant",
    async () => {
      await asked(api, "import");
      await asked(api, "apply", "--auto-approve");
      for (const verb of [["status"], ["plan"], ["apply"], ["ledger"]]) {
        const { out } = await asked(api, ...verb, "--cluster", "company-brian");
        expect({ verb, out }).toEqual({
          verb,
          out: expect.stringContaining("You may read company-brain. Did you mean `company-brain`?"),
        });
      }
      expect(readdirSync(join(root, "clusters"))).toEqual(["company-brain"]);
      const json = await askedJson(api, "status", "--cluster", "company-brian");
      expect(json).toMatchObject({ code: 0, codes: ["state_missing", "deployment_cluster_absent"] });
    },
    TIMEOUT_MS,
  );

  it("is not what a config that cannot be planned tells of", async () => {
    const folder = copyOf(EXAMPLE);
    edit(folder, "policies/cluster.policy.yaml", "version: 1", "version: [");
    const { code, out } = await asked({ ...api, folder }, "plan");
    expect(code).toBe(1);
    expect(out).toContain("ERROR policy_invalid");
    expect(out).not.toContain("deployment_cluster_absent");
  });

  it("is shown to whom it is denied with the clusters that they may read, and to a stranger with none", async () => {
    const known = await asked({ ...api, as: "chloe" }, "status", "--cluster", "nowhere");
    expect(known.code).toBe(1);
    expect(known.out).toContain("You may read company-brain.");
    for (const cluster of ["nowhere", "company-brain"]) {
      const stranger = await asked({ ...api, as: "mallory" }, "status", "--cluster", cluster);
      expect(stranger.code).toBe(1);
      expect(stranger.out.replaceAll(cluster, "NAME")).toBe(
        [
          "cluster status failed",
          'ERROR api_not_found NAME: There is no cluster "NAME", or nothing in it, that you may know of.',
          "      why: What a caller may not see answers like what does not exist.",
          "      fix: Check the name; if it is right, ask for access to it.",
          "",
        ].join("\n"),
      );
    }
  });

  it("is not planned from other files than were sent", async () => {
    const paths: string[] = [];
    const other = createServer((request, response) => {
      paths.push(request.url ?? "");
      const body = JSON.stringify({ format_version: 1, bundle_digest: "0".repeat(64), diagnostics: [] });
      response.writeHead(201, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const elsewhere = { ...api, origin: `http://127.0.0.1:${(other.address() as AddressInfo).port}` };
    const { code, out } = await asked(elsewhere, "plan");
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringContaining("has kept other files than were sent"),
    });
    expect(paths.filter((path) => !path.endsWith("/bundles"))).toEqual([]);
    other.close();
  });

  it("is not what a server of something else tells of: no rows come of it, and nothing is to be restored", async () => {
    const other = createServer((_request, response) =>
      response.setHeader("content-type", "text/html").end("<html>hello</html>"),
    );
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const elsewhere = { ...api, origin: `http://127.0.0.1:${(other.address() as AddressInfo).port}` };
    for (const verb of [["export", "--graph", "crm"], ["ledger"]]) {
      const { code, out, err } = await asked(elsewhere, ...verb);
      expect({ verb, code, out: verb[0] === "export" ? out : "" }).toEqual({ verb, code: 1, out: "" });
      expect(out + err).toContain("ERROR deployment_answer_invalid");
      expect(out + err).not.toContain("Restore __cluster");
    }
    other.close();
  });
});
