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

const IN_USE = /ref conflict|is referenced by/i;

/** Names of all branches, in byte order, half-made ones included. */
export async function branchNames(site: LanceSite, path: string): Promise<TableOutcome<readonly string[]>> {
  const main = await openMain(site, path);
  if (main.tag !== "ok") return main;
  const named = await knownBranches(main.value);
  main.value.close();
  if (named.tag !== "ok") return named;
  const folders = await site.storage.listFolders(`${path}/tree`);
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
  base.value.close();
  const taken = await branchNames(site, from.path);
  if (taken.tag !== "ok") return taken;
  if (taken.value.includes(name)) return { tag: "exists" };
  const main = await openMain(site, from.path);
  if (main.tag !== "ok") return main;
  const made = await attempt(async () =>
    ok(await (await main.value.branches()).create(name, from.branch ?? undefined, from.lance_version)),
  );
  main.value.close();
  return made.tag === "unavailable" ? lostRace(site, from.path, name, made.reason) : made;
}

/** Lance's message for a branch that another writer made meanwhile says nothing about that; its folder does. */
async function lostRace(
  site: LanceSite,
  path: string,
  name: string,
  reason: string,
): Promise<TableOutcome<Table>> {
  const parts = await site.storage.listFolders(`${path}/tree/${name}`);
  if (parts.tag !== "ok") return parts;
  return parts.value.includes("_versions") ? { tag: "exists" } : unavailable(reason);
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
  const folders = await site.storage.listFolders(`${path}/tree`);
  if (folders.tag !== "ok") return folders;
  if (!folders.value.includes(branch)) return { tag: "missing" };
  return site.storage.removeTree(`${path}/tree/${branch}`);
}

function knownBranches(main: Table): Promise<TableOutcome<readonly string[]>> {
  return attempt(async () => ok(Object.keys(await (await main.branches()).list())));
}
