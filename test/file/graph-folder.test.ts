/** The graph folder lists, removes and syncs below its root, and nowhere else. */
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGraphFolder, type GraphFolder } from "../../lib/file/graph-folder.ts";

let base: string;
let root: string;
let folder: GraphFolder;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "graphform-folder-"));
  root = join(base, "root");
  await mkdir(join(root, "a/b/c"), { recursive: true });
  await writeFile(join(root, "a/file"), "x");
  await writeFile(join(root, "a/b/c/file"), "x");
  await mkdir(join(root, "ab"));
  folder = createGraphFolder(root);
});
afterEach(() => rm(base, { recursive: true, force: true }));

it("lists the folders directly below a prefix in byte order, and none where nothing is", async () => {
  await mkdir(join(root, "a/Z"));
  expect(await folder.listFolders("a")).toEqual({ tag: "ok", value: ["Z", "b"] });
  expect(await folder.listFolders("a/")).toEqual({ tag: "ok", value: ["Z", "b"] });
  expect(await folder.listFolders("none/below")).toEqual({ tag: "ok", value: [] });
  expect(await folder.listFolders("a/file")).toEqual({ tag: "ok", value: [] });
});

it("removes a tree, again without complaint, and leaves the sibling with a longer name", async () => {
  expect(await folder.removeTree("a/")).toEqual({ tag: "ok", value: null });
  expect(await folder.removeTree("a")).toEqual({ tag: "ok", value: null });
  expect(await folder.removeTree("none/below")).toEqual({ tag: "ok", value: null });
  expect(await folder.listFolders("ab")).toEqual({ tag: "ok", value: [] });
});

it("removes a symbolic link and never what it points to", async () => {
  await mkdir(join(base, "outside"));
  await writeFile(join(base, "outside/kept"), "x");
  await symlink(join(base, "outside"), join(root, "a/link"));
  expect((await folder.removeTree("a")).tag).toBe("ok");
  expect(await readFile(join(base, "outside/kept"), "utf8")).toBe("x");
});

it("answers unavailable for a prefix that could leave the root", async () => {
  for (const prefix of ["..", "a/../../x", "a//b", "./a", ""]) {
    expect(await folder.removeTree(prefix)).toMatchObject({ tag: "unavailable" });
  }
  expect(await folder.listFolders("a/b")).toEqual({ tag: "ok", value: ["c"] });
});

it("syncs a tree or a file and the way to it, and a prefix without anything is unavailable", async () => {
  await writeFile(join(root, "a/b/file"), "x");
  expect(await folder.makeDurable("a/b/file")).toEqual({ tag: "ok", value: null });
  expect((await folder.makeDurable("a/b/file/none")).tag).toBe("unavailable");
  expect(await folder.makeDurable("a")).toEqual({ tag: "ok", value: null });
  expect(await folder.makeDurable("a/b")).toEqual({ tag: "ok", value: null });
  expect((await folder.makeDurable("none")).tag).toBe("unavailable");
});

it("syncs a folder in which other writers rename and remove files at the same moment", async () => {
  const churn = async (): Promise<void> => {
    for (let index = 0; index < 150; index += 1) {
      await writeFile(join(root, `a/b/.tmp${index}`), "x");
      await rename(join(root, `a/b/.tmp${index}`), join(root, `a/b/done${index}`));
      if (index % 3 === 0) await rm(join(root, `a/b/done${index}`));
    }
  };
  const writing = churn();
  const outcomes: string[] = [];
  for (let round = 0; round < 25; round += 1) outcomes.push((await folder.makeDurable("a")).tag);
  await writing;
  expect(new Set(outcomes)).toEqual(new Set(["ok"]));
});
