/** The tokens of a server on this machine: those of a file, or one that is made at its first start. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeLocalTokens, type LocalToken, localToken } from "../../lib/access/local-tokens.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { fileProblem, fileReason } from "../verbs/file-problem.ts";
import { keptSecret, unkeptSecret } from "./secret-file.ts";

export type TokensFound =
  | {
      readonly tag: "tokens";
      readonly tokens: readonly LocalToken[];
      /** A token that nobody has seen yet, and where it is kept. */
      readonly made: { readonly token: string; readonly file: string } | null;
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export function tokensOf(file: string): TokensFound {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return { tag: "refused", diagnostics: [fileProblem(file, fileReason(error))] };
  }
  const decoded = decodeLocalTokens(Buffer.from(withDigests(text), "utf8"));
  if (decoded.tag === "decoded") return { tag: "tokens", tokens: decoded.tokens, made: null };
  const message = `${file} does not say who may ask: ${decoded.detail}.`;
  return { tag: "refused", diagnostics: [diagnostic("serve_file_invalid", { path: file, message })] };
}

/** `actor`: whom the token stands for. */
export function ownToken(root: string, actor: string): TokensFound {
  const file = join(root, "token");
  const kept = keptSecret(file);
  if (kept.tag === "failed") return { tag: "refused", diagnostics: [unkeptSecret(file, kept.reason)] };
  const { text, fresh } = kept;
  return {
    tag: "tokens",
    tokens: [localToken("local", actor, text)],
    made: fresh ? { token: text, file } : null,
  };
}

/** A token in clear text stands for its digest; what is no list of tokens is for the decoder to refuse. */
function withDigests(text: string): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return text;
  }
  return JSON.stringify(document, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !("token" in value)) return value;
    const { token, ...rest } = value;
    return typeof token === "string" ? { ...rest, token_sha256: sha256(token) } : value;
  });
}
