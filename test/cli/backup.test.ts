/** A whole cluster with rows in Lance: backed up, destroyed, restored elsewhere by the command line, and used there. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadedCluster } from "./applied-cluster.ts";
import { forgetFolders, newFolder, type Ran, run } from "./command.ts";

const CONFIG = ["cluster.yaml", "data", "policies", "queries", "schemas"];
const STORED = ["__cluster", "__graphform", "graphs"];

async function ran(folder: string, ...args: readonly string[]): Promise<Ran> {
  const done = await run(folder, ...args);
  expect({ args, code: done.code, out: done.code === 0 ? "" : done.out, err: done.err }).toEqual({
    ...{ args, code: 0, out: "", err: "" },
  });
  return done;
}

async function exported(folder: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { out } = await ran(folder, "export", "--graph", "knowledge", ...args);
  return out.split("\n").sort();
}

/** Every file below a folder, as a search for an address sees it. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((each) => {
    const path = join(each.parentPath, each.name);
    return each.isFile() && readFileSync(path).includes(text) ? [path] : [];
  });
}

afterEach(forgetFolders);

describe("graphform backup and restore-cluster", () => {
  it("bring a destroyed cluster back in another folder, with its rows and its history, and it goes on", async () => {
    const folder = await loadedCluster();
    const place = join(newFolder(), "backups");
    await ran(folder, "load", "--graph", "knowledge", "--mode", "merge", "data/seed.jsonl");
    const rows = await exported(folder);
    const earlier = await exported(folder, "--at", "2");
    const history = (await ran(folder, "history", "--json")).out;

    const taken = await ran(folder, "backup", "--root", ".", "--to", place, "--as", "ana", "--json");
    const { backup_id, revision, written } = JSON.parse(taken.out);
    const elsewhere = newFolder();
    for (const name of CONFIG) cpSync(join(folder, name), join(elsewhere, name), { recursive: true });
    rmSync(folder, { recursive: true });
    const listed = await ran(elsewhere, "backups", "--from", place);
    const restored = await ran(elsewhere, "restore-cluster", "--from", place, "--root", ".", "--as", "bo");

    expect(written).toBe(true);
    expect(listed.out).toContain(`${backup_id}  `);
    expect(restored.out).toContain(`${backup_id} of revision ${revision} is restored`);
    expect(restored.out).toContain("owner    bo, lease file __graphform/lease");
    expect(await exported(elsewhere)).toEqual(rows);
    expect(await exported(elsewhere, "--at", "2")).toEqual(earlier);
    expect(JSON.parse((await ran(elsewhere, "history", "--json")).out).receipts).toEqual(
      JSON.parse(history).receipts,
    );
    expect((await ran(elsewhere, "fsck")).out).toContain("0 unknown, 0 contradicted");
    expect((await ran(elsewhere, "plan")).out).toContain("no changes");
    await ran(elsewhere, "load", "--graph", "knowledge", "--mode", "merge", "data/seed.jsonl");
    await ran(elsewhere, "apply", "--auto-approve");
    expect((await exported(elsewhere)).length).toBeGreaterThan(rows.length);
    const next = await ran(elsewhere, "backup", "--root", ".", "--to", place, "--json");
    expect(JSON.parse(next.out)).toMatchObject({ ok: true, written: true });
  }, 180_000);

  it("says what is in the way, and leaves it alone", async () => {
    const folder = await loadedCluster();
    const place = join(newFolder(), "backups");
    await ran(folder, "backup", "--root", ".", "--to", place);
    const over = await run(folder, "restore-cluster", "--from", place, "--root", folder);
    const into = await run(folder, "backup", "--root", ".", "--to", folder);
    const table = await run(
      folder,
      "restore-cluster",
      "--from",
      place,
      "--root",
      "x",
      "--lease-table",
      "eu/x",
    );
    const root = await run(folder, "restore-cluster", "--from", "gs://x", "--root", "x");

    expect(over.out).toMatch(/ERROR restore_root_not_empty --root: .*__cluster\/state\.json/);
    expect(into.out).toContain("ERROR backup_place_unfit --to");
    expect(table.out).toContain("ERROR invalid_lease_table_argument --lease-table");
    expect(root.out).toContain("ERROR invalid_root_argument --from");
    expect([over, into, table, root].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(existsSync(join(folder, "x"))).toBe(false);
  }, 120_000);
});

describe("a plain copy", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await loadedCluster();
  });

  it("of a root reads its rows where they were copied from, which is why there is restore-cluster", async () => {
    const copy = newFolder();
    for (const name of [...CONFIG, ...STORED])
      cpSync(join(folder, name), join(copy, name), { recursive: true });
    const rows = filesWith(join(copy, "graphs"), folder).filter((path) => path.endsWith(".manifest"));
    renameSync(folder, `${folder}-gone`);

    expect(rows.length).toBeGreaterThan(0);
    expect((await run(copy, "export", "--graph", "knowledge")).code).toBe(1);
    renameSync(`${folder}-gone`, folder);
  }, 60_000);
});
