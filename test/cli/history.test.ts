/** The history, the ledger and the end of a block from the command line: of a folder, and of a deployment. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { history, showRevision } from "../../cli/verbs/history.ts";
import { ledger } from "../../cli/verbs/ledger.ts";
import { unblock } from "../../cli/verbs/unblock.ts";
import { encodeBlocked } from "../../lib/apply/runs/blocked.ts";
import { importedCluster, loadedCluster } from "./applied-cluster.ts";
import { captured, verbJson } from "./captured.ts";
import { copyOf, EXAMPLE, forgetFolders, newFolder, run } from "./command.ts";
import { type Asking, asked, askedJson, newDeployment, type Served, serving } from "./served.ts";

afterAll(forgetFolders);

const AT = "2026-06-10T09:00:00.000Z";

function block(root: string): void {
  const blocked = { by: "worker", reason: "the disk is full", at: AT };
  const record = {
    format_version: 1,
    blocked,
    unblocked: null,
    change_id: "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
  } as const;
  writeFileSync(join(root, "__graphform", "blocked.json"), encodeBlocked(record));
}

function receiptsOf(root: string): readonly string[] {
  const folder = join(root, "__graphform", "receipts");
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

function revisionsIn(document: Readonly<Record<string, unknown>>): readonly number[] {
  return (document["receipts"] as readonly { readonly revision: number }[]).map(({ revision }) => revision);
}

describe("The history of a folder", () => {
  let template = "";
  beforeAll(async () => {
    template = await loadedCluster();
  });

  it("is listed newest first with who, when, run, plan and changes, and says when there is more", async () => {
    const all = await verbJson(template, (context) => history(context, 20));
    expect(all).toMatchObject({ code: 0, document: { ok: true, more: false, diagnostics: [] } });
    expect(revisionsIn(all.document)).toEqual([3, 2, 1]);

    const { code, out } = await run(template, "history", "--limit", "2");
    expect(code).toBe(0);
    expect(out).toMatch(/^revision 3, apply by tester, \d{4}-.*\n {2}run \w{26}\n {2}create /);
    expect(out).toContain("\nrevision 2, ");
    expect(out).not.toContain("\nrevision 1, ");
    expect(out).toContain("There are older revisions: graphform history --limit 4");
  });

  it("shows one receipt in full", async () => {
    const { context, text } = captured(template);
    expect(await showRevision({ ...context, json: false }, 3)).toBe(0);
    expect(text()).toMatch(/revision 3, apply by tester/);
    expect(text()).toMatch(/ {2}commit \w{26}, after revision 2/);
    expect(text()).toMatch(/ {2}create graph\.knowledge: nothing -> \w+/);
    expect(text()).toMatch(/ {2}graph\.knowledge: recorded at version \d+, life \w{26}/);

    const { document } = await verbJson(template, (context) => showRevision(context, 3));
    const stored = JSON.parse(readFileSync(receiptsOf(template).at(-1) ?? "", "utf8"));
    expect(document["receipt"]).toMatchObject(stored);
  });

  it("of a revision that never was says so, and takes no list's limit", async () => {
    const unknown = await verbJson(template, (context) => showRevision(context, 99));
    expect(unknown).toMatchObject({ code: 1, codes: ["revision_unknown"], document: { receipt: null } });
    expect(await run(template, "history", "0")).toMatchObject({ code: 1, out: "" });
    const refused = await run(template, "history", "3", "--limit", "2");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("--limit is for the list");
    expect((await run(template, "history", "--limit", "10001")).err).toContain("at most 10000");
  });

  it("goes on behind a receipt that is lost or damaged, and names it", async () => {
    const folder = copyOf(template);
    const [, second = ""] = receiptsOf(folder);
    writeFileSync(second, "{}");
    const damaged = await verbJson(folder, (context) => showRevision(context, 2));
    expect(damaged).toMatchObject({ code: 1, codes: ["state_receipt_invalid"] });
    rmSync(second);
    const lost = await verbJson(folder, (context) => showRevision(context, 2));
    expect(lost).toMatchObject({ code: 1, codes: ["state_receipt_missing"] });
    const listed = await verbJson(folder, (context) => history(context, 20));
    expect(listed).toMatchObject({ code: 0, codes: ["history_incomplete"] });
    expect(revisionsIn(listed.document)).toEqual([3, 1]);
  });

  it("that has none yet is empty, and its ledger is missing", async () => {
    const folder = newFolder();
    await run(folder, "init");
    expect((await run(folder, "history")).out).toContain("no history: there is no ledger yet");
    const missing = await verbJson(folder, ledger);
    expect(missing).toMatchObject({ code: 1, codes: ["state_missing"] });
  });

  it("has the ledger at its end, which is printed as it is stored", async () => {
    const printed = await run(template, "ledger");
    expect(printed).toMatchObject({ code: 0, err: "" });
    const stored = readFileSync(join(template, "__cluster", "state.json"), "utf8");
    expect(JSON.parse(printed.out)).toEqual(JSON.parse(stored));
  });
});

describe("A block of a folder", () => {
  it("is ended with who and why, once, and is none where there never was one", async () => {
    const folder = await importedCluster();
    const never = await verbJson(folder, (context) => unblock(context, "looked"));
    expect(never).toMatchObject({ code: 1, codes: ["cluster_not_blocked"] });
    block(folder);
    const empty = await verbJson(folder, (context) => unblock(context, " "));
    expect(empty).toMatchObject({ code: 1, codes: ["unblock_reason_missing"] });
    expect((await run(folder, "unblock")).err).toContain("--reason");
    const nobody = await verbJson(folder, (context) => unblock({ ...context, actor: null }, "looked"));
    expect(nobody).toMatchObject({ code: 1, codes: ["unblock_actor_missing"] });
    expect(JSON.stringify(nobody.document)).not.toContain("pproval");

    const ended = await run(folder, "unblock", "--reason", "made room", "--as", "dana");
    expect(ended.code).toBe(0);
    expect(ended.out).toContain(
      `cluster unblock: runs go on again\n  blocked by worker, ${AT}: the disk is full`,
    );
    expect(ended.out).toMatch(/ {2}unblocked by dana, \d{4}-.*: made room/);
    const again = await verbJson(folder, (context) => unblock(context, "looked too"));
    expect(again.document).toMatchObject({ ok: true, unblocked: { by: "dana", reason: "made room" } });
  });
});

describe("A deployment", () => {
  let server: Served;
  let api: Asking;
  let root = "";
  beforeAll(async () => {
    root = newDeployment();
    server = await serving(root);
    api = { folder: copyOf(EXAMPLE), origin: server.origin };
    await asked(api, "import");
    await asked(api, "apply", "--auto-approve");
  });
  afterAll(async () => {
    await server.stop();
  });

  it("lists its history and shows one receipt of it", async () => {
    const listed = await askedJson(api, "history", "--limit", "1");
    expect(listed).toMatchObject({ code: 0, document: { ok: true, more: true } });
    const [revision = 0] = revisionsIn(listed.document);
    expect(revision).toBeGreaterThan(1);
    const whole = await askedJson(api, "history");
    expect(revisionsIn(whole.document).at(-1)).toBe(1);
    const first = await asked(api, "history", "1");
    expect(first.out).toMatch(/^revision 1, import by ana, .*\n/);
    expect(first.out).toContain("  started by: api");
    expect((await askedJson(api, "history", "99")).codes).toEqual(["revision_unknown"]);
  });

  it("prints its ledger", async () => {
    const { code, out } = await asked(api, "ledger");
    expect({ code, ledger: JSON.parse(out) }).toMatchObject({ code: 0, ledger: { version: 1 } });
    expect((await askedJson({ ...api, as: "mallory" }, "ledger")).codes).toEqual(["api_not_found"]);
  });

  it("is unblocked by who may", async () => {
    const never = await askedJson(api, "unblock", "--reason", "looked");
    expect({ code: never.code, codes: never.codes }).toEqual({ code: 1, codes: ["cluster_not_blocked"] });
    block(join(root, "clusters", "company-brain"));
    const ended = await askedJson(api, "unblock", "--reason", "looked");
    expect(ended).toMatchObject({
      code: 0,
      document: { ok: true, unblocked: { by: "ana", reason: "looked" } },
    });
  });
});
