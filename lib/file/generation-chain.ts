/**
 * GenerationChain: a register with a true compare-and-set between processes, made of a folder of numbered files.
 *
 * The value is the file with the highest number. Writing on top of generation n claims the name n+1 by `link()`
 * (claim.ts), which only one process can. Numbers are dense: n+1 is only ever claimed by someone who saw n as the
 * highest, so a claim that succeeds was made on the value it was decided on, however long its process was stopped.
 *
 * Old generations are removed once they are GENERATIONS_KEPT behind. A process that was stopped for so long may then
 * find a removed number free again and claim it. The proof that this is never taken for success: a number is removed
 * only when the highest is at least GENERATIONS_KEPT above it, the highest never falls, and every claim looks at the
 * highest after it was made; one that finds itself so far behind is `ambiguous`, and its file is inert.
 *
 * The same register holds the ledger (design 4.1), the lease and every key below `__graphform/` that was replaced.
 */
import { join } from "node:path";
import { type Claim, claim } from "./claim.ts";
import { attempt } from "./file-calls.ts";
import { GENERATIONS_KEPT, READ_ATTEMPTS_MAX } from "./limits.ts";
import type { FileContext } from "./staging.ts";

export type ChainHead =
  | { readonly tag: "head"; readonly generation: number; readonly bytes: Uint8Array }
  | { readonly tag: "empty" }
  | { readonly tag: "unavailable"; readonly reason: string };

export type ChainNumbers =
  | { readonly tag: "numbers"; readonly ascending: readonly number[] }
  | { readonly tag: "unavailable"; readonly reason: string };

const GENERATION_NAME = /^[0-9]{20}$/;

/** File name of a generation. */
export function generationName(generation: number): string {
  return String(generation).padStart(20, "0");
}

async function generations(context: FileContext, folder: string): Promise<ChainNumbers> {
  const found = await attempt(() => context.calls.entries(folder));
  if (found.tag === "failed") {
    if (found.code === "ENOENT") return { tag: "numbers", ascending: [] };
    return { tag: "unavailable", reason: found.reason };
  }
  const names = found.value.filter((entry) => !entry.folder && GENERATION_NAME.test(entry.name));
  return { tag: "numbers", ascending: names.map((entry) => Number(entry.name)).sort((a, b) => a - b) };
}

/** The present value of the register. */
export async function readHead(context: FileContext, folder: string): Promise<ChainHead> {
  for (let i = 0; i < READ_ATTEMPTS_MAX; i += 1) {
    const listed = await generations(context, folder);
    if (listed.tag === "unavailable") return listed;
    const highest = listed.ascending.at(-1);
    if (highest === undefined) return { tag: "empty" };
    const content = await attempt(() => context.calls.read(join(folder, generationName(highest))));
    if (content.tag === "ok") return { tag: "head", generation: highest, bytes: content.value };
    if (content.code !== "ENOENT") return { tag: "unavailable", reason: content.reason };
    // Removed between the listing and the read: the chain has grown by many generations meanwhile. Look again.
  }
  return { tag: "unavailable", reason: `${folder} changes faster than it can be read` };
}

/** Claims `generation`, which is one above the head that the value was decided on. */
export async function append(
  context: FileContext,
  folder: string,
  generation: number,
  bytes: Uint8Array,
): Promise<Claim> {
  const claimed = await claim(context, join(folder, generationName(generation)), bytes);
  if (claimed.tag !== "claimed") return claimed;
  const listed = await generations(context, folder);
  if (listed.tag === "unavailable") return { tag: "ambiguous", reason: listed.reason };
  const highest = listed.ascending.at(-1) ?? 0;
  if (highest - generation >= GENERATIONS_KEPT) {
    return {
      tag: "ambiguous",
      reason: `generation ${generation} was claimed long after the chain had moved on`,
    };
  }
  for (const old of listed.ascending.filter((each) => highest - each >= GENERATIONS_KEPT)) {
    await attempt(() => context.calls.unlink(join(folder, generationName(old))));
  }
  return claimed;
}
