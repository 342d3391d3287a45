/**
 * Who may ask a server on this machine: tokens and the actors they stand for. A file keeps the digest of a token, or
 * the token itself where nobody else can read the file.
 */
import { timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Caller } from "../../lib/access/caller.ts";
import { sha256 } from "../../lib/digest/digest.ts";

export const TOKENS_FORMAT_VERSION = 1;
export const TOKENS_MAX = 1_000;
/** Shorter ones can be guessed. */
export const TOKEN_CHARACTERS_MIN = 20;

export interface LocalToken {
  readonly name: string;
  readonly token_sha256: string;
  readonly actor: string;
  readonly groups: readonly string[];
}

export type TokensDecoded =
  | { readonly tag: "decoded"; readonly tokens: readonly LocalToken[] }
  | { readonly tag: "invalid"; readonly problem: string };

const entry = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "is not a name"),
    token: z.string().min(TOKEN_CHARACTERS_MIN).optional(),
    token_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
      .optional(),
    actor: z.string().min(1),
    groups: z.array(z.string().min(1)).default([]),
  })
  .refine(
    ({ token, token_sha256 }) => (token === undefined) !== (token_sha256 === undefined),
    "has either token or token_sha256",
  );

const shape = z.strictObject({
  format_version: z.literal(TOKENS_FORMAT_VERSION),
  tokens: z.array(entry).min(1).max(TOKENS_MAX),
});

export function decodeTokens(text: string): TokensDecoded {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { tag: "invalid", problem: "it is not JSON" };
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { tag: "invalid", problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
  }
  const tokens = parsed.data.tokens.map(({ token, token_sha256, ...rest }) => ({
    ...rest,
    token_sha256: token_sha256 ?? sha256(token ?? ""),
  }));
  const twice = tokens.find((each, index) => tokens.findIndex(({ name }) => name === each.name) !== index);
  if (twice !== undefined) return { tag: "invalid", problem: `the name "${twice.name}" is there twice` };
  return { tag: "decoded", tokens };
}

/** The caller whose token an `Authorization` header holds, or null. Every token is compared, in the same time. */
export function callerOf(tokens: readonly LocalToken[], authorization: string | null): Caller | null {
  const sent = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (sent === undefined) return null;
  const digest = Buffer.from(sha256(sent), "hex");
  const matching = tokens.filter((each) => timingSafeEqual(Buffer.from(each.token_sha256, "hex"), digest));
  const [found] = matching;
  return found === undefined ? null : callerNamed(found);
}

export function canonicalOf({ name }: Pick<LocalToken, "name">): string {
  return `local:${name}`;
}

function callerNamed(token: LocalToken): Caller {
  return {
    actor: token.actor,
    source: "local",
    canonical: canonicalOf(token),
    session: null,
    amr: [],
    claim_groups: token.groups.map((group) => `jwt-group:local/${group}`),
  };
}
