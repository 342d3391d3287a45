/**
 * Branches of a dataset: list, make, drop.
 *
 * Lance makes a branch in two steps: first the folder `tree/<name>` with a version in it, then the entry that makes
 * its name known. A process that dies between them leaves a folder that Lance neither lists nor lets anyone make
 * again nor deletes. Here such a folder counts as a branch: it is listed, taken, and can be dropped, so that
 * retention finds it (design 6).
 */
import type { Table } from "@lancedb/lancedb";
import { compareBytes } from "../../digest/digest.ts";
import type { TableOutcome, TablePosition } from "../tables.ts";
import { type LanceSite, openAt, openMain } from "./datasets.ts";
import { attempt, ok, reasonOf, unavailable } from "./failure.ts";

/** Where Lance keeps the versions and data of branches. */
const TREE = "tree";
const IN_USE = /ref conflict|is referenced by/i;

/** Names of all branches, in byte order, half-made ones included. */
export async function branchNames(site: LanceSite, path: string): Promise<TableOutcome<readonly string[]>> {
  const main = await openMain(site, path);
  if (main.tag !== "ok") return main;
  const named = await knownBranches(main.value);
  main.value.close();
  if (named.tag !== "ok") return named;
  const folders = await site.storage.listFolders(`${path}/${TREE}`);
  if (folders.tag !== "ok") return folders;
  return ok([...new Set([...named.value, ...folders.value])].sort(compareBytes));
}

/** A writable table on a new branch that starts at the pinned position. */
export async function makeBranch(
  site: LanceSite,
  from: TablePosition,
  name: string,
): Promise<TableOutcome<Table>> {
  const base = await openAt(site, from);
  if (base.tag !== "ok") return base;
  const free = await isFree(site, from.path, name);
  const made = free.tag === "ok" ? await branchFrom(base.value, from, name) : free;
  base.value.close();
  if (free.tag !== "ok" || made.tag === "ok") return made;
  // Lance's message for a branch that another writer made meanwhile says nothing about that; its folder does.
  const stillFree = await isFree(site, from.path, name);
  return stillFree.tag === "ok" ? made : stillFree;
}

function branchFrom(base: Table, from: TablePosition, name: string): Promise<TableOutcome<Table>> {
  return attempt(async () =>
    ok(await (await base.branches()).create(name, from.branch ?? undefined, from.lance_version)),
  );
}

/** `exists` if a version of the branch is there. One listing, however many branches the dataset has. */
async function isFree(site: LanceSite, path: string, name: string): Promise<TableOutcome<null>> {
  const parts = await site.storage.listFolders(`${path}/${TREE}/${name}`);
  if (parts.tag !== "ok") return parts;
  return parts.value.includes("_versions") ? { tag: "exists" } : ok(null);
}

/** `exists`: another branch is based on it. */
export async function dropBranch(site: LanceSite, path: string, branch: string): Promise<TableOutcome<null>> {
  const main = await openMain(site, path);
  if (main.tag !== "ok") return main;
  const named = await knownBranches(main.value);
  const dropped =
    named.tag === "ok" && named.value.includes(branch) ? await deleteBranch(main.value, branch) : null;
  main.value.close();
  if (named.tag !== "ok") return named;
  return dropped ?? dropHalfMade(site, path, branch);
}

async function deleteBranch(main: Table, branch: string): Promise<TableOutcome<null>> {
  try {
    await (await main.branches()).delete(branch);
    return ok(null);
  } catch (error) {
    const reason = reasonOf(error);
    return IN_USE.test(reason) ? { tag: "exists" } : unavailable(reason);
  }
}

async function dropHalfMade(site: LanceSite, path: string, branch: string): Promise<TableOutcome<null>> {
  const folders = await site.storage.listFolders(`${path}/${TREE}`);
  if (folders.tag !== "ok") return folders;
  if (!folders.value.includes(branch)) return { tag: "missing" };
  return site.storage.removeTree(`${path}/${TREE}/${branch}`);
}

function knownBranches(main: Table): Promise<TableOutcome<readonly string[]>> {
  return attempt(async () => ok(Object.keys(await (await main.branches()).list())));
}
