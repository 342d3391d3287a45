/** Arguments of the command line as values. */
import { InvalidArgumentError } from "commander";
import { type GraphId, type IncarnationId, isUlid, parseGraphId, type RunId } from "../lib/digest/ids.ts";
import { isGitCommit, isGitRef, shownRepository } from "../lib/ledger/git-origin.ts";

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("It takes a whole number from 1.");
  return number;
}

export function wholeNumberOrZero(text: string): number {
  return text === "0" ? 0 : wholeNumber(text);
}

/** One answer holds them all, so they are bounded. */
export const RECEIPTS_MAX = 10_000;

export function receiptsArgument(text: string): number {
  const receipts = wholeNumber(text);
  if (receipts > RECEIPTS_MAX) throw new InvalidArgumentError(`It takes at most ${RECEIPTS_MAX}.`);
  return receipts;
}

const PORT_MAX = 65_535;

/** A port to listen on; 0 is any that is free. */
export function portNumber(text: string): number {
  const port = wholeNumberOrZero(text);
  if (port > PORT_MAX) throw new InvalidArgumentError(`It takes a port up to ${PORT_MAX}.`);
  return port;
}

const DURATION_DAYS_MAX = 365;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `5m`, `24h` or `7d`, in milliseconds. */
export function durationArgument(text: string): number {
  const match = /^([1-9][0-9]{0,6})([smhd])$/.exec(text);
  const durationMs = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? 0);
  if (match === null) throw new InvalidArgumentError("It takes a duration such as 30s, 30m, 24h or 7d.");
  if (durationMs > DURATION_DAYS_MAX * 86_400_000)
    throw new InvalidArgumentError(`It takes at most ${DURATION_DAYS_MAX}d.`);
  return durationMs;
}

/** Who acts is recorded for ever, so a variable that was empty must not become nobody. */
export function actorArgument(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It takes the name of a person or a program.");
  return text;
}

/** `knowledge`, or `graph.knowledge` as outputs write it; whether there is such a graph the verb tells. */
export function graphArgument(text: string): string {
  return text.replace(/^graph\./, "");
}

/** A graph id, or the address of a graph or its schema. */
export function graphId(text: string): GraphId {
  const id = parseGraphId(text.replace(/^(graph|schema)\./, ""));
  if (id === null)
    throw new InvalidArgumentError("It takes a graph id, such as knowledge or graph.knowledge.");
  return id;
}

export function incarnationId(text: string): IncarnationId {
  if (!isUlid(text)) throw new InvalidArgumentError("It takes the id of a life, 26 letters and digits.");
  return text as IncarnationId;
}

export function backupId(text: string): string {
  if (!isUlid(text)) throw new InvalidArgumentError("It takes the id of a backup, 26 letters and digits.");
  return text;
}

export function recordDigest(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError("It takes a SHA-256, 64 hex digits in lower case.");
}

export function runId(text: string): RunId {
  if (!isUlid(text)) throw new InvalidArgumentError("It takes the id of a run, 26 letters and digits.");
  return text as RunId;
}

export function commitArgument(text: string): string {
  if (!isGitCommit(text))
    throw new InvalidArgumentError("It takes the whole id of a commit, 40 or 64 hex digits.");
  return text;
}

export function refArgument(text: string): string {
  if (!isGitRef(text)) throw new InvalidArgumentError("It takes a ref, such as refs/heads/main.");
  return text;
}

/** Without what could prove who somebody is (U2). */
export function repositoryArgument(text: string): string {
  const shown = shownRepository(text);
  if (shown === null) throw new InvalidArgumentError("It takes a repository, such as HOST/OWNER/NAME.");
  return shown;
}

/** One more `--target`. */
export function targetArgument(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), graphArgument(text)];
}
