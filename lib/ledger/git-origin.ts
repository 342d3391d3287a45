/**
 * Git facts of a config: which commit, ref and repository it came from, as whoever hands it in says. They are shown in
 * runs and receipts and never trusted. Pure.
 *
 * Guarantees: nothing but what git itself would take for a commit or a ref, and the place of a repository, gets through.
 * No credential leaves here (U2): of the address of a repository only host and path remain, without scheme, user,
 * password, query and fragment, and one that might still hide a credential is none. What was shown once is shown the
 * same again.
 */
import { GIT_TEXT_CHARACTERS_MAX } from "./limits.ts";
import type { GitOrigin } from "./receipt.ts";

/** The whole id: SHA-1, or SHA-256. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

export function isGitCommit(text: string): boolean {
  return COMMIT.test(text);
}

/** How tokens of well-known issuers begin: a fact that holds one is none. */
const TOKEN =
  /gh[oprsu]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-|xox[abceprs]-|xapp-|ATATT3|ATBB|(?:AKIA|ASIA)[0-9A-Z]{16}/;

/** What no ref has anywhere (git-check-ref-format), and what no encoding has; white space of any kind with it. */
const NO_REF = /[\s\p{Cc}\p{Surrogate}~^:?*[\\]|\.\.|@\{|\/\//u;
/** What no part of a ref between slashes is. */
const NO_REF_PART = /^\.|\.lock$/;

/** By the rules of git, a name of one level included. */
export function isGitRef(text: string): boolean {
  if (text === "" || text === "@" || text.length > GIT_TEXT_CHARACTERS_MAX) return false;
  if (NO_REF.test(text) || TOKEN.test(text)) return false;
  if (text.startsWith("/") || text.startsWith("-") || text.endsWith("/") || text.endsWith(".")) return false;
  return !text.split("/").some((part) => NO_REF_PART.test(part));
}

/** `owner/name`, or a host with its path. A space is the only character that may be escaped: others could hide a user. */
const PLACE = /^[\w.~+-]+(?::[0-9]{1,5})?(?:\/(?:[\w.~+-]|%20)+)+$/;
/** `host:path` as scp writes it, with or without a user; one letter is a drive and no host. */
const SCP_ADDRESS = /^(?:[^@/:\s]+@)?([A-Za-z0-9][A-Za-z0-9.-]+):((?:[\w.~+-]+\/)*[\w.~+-]+)\/?$/;
const PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "ssh:", "git:", "git+ssh:"]);

/**
 * The repository as it may be shown: `host/path` or `owner/name`. Null: it is neither, a path on a disk for example, or
 * a lone word, which could be anything.
 */
export function shownRepository(text: string): string | null {
  if (text.length > GIT_TEXT_CHARACTERS_MAX) return null;
  const place = placeOf(text);
  if (place === null || !PLACE.test(place) || TOKEN.test(place)) return null;
  return place.split("/").some((part) => part === "." || part === "..") ? null : place;
}

function placeOf(text: string): string | null {
  if (PLACE.test(text)) return text;
  const scp = SCP_ADDRESS.exec(text);
  if (scp !== null) return `${scp[1]}/${scp[2]}`;
  if (!/^[a-z+]+:\/\/[^/]/i.test(text) || !URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  return PROTOCOLS.has(protocol) ? `${host}${pathname.replace(/\/$/, "")}` : null;
}

/** What somebody says; null or absent: nothing. */
export interface GitSaid {
  readonly commit?: string | null | undefined;
  readonly ref?: string | null | undefined;
  readonly repository?: string | null | undefined;
}

export interface FitGitOrigin {
  /** Null: no commit is known, so nothing is. */
  readonly git: GitOrigin | null;
  /** What was said and is not shown. */
  readonly left_out: readonly (keyof GitOrigin)[];
}

/** What may be shown of what somebody says; the rest is left out, and nobody is refused for it. */
export function fitGitOrigin({ commit, ref, repository }: GitSaid): FitGitOrigin {
  const isCommit = typeof commit === "string" && isGitCommit(commit);
  const shown = {
    ref: isCommit && typeof ref === "string" && isGitRef(ref) ? ref : null,
    repository: isCommit && typeof repository === "string" ? shownRepository(repository) : null,
  };
  const left_out: (keyof GitOrigin)[] = [];
  if (isSaid(commit) && !isCommit) left_out.push("commit");
  if (isSaid(ref) && shown.ref === null) left_out.push("ref");
  if (isSaid(repository) && shown.repository === null) left_out.push("repository");
  return { git: isCommit ? { commit, ...shown } : null, left_out };
}

function isSaid(text: string | null | undefined): boolean {
  return typeof text === "string" && text !== "";
}
