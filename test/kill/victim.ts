/**
 * A graphform process that is to die, or to be stopped and continued later: at its n-th call that changes the disk, or
 * some time after the first of them. Its native threads write rows, and only the second way hits them at any moment.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Ran, type Running, start } from "../cli/command.ts";
import type { Random } from "./random.ts";

const PRELOADED = new URL("./die-at-call.mjs", import.meta.url).href;
const POLL_MS = 3;

export type Blow =
  | { readonly how: "call"; readonly where: "before" | "after"; readonly ordinal: number }
  /** Stopped at a call; the test continues it when others have worked meanwhile. */
  | { readonly how: "stop"; readonly where: "before" | "after"; readonly ordinal: number }
  | { readonly how: "time"; readonly after_ms: number };

/** How much a command works that nobody kills: its calls that change the disk, and from the first of them to its end. */
export interface CleanRun {
  readonly calls: number;
  readonly span_ms: number;
}

/** A moment of the life of a command that works as `clean` did. */
export function blowAt(clean: CleanRun, random: Random, maybeStops: boolean): Blow {
  const where = random.pick(["before", "after"] as const);
  const ordinal = random.between(1, clean.calls);
  if (maybeStops && random.chance(0.25)) return { how: "stop", where, ordinal };
  if (random.chance(0.6)) return { how: "call", where, ordinal };
  return { how: "time", after_ms: random.between(0, Math.ceil(clean.span_ms)) };
}

export function describeBlow(blow: Blow | null): string {
  if (blow === null) return "undisturbed";
  switch (blow.how) {
    case "call":
      return `to die ${blow.where} call ${blow.ordinal}`;
    case "stop":
      return `to stop ${blow.where} call ${blow.ordinal}`;
    case "time":
      return `to die ${blow.after_ms} ms after its first call`;
  }
}

export type Struck =
  | { readonly tag: "killed" }
  /** It came to its end before the blow. */
  | { readonly tag: "survived"; readonly ran: Ran }
  | { readonly tag: "stopped"; readonly running: Running };

let victims = 0;
const alive = new Set<ChildProcess>();
// A process that is stopped would outlive a test that is ended from outside.
process.once("exit", reapVictims);

/** Ends every process that has not ended, also one that is stopped. */
export function reapVictims(): void {
  for (const victim of alive) victim.kill("SIGKILL");
}

/** Starts the command and waits until it is dead, stopped or over. */
export async function strike(folder: string, args: readonly string[], blow: Blow | null): Promise<Struck> {
  const { running, sign } = startWatched(folder, args, blow);
  let over: Ran | null = null;
  const ended = running.ended.then((ran) => {
    over = ran;
  });
  const isOver = (): boolean => over !== null;
  switch (blow?.how) {
    case undefined:
    case "call":
      await ended;
      break;
    case "stop":
      await until(() => existsSync(`${sign}-stopped`) || isOver());
      break;
    case "time":
      await until(() => existsSync(`${sign}-works`) || isOver());
      if (!isOver()) await Promise.race([ended, pause(blow.after_ms)]);
      running.process.kill("SIGKILL");
      await ended;
  }
  return over === null ? { tag: "stopped", running } : struck(over);
}

/** Runs a command to its end and measures it. */
export async function measure(
  folder: string,
  args: readonly string[],
): Promise<{ readonly ran: Ran; readonly clean: CleanRun }> {
  const { running, sign } = startWatched(folder, args, null);
  let over = false;
  const ended = running.ended.finally(() => {
    over = true;
  });
  await until(() => existsSync(`${sign}-works`) || over);
  const began = performance.now();
  const ran = await ended;
  const clean = { calls: Number(readFileSync(`${sign}-calls`, "utf8")), span_ms: performance.now() - began };
  return { ran, clean };
}

function startWatched(folder: string, args: readonly string[], blow: Blow | null) {
  victims += 1;
  const signs = join(folder, "signs");
  mkdirSync(signs, { recursive: true });
  const sign = join(signs, `${process.pid}-${victims}`);
  const running = start(folder, args, {
    NODE_OPTIONS: `--import ${PRELOADED}`,
    SIGN: sign,
    BLOW_AT: textOf(blow),
  });
  alive.add(running.process);
  running.process.once("close", () => alive.delete(running.process));
  return { running, sign };
}

function textOf(blow: Blow | null): string {
  if (blow === null || blow.how === "time") return "none:never:0";
  return `${blow.how === "stop" ? "stop" : "kill"}:${blow.where}:${blow.ordinal}`;
}

function struck(ran: Ran): Struck {
  return ran.code === null ? { tag: "killed" } : { tag: "survived", ran };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await pause(POLL_MS);
}
