/**
 * Local tokens: who may use a server on somebody's own machine, as a file that holds no token, only their digests.
 *
 * Guarantees: pure. A token is compared with every entry, each in constant time, so that the time says nothing about
 * which one is near. Field order is the JSON order; the format changes only with `format_version`; reading is strict.
 */
import { z } from "zod";
import { equalSecrets } from "../digest/authentication-code.ts";
import { sha256 } from "../digest/digest.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import type { Identified } from "./caller.ts";
import { LOCAL_TOKENS_MAX } from "./limits.ts";

export const LOCAL_TOKENS_FORMAT_VERSION = 1;

export interface LocalToken {
  /** Names the token; its canonical identity is `local:<name>`. */
  readonly name: string;
  /** Who uses it, as policies and records call them. */
  readonly actor: string;
  /** SHA-256 of the token. */
  readonly token_sha256: string;
}

export type LocalTokensDecoding =
  | { readonly tag: "decoded"; readonly tokens: readonly LocalToken[] }
  | { readonly tag: "invalid"; readonly detail: string };

const shape = z.strictObject({
  format_version: z.literal(LOCAL_TOKENS_FORMAT_VERSION),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "is not a plain name"),
        actor: z.string().min(1).max(256),
        token_sha256: z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256"),
      }),
    )
    .max(LOCAL_TOKENS_MAX),
});

/** The entry for a token that was just made; the token itself is shown to its user once and kept nowhere. */
export function localToken(name: string, actor: string, token: string): LocalToken {
  return { name, actor, token_sha256: sha256(token) };
}

export function encodeLocalTokens(tokens: readonly LocalToken[]): Uint8Array {
  const entries = tokens.map(({ name, actor, token_sha256 }) => ({ name, actor, token_sha256 }));
  const document = { format_version: LOCAL_TOKENS_FORMAT_VERSION, tokens: entries };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export function decodeLocalTokens(bytes: Uint8Array): LocalTokensDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { tag: "invalid", detail: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
  }
  const { tokens } = parsed.data;
  if (new Set(tokens.map(({ name }) => name)).size !== tokens.length) {
    return { tag: "invalid", detail: "tokens: two have one name" };
  }
  return { tag: "decoded", tokens };
}

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

/** The caller whose token the `Authorization` header holds, or null. */
export function identifyToken(authorization: string | null, tokens: readonly LocalToken[]): Identified {
  const token = BEARER.exec(authorization ?? "")?.[1];
  if (token === undefined) return null;
  const digest = sha256(token);
  const matching = tokens.filter(({ token_sha256 }) => equalSecrets(token_sha256, digest));
  const [found] = matching;
  if (found === undefined || matching.length > 1) return null;
  const { name, actor } = found;
  return { actor, source: "local", canonical: `local:${name}`, session: null, amr: [], claim_groups: [] };
}
