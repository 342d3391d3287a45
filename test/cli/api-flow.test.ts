/** The whole job against a server on this machine, with the commands that people use on a folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, run, runJson } from "./command.ts";
import { type Asking, asked, askedJson, edit, newDeployment, type Served, serving } from "./served.ts";

const TIMEOUT_MS = 120_000;
const NOBODYS = "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z";

function linesOf(text: string): readonly string[] {
  return text.trim().split("\n");
}

/** What differs between two runs of the same: ids, times, what is derived from them, and where it all lies. */
function comparable(text: string, asking: Asking): string {
  return text
    .replaceAll(` --api ${asking.origin}`, "")
    .replace(/[0-7][0-9A-HJKMNP-TV-Z]{25}/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replace(/sha256:[0-9a-f]{64}/g, "CAS")
    .replace(/"plan_digest": "[0-9a-f]{64}"/, '"plan_digest": DIGEST')
    .replace(/"(state_path|lock_path)": "[^"]*\/(__cluster[^"]*)"/g, '"$1": "$2"');
}

describe("The main job on a deployment", () => {
  let server: Served;
  let api: Asking;
  let local = "";

  beforeAll(async () => {
    server = await serving(newDeployment());
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    local = copyOf(EXAMPLE);
  });
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  it("imports once, and not twice", async () => {
    expect((await asked(api, "import")).code).toBe(0);
    await run(local, "import", "--as", "ana");
    const again = await askedJson(api, "import");
    expect({ code: again.code, codes: again.codes }).toEqual({ code: 1, codes: ["state_already_exists"] });
  });

  it("validates there as here", async () => {
    const there = await asked(api, "validate", "--json");
    const here = await run(local, "validate", "--json");
    expect(there.code).toBe(0);
    expect(comparable(there.out, api)).toBe(comparable(here.out, api));
  });

  it("plans what a folder plans, in the same words and with the same document", async () => {
    const there = await asked(api, "plan");
    const here = await run(local, "plan", "--as", "ana");
    expect(there.code).toBe(0);
    expect(comparable(there.out, api)).toBe(comparable(here.out, api));
    const [json, own] = [
      await asked(api, "plan", "--json"),
      await run(local, "plan", "--json", "--as", "ana"),
    ];
    expect(comparable(json.out, api)).toBe(comparable(own.out, api));
    expect((await asked(api, "plan", "--detailed-exitcode")).code).toBe(2);
  });

  it("names the line of the folder on this machine when the config is wrong", async () => {
    edit(api.folder, "queries/crm/deals.gq", /match \{/, "match { $zz: Nothing ");
    const there = await asked(api, "plan");
    expect(there.code).toBe(1);
    expect(there.out).toContain("queries/crm/deals.gq:");
    expect(there.out).not.toContain("bundle:");
    edit(api.folder, "queries/crm/deals.gq", "match { $zz: Nothing ", "match {");
  });

  it("applies what a folder applies, and shows the same status", async () => {
    const there = await asked(api, "apply", "--auto-approve");
    // An apply with a record has a plan of its own, as every run of a deployment has.
    const here = await run(local, "apply", "--as", "ana", "--stop-after", "1h");
    expect(there.code).toBe(0);
    expect(comparable(there.out, api)).toBe(comparable(here.out, api));
    const [status, own] = [await asked(api, "status"), await run(local, "status")];
    expect(comparable(status.out, api)).toBe(comparable(own.out, api));
    expect(status.out).toMatch(/last commit: revision 3, apply by ana, /);
  });

  it("records there and here where the config came from, as the command was told", async () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const told = ["--git-commit", commit, "--git-repository", "https://x:s3cret@git.example/acme/brain"];
    const note = "// told where it came from\n";
    for (const folder of [api.folder, local]) edit(folder, "queries/crm/deals.gq", /^/, note);
    await asked(api, "apply", ...told);
    await run(local, "apply", "--as", "ana", ...told);
    const git = { commit, ref: null, repository: "git.example/acme/brain" };
    for (const { document } of [
      await askedJson(api, "history", "--limit", "1"),
      await runJson(local, "history", "--limit", "1"),
    ]) {
      expect(document["receipts"]).toMatchObject([{ git }]);
    }
  });

  it("answers an apply with nothing to do as a folder does, with the same document", async () => {
    const there = await asked(api, "apply", "--json");
    const here = await run(local, "apply", "--json", "--as", "ana");
    expect(there.code).toBe(0);
    expect(comparable(there.out, api)).toBe(comparable(here.out, api));
  });

  it("loads a file through a link, all of it, and exports the same rows", async () => {
    const file = join(api.folder, "data", "knowledge.jsonl");
    const loaded = await askedJson(api, "load", "--graph", "knowledge", file);
    expect(loaded.code).toBe(0);
    const counts = loaded.document["counts"] as readonly { readonly rows: number }[];
    const rows = linesOf(readFileSync(file, "utf8"));
    expect(counts.reduce((sum, each) => sum + each.rows, 0)).toBe(rows.length);
    await run(local, "load", "--graph", "knowledge", file);
    const [there, here] = [
      await asked(api, "export", "--graph", "knowledge"),
      await run(local, "export", "--graph", "knowledge"),
    ];
    expect(linesOf(there.out)).toHaveLength(rows.length);
    expect([...linesOf(there.out)].sort()).toEqual([...linesOf(here.out)].sort());
    const out = join(api.folder, "rows.jsonl");
    const exported = await askedJson(api, "export", "--graph", "knowledge", "--at", "2", "--out", out);
    expect(exported.document).toMatchObject({ graph: "knowledge", manifest_version: 2, rows: rows.length });
  });

  it("says which line of a file is wrong, and loads nothing of it", async () => {
    edit(api.folder, "data/crm.jsonl", /\n/, '\n{"type":"Nothing","data":{}}\n');
    const { code, out } = await asked(api, "load", "--graph", "crm", join(api.folder, "data", "crm.jsonl"));
    expect(code).toBe(1);
    expect(out).toContain("data/crm.jsonl:2:9");
    expect(out).not.toContain("inbox/");
    expect((await asked(api, "export", "--graph", "crm")).out.trim()).toBe("");
  });

  it("lists the queries that the caller may see", async () => {
    const { code, document } = await askedJson(api, "queries", "--graph", "crm");
    expect({ code, count: (document["queries"] as readonly unknown[]).length }).toEqual({
      code: 0,
      count: 8,
    });
    expect((await asked(api, "queries", "--graph", "crm")).out).toMatch(/^ {2}close_deal +mutation$/m);
  });

  it("does the rest of what an operator does", async () => {
    expect((await asked(api, "refresh")).out).toMatch(/^cluster refresh: revision \d+, 38 resources/);
    expect((await asked(api, "recover")).out).toContain("nothing had to be recorded");
    expect((await asked(api, "protect", "graph.crm", "--reason", "the only copy")).out).toContain(
      "graph.crm is protected by ana",
    );
    expect((await asked(api, "status")).out).toContain("the only copy");
    expect((await askedJson(api, "unprotect", "graph.crm")).codes).toEqual(["api_denied"]);
    const freed = await asked({ ...api, as: "chloe" }, "unprotect", "graph.crm");
    expect(freed.out).toContain("no graph is protected");
    expect((await asked(api, "reclaim")).out).toContain("no deleted graph is past its grace period");
    expect((await asked(api, "fsck", "--repair")).out).toContain("Nothing has to be mended.");
    expect((await asked(api, "fsck")).out).not.toContain("Nothing has to be mended.");
    const unlocked = await askedJson(api, "force-unlock", NOBODYS, "--reason", "gone");
    expect({ code: unlocked.code, codes: unlocked.codes }).toEqual({
      code: 1,
      codes: ["state_lock_missing"],
    });
    const discarded = await askedJson(api, "recover", "discard", NOBODYS, "--reason", "gone");
    expect({ code: discarded.code, codes: discarded.codes }).toEqual({
      code: 1,
      codes: ["recovery_sidecar_not_found"],
    });
    expect((await asked(api, "purge", "schema.crm")).out).toContain("nothing_to_purge");
  });

  it(
    "deletes a graph only after a second person has approved it, and brings it back",
    async () => {
      edit(api.folder, "cluster.yaml", / {2}crm:\n {4}schema: .*\n {4}queries: .*\n/, "");
      edit(api.folder, "cluster.yaml", "[knowledge, crm]", "[knowledge]");
      const ben: Asking = { ...api, as: "ben" };
      const planned = await askedJson(ben, "plan");
      const id = String(planned.document["plan_id"]);
      expect((await asked(ben, "plan")).out).toContain(
        `graphform approve --api ${api.origin} graph.crm --plan`,
      );
      const early = await askedJson(ben, "apply", "--plan", id);
      expect(early).toMatchObject({ code: 0, document: { outcome: "partial", converged: false } });
      expect(early.codes).toContain("run_waits_for_approval");
      expect((await asked(api, "status")).out).toContain("graph.crm: blocked, 8 queries");

      const own = await askedJson(ben, "approve", "graph.crm", "--plan", id);
      expect({ code: own.code, codes: own.codes }).toEqual({
        code: 1,
        codes: [expect.stringMatching(/approval_self_given|api_denied/)],
      });
      const outsider = await askedJson(api, "approve", "graph.crm", "--plan", id);
      expect({ code: outsider.code, codes: outsider.codes }).toEqual({ code: 1, codes: ["api_denied"] });
      const given = await asked(
        { ...api, as: "chloe" },
        "approve",
        "graph.crm",
        "--plan",
        id,
        "--reason",
        "not needed",
      );
      expect(given.code).toBe(0);
      expect(given.out).toContain("delete graph.crm approved by chloe");

      const approval = /approval ([0-9A-Z]{26})/.exec(given.out)?.[1] ?? "";
      expect((await asked(api, "approvals", "list", "--all")).out).toContain(approval);
      expect((await asked(api, "approvals", "show", approval)).out).toContain("because: not needed");
      const watched = await asked(ben, "runs", "watch", String(early.document["run_id"]));
      expect(watched).toMatchObject({ code: 0, out: expect.stringMatching(/apply, applied.*attempt 2/s) });
      expect((await asked(api, "status")).out).toMatch(/graph\.crm: deleted/);
      expect((await asked(api, "approvals", "list")).out).toContain("none listed, 1 used or revoked");
      expect((await askedJson(api, "approvals", "revoke", approval)).code).toBe(1);
      const restored = await asked(api, "restore", "graph.crm");
      expect(restored.out).toContain("cluster restore: graph.crm lives again with 0 rows");
    },
    TIMEOUT_MS,
  );

  it("lists runs, shows one and cancels none that has ended", async () => {
    const listed = await asked(api, "runs", "list");
    expect(listed.out).toMatch(/ load {2}loaded {2}.* by ana \(api\), 1 attempt/);
    expect((await asked(api, "runs", "list", "--open")).out).toMatch(/^no runs/);
    const id = listed.out.slice(0, 26);
    expect((await asked(api, "runs", "show", id)).out).toContain(`run ${id}: import`);
    const canceled = await askedJson(api, "runs", "cancel", id);
    expect({ code: canceled.code, codes: canceled.codes }).toEqual({ code: 1, codes: ["run_ended"] });
    expect((await askedJson(api, "runs", "show", NOBODYS)).codes).toEqual(["run_not_found"]);
  });

  it("answers with the members of a folder's answer also where a deployment refuses", async () => {
    const asking: Asking = { ...api, as: "chloe" };
    for (const verb of [
      ["refresh"],
      ["recover"],
      ["reclaim"],
      ["protect", "graph.knowledge"],
      ["load", "--graph", "knowledge", "data/knowledge.jsonl"],
      ["approvals", "show", "nope"],
      ["approve", "graph.crm", "--plan", "nope"],
      ["runs", "cancel", NOBODYS],
    ]) {
      const there = await askedJson(asking, ...verb);
      const here = await runJson(local, ...verb, "--as", "chloe");
      const missing = Object.keys(here.document).filter((key) => !there.keys.includes(key));
      expect({ verb, code: there.code, missing }).toEqual({ verb, code: 1, missing: [] });
    }
    expect((await askedJson(asking, "approve", "graph.crm", "--plan", "nope")).codes).toEqual([
      "plan_not_found",
    ]);
  }, 120_000);

  it.each([
    ["force-unlock", NOBODYS],
    ["recover", "discard", NOBODYS],
  ])("wants to know why for %s, and sends nothing without", async (...verb) => {
    const refused = await askedJson({ ...api, origin: "http://127.0.0.1:1" }, ...verb);
    expect({ code: refused.code, codes: refused.codes }).toEqual({
      code: 1,
      codes: ["deployment_reason_missing"],
    });
  });

  it("has been told the same by the folder all along", async () => {
    expect((await runJson(local, "apply", "--as", "ana")).document["outcome"]).toBe("noop");
  });
});
