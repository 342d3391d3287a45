/** A whole cluster with rows in Lance: backed up, destroyed, restored elsewhere by the command line, and used there. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { CommandContext, ExitCode } from "../../cli/command-context.ts";
import { apply } from "../../cli/verbs/apply.ts";
import { backup, backups } from "../../cli/verbs/backup.ts";
import { exportRows } from "../../cli/verbs/export.ts";
import { fsck } from "../../cli/verbs/fsck.ts";
import { history } from "../../cli/verbs/history.ts";
import { load } from "../../cli/verbs/load.ts";
import { plan } from "../../cli/verbs/plan.ts";
import { restoreClusterVerb } from "../../cli/verbs/restore-cluster.ts";
import { verifyBackupVerb } from "../../cli/verbs/verify-backup.ts";
import { loadedCluster } from "./applied-cluster.ts";
import { verbJson } from "./captured.ts";
import { forgetFolders, newFolder, type Ran, run } from "./command.ts";

const CONFIG = ["cluster.yaml", "data", "policies", "queries", "schemas"];
const STORED = ["__cluster", "__graphform", "graphs"];

type InProcess = (context: CommandContext) => Promise<ExitCode>;

async function done(folder: string, verb: InProcess): Promise<Readonly<Record<string, unknown>>> {
  const { code, document, codes } = await verbJson(folder, verb);
  expect({ code, codes }).toEqual({ code: 0, codes: [] });
  return document;
}

async function ran(folder: string, ...args: readonly string[]): Promise<Ran> {
  const ended = await run(folder, ...args);
  expect({ args, code: ended.code, err: ended.err }).toEqual({ args, code: 0, err: "" });
  return ended;
}

async function exported(folder: string, version?: number): Promise<readonly string[]> {
  const out = join(newFolder(), "rows.jsonl");
  await done(folder, (context) => exportRows(context, { graph: "knowledge", version, edge_ids: true, out }));
  return readFileSync(out, "utf8").split("\n").sort();
}

function filesBelow(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

function loadAgain(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(folder, "data", "seed.jsonl");
  return done(folder, (context) => load(context, { graph: "knowledge", file, mode: "merge" }));
}

function copyOf(folder: string, names: readonly string[]): string {
  const copy = newFolder();
  for (const name of names) cpSync(join(folder, name), join(copy, name), { recursive: true });
  return copy;
}

const NO_OPTIONS = {
  keep_open_runs: false,
  backup: undefined,
  digest: undefined,
  lease_table: undefined,
  owner: undefined,
};

afterEach(forgetFolders);

describe("graphform backup and restore-cluster", () => {
  it("bring a destroyed cluster back in another folder, with its rows and its history, and it goes on", async () => {
    const folder = await loadedCluster();
    const place = join(newFolder(), "backups");
    await loadAgain(folder);
    const rows = await exported(folder);
    const earlier = await exported(folder, 2);
    const { receipts } = await done(folder, (context) => history(context, 100));

    const taken = await ran(folder, "backup", "--root", ".", "--to", place, "--as", "ana", "--json");
    const { backup_id, revision, written, digest } = JSON.parse(taken.out);
    const elsewhere = copyOf(folder, CONFIG);
    rmSync(folder, { recursive: true });
    const listed = await ran(elsewhere, "backups", "--from", place);
    const restored = await ran(elsewhere, "restore-cluster", "--from", place, "--root", ".", "--as", "bo");

    expect(written).toBe(true);
    expect(listed.out).toContain(`${backup_id}  `);
    expect(listed.out).toContain(digest);
    expect(restored.out).toContain(`digest   ${digest}`);
    expect(restored.out).toContain(`${backup_id} of revision ${revision} is restored`);
    expect(restored.out).toContain("owner    bo, lease file __graphform/lease");
    expect(await exported(elsewhere)).toEqual(rows);
    expect(await exported(elsewhere, 2)).toEqual(earlier);
    expect((await done(elsewhere, (context) => history(context, 100)))["receipts"]).toEqual(receipts);
    const checked = await done(elsewhere, (context) => fsck(context, { repair: false }));
    expect(checked["counts"]).toMatchObject({ unknown: 0, contradicted: 0 });
    const planned = (context: CommandContext) =>
      plan(context, { out: undefined, detailed_exitcode: true, targets: null });
    expect((await done(elsewhere, planned))["changes"]).toEqual([]);
    await loadAgain(elsewhere);
    await done(elsewhere, (context) =>
      apply(context, { plan: undefined, auto_approve: true, targets: null }),
    );
    expect((await exported(elsewhere)).length).toBeGreaterThan(rows.length);
    const next = await done(elsewhere, (context) =>
      backup(context, { root: elsewhere, to: place, verify: false }),
    );
    expect(next).toMatchObject({ written: true });
    const both = await done(elsewhere, (context) => backups(context, place));
    expect(both["backups"]).toMatchObject([
      { backup_id: next["backup_id"], digest: next["digest"] },
      { backup_id, digest },
    ]);
  }, 180_000);

  it("tell and pin the digest of a record, and read a backup that a person wants to be sure of", async () => {
    const folder = await loadedCluster();
    const place = join(newFolder(), "backups");
    const taken = await ran(folder, "backup", "--root", ".", "--to", place);
    const [, digest = ""] = /digest {3}([0-9a-f]{64})/.exec(taken.out) ?? [];
    const other = "0".repeat(64);
    const refused = await run(folder, "restore-cluster", "--from", place, "--root", "x", "--digest", other);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining(digest === "" ? "?" : other)]);
    await ran(folder, "restore-cluster", "--from", place, "--root", "x", "--digest", digest);
    const whole = await ran(folder, "verify-backup", "--from", place);
    expect(whole.out).toContain("is whole");
    const rows = filesBelow(join(place, "objects"))[0] ?? "";
    const content = readFileSync(rows);
    writeFileSync(
      rows,
      content.map((byte) => byte ^ 1),
    );

    const damaged = await run(folder, "verify-backup", "--from", place);
    expect(damaged.code).toBe(1);
    expect(damaged.out).toContain(`${basename(rows)} is damaged`);
    const { code, document } = await verbJson(folder, (context) =>
      verifyBackupVerb(context, { from: place, backup: undefined }),
    );
    expect([code, document["digest"], document["ok"]]).toEqual([1, digest, false]);
    const repaired = await ran(folder, "backup", "--root", ".", "--to", place, "--verify");
    expect(repaired.out).toContain("backup_objects_repaired");
    expect(readFileSync(rows)).toEqual(content);
    await ran(folder, "verify-backup", "--from", place);
  }, 60_000);

  it("say what is in the way, and leave it alone", async () => {
    const folder = await loadedCluster();
    const place = join(newFolder(), "backups");
    await done(folder, (context) => backup(context, { root: folder, to: place, verify: false }));
    const root = join(folder, "x");
    const refusals: readonly (readonly [InProcess, string])[] = [
      [
        (context) => restoreClusterVerb(context, { ...NO_OPTIONS, from: place, root: folder }),
        "restore_root_not_empty",
      ],
      [(context) => backup(context, { root: folder, to: folder, verify: false }), "backup_place_unfit"],
      [
        (context) =>
          restoreClusterVerb(context, { ...NO_OPTIONS, from: place, root, lease_table: "eu/leases" }),
        "invalid_lease_table_argument",
      ],
      [
        (context) => restoreClusterVerb(context, { ...NO_OPTIONS, from: "gs://x", root }),
        "invalid_root_argument",
      ],
      [(context) => backup(context, { root: "gs://x", to: place, verify: false }), "invalid_root_argument"],
      [(context) => backups(context, "gs://x"), "invalid_root_argument"],
      [
        (context) => verifyBackupVerb(context, { from: "gs://x", backup: undefined }),
        "invalid_root_argument",
      ],
    ];
    for (const [verb, expected] of refusals) {
      const { code, codes } = await verbJson(folder, verb);
      expect({ code, codes }).toEqual({ code: 1, codes: [expected] });
    }
    expect(existsSync(root)).toBe(false);
  }, 60_000);
});

describe("a plain copy of a root", () => {
  it("reads rows from where they were copied, which is why there is restore-cluster", async () => {
    const folder = await loadedCluster();
    await loadAgain(folder);
    const copy = copyOf(folder, [...CONFIG, ...STORED]);
    renameSync(folder, `${folder}-gone`);
    const out = join(newFolder(), "rows.jsonl");
    const { code, codes } = await verbJson(copy, (context) =>
      exportRows(context, { graph: "knowledge", version: undefined, edge_ids: false, out }),
    );
    renameSync(`${folder}-gone`, folder);

    expect({ code, codes }).toEqual({ code: 1, codes: ["output_file_unwritable"] });
  }, 60_000);
});
