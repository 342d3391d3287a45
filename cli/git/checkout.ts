/**
 * Reads what a git checkout says about itself: the commit that is checked out, its branch, and the address of `origin`.
 * Its files are read and no program is run, so nothing asks for a password and no hook or setting of a stranger's
 * checkout is obeyed.
 *
 * Guarantees: bounded, never throws; whatever cannot be read is left out. Credentials in the address are (U2).
 */
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isGitCommit, isGitRef, shownRepository } from "../../lib/ledger/git-origin.ts";
import type { GitOrigin } from "../../lib/ledger/receipt.ts";

/** How many folders above the config folder are looked into. */
const PARENTS_MAX = 64;
/** A ref that names another ref, and so on. */
const REF_STEPS_MAX = 5;
const FILE_BYTES_MAX = 1024 * 1024;
/** A repository of many branches and tags names them all in one file. */
const PACKED_REFS_BYTES_MAX = 16 * 1024 * 1024;

/** Null: the folder is in no checkout, or nothing has been committed. */
export function readCheckout(folder: string): GitOrigin | null {
  const gitDir = gitDirOf(resolve(folder));
  if (gitDir === null) return null;
  const shared = textOf(join(gitDir, "commondir"))?.trim();
  const commonDir = shared === undefined ? gitDir : resolve(gitDir, shared);
  const head = headOf(gitDir, commonDir);
  if (head === null) return null;
  const config = textOf(join(commonDir, "config"));
  return { ...head, repository: config === null ? null : originIn(config) };
}

function gitDirOf(folder: string): string | null {
  let at = folder;
  for (let parents = 0; parents < PARENTS_MAX; parents += 1) {
    const found = gitDirIn(at);
    if (found !== null) return found;
    const above = dirname(at);
    if (above === at) return null;
    at = above;
  }
  return null;
}

/** `.git` is the folder itself, or in worktrees and submodules a file that names it. */
function gitDirIn(folder: string): string | null {
  const path = join(folder, ".git");
  try {
    if (lstatSync(path).isDirectory()) return path;
  } catch {
    return null;
  }
  const named = /^gitdir: (.+)$/m.exec(textOf(path) ?? "")?.[1];
  return named === undefined ? null : resolve(folder, named.trim());
}

function headOf(gitDir: string, commonDir: string): Pick<GitOrigin, "commit" | "ref"> | null {
  let name = "HEAD";
  for (let steps = 0; steps < REF_STEPS_MAX; steps += 1) {
    const text = refText(gitDir, commonDir, name);
    if (text === null) return null;
    const next = /^ref: (\S+)$/.exec(text)?.[1];
    if (next === undefined) {
      const ref = name === "HEAD" || !isGitRef(name) ? null : name;
      return isGitCommit(text) ? { commit: text, ref } : null;
    }
    if (!/^refs\/[^\\]+$/.test(next) || next.split("/").includes("..")) return null;
    name = next;
  }
  return null;
}

/** What a ref holds: in a file of its own here, in one for all worktrees, or packed with the others. */
function refText(gitDir: string, commonDir: string, name: string): string | null {
  const loose = textOf(join(gitDir, name)) ?? textOf(join(commonDir, name));
  if (loose !== null) return loose.trim();
  const packed = textOf(join(commonDir, "packed-refs"), PACKED_REFS_BYTES_MAX) ?? "";
  const line = packed.split("\n").find((each) => each.endsWith(` ${name}`) && !each.startsWith("#"));
  return line?.split(" ")[0] ?? null;
}

/** The address of `origin`, as far as it may be shown. */
function originIn(config: string): string | null {
  let isOrigin = false;
  for (const line of config.split("\n")) {
    if (/^\s*\[/.test(line)) isOrigin = /^\s*\[remote "origin"\]/.test(line);
    const url = /^\s*url\s*=\s*"?([^"]+?)"?\s*$/.exec(line)?.[1];
    if (isOrigin && url !== undefined) return shownRepository(url);
  }
  return null;
}

/** Null: there is no such file, or it is not one of git's. */
function textOf(path: string, bytesMax = FILE_BYTES_MAX): string | null {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= bytesMax ? readFileSync(path, "utf8") : null;
  } catch {
    return null;
  }
}
