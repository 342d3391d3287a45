/**
 * Git facts of a config: which commit, ref and repository it came from, as whoever hands it in says. They are shown in
 * runs and receipts and never trusted. Pure.
 *
 * Guarantees: no credential leaves here (U2): what remains of the address of a repository has no user, password, query
 * or fragment, and an address that might still hide one is none.
 */
import { GIT_TEXT_CHARACTERS_MAX } from "./limits.ts";

/** Long enough to be told from others, at most a SHA-256. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

export function isGitCommit(text: string): boolean {
  return COMMIT.test(text);
}

/** What a ref never holds: white space, control characters, what no encoding has. */
const NO_REF = /[\s\p{Cc}\p{Surrogate}]/u;

export function isGitRef(text: string): boolean {
  return text !== "" && text.length <= GIT_TEXT_CHARACTERS_MAX && !NO_REF.test(text);
}

const PLAIN_NAME = /^[\w.~+-]+(\/[\w.~+-]+)*$/;
/** `host:path` as scp writes it, with or without a user; one letter is a drive and no host. */
const SCP_ADDRESS = /^(?:[^@/:\s]+@)?([A-Za-z0-9][A-Za-z0-9.-]+):((?:[\w.~+-]+\/)*[\w.~+-]+)\/?$/;
const PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "ssh:", "git:", "git+ssh:"]);
const PLAIN_HOST = /^[A-Za-z0-9.:[\]-]+$/;
/** A space is the only character that may be escaped: others could hide a user. */
const PLAIN_PATH = /^(\/([\w.~+-]|%20)+)*\/?$/;

/**
 * The address of a repository as it may be shown: `https://host/path`, `host:path`, or a plain name such as
 * `owner/name`. Null: it is none of these, a path on a disk for example.
 */
export function shownRepository(text: string): string | null {
  if (text.length > GIT_TEXT_CHARACTERS_MAX) return null;
  if (PLAIN_NAME.test(text)) return text.startsWith(".") ? null : text;
  const scp = SCP_ADDRESS.exec(text);
  if (scp !== null) return `${scp[1]}:${scp[2]}`;
  if (!/^[a-z+]+:\/\/[^/]/i.test(text) || !URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  if (!PROTOCOLS.has(protocol) || !PLAIN_HOST.test(host) || !PLAIN_PATH.test(pathname)) return null;
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
