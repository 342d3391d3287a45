/**
 * Page tokens: where a list goes on. A token names the last thing that its caller was shown, is bound to that caller
 * and that list, and is authenticated, so that nobody can ask what comes after a thing that they were not shown
 * (spec/policy 5.3).
 *
 * The key lies in the records of the deployment and is made by whoever needs it first. It guards nothing else: who
 * reads the records can read what the lists are made of.
 */
import { z } from "zod";
import { authenticationCode, equalSecrets } from "../digest/authentication-code.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { putOnce, readObjectRetrying } from "../ledger/retry.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import type { Deployment } from "../worker/deployment.ts";
import { PAGE_TOKEN_CHARACTERS_MAX } from "./limits.ts";

export const PAGE_KEY_FORMAT_VERSION = 1;

const KEY: StoreKey = storeKey("keys/page-tokens.json");

/** What a token is good for. */
export interface PageOwner {
  /** The path of the list. */
  readonly list: string;
  /** Canonical identity of the caller. */
  readonly canonical: string;
}

export type OpenedPage =
  | { readonly tag: "opened"; readonly after: string }
  | { readonly tag: "invalid" }
  | { readonly tag: "unavailable"; readonly reason: string };

export type IssuedPage =
  | { readonly tag: "issued"; readonly token: string }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface PageTokens {
  issue(owner: PageOwner, after: string): Promise<IssuedPage>;
  open(owner: PageOwner, token: string): Promise<OpenedPage>;
}

type PageKey =
  | { readonly tag: "key"; readonly key: string }
  | { readonly tag: "unavailable"; readonly reason: string };

export function createPageTokens(deployment: Pick<Deployment, "records" | "ids" | "clock">): PageTokens {
  let known: string | null = null;
  const keyed = async (): Promise<PageKey> => {
    if (known !== null) return { tag: "key", key: known };
    const read = await readOrMakeKey(deployment);
    if (read.tag === "key") known = read.key;
    return read;
  };
  return {
    async issue(owner, after) {
      const read = await keyed();
      if (read.tag === "unavailable") return read;
      const place = Buffer.from(after, "utf8").toString("base64url");
      return { tag: "issued", token: `${place}.${codeOf(read.key, owner, place)}` };
    },
    async open(owner, token) {
      if (token.length > PAGE_TOKEN_CHARACTERS_MAX) return { tag: "invalid" };
      const read = await keyed();
      if (read.tag === "unavailable") return read;
      const [place, code] = token.split(".");
      if (place === undefined || code === undefined) return { tag: "invalid" };
      if (!equalSecrets(code, codeOf(read.key, owner, place))) return { tag: "invalid" };
      return { tag: "opened", after: Buffer.from(place, "base64url").toString("utf8") };
    },
  };
}

function codeOf(key: string, { list, canonical }: PageOwner, place: string): string {
  return authenticationCode(key, JSON.stringify([list, canonical, place]));
}

const shape = z.strictObject({
  format_version: z.literal(PAGE_KEY_FORMAT_VERSION),
  key: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The bytes of the record that holds the key. */
export function encodePageKey(key: string): Uint8Array {
  const document = { format_version: PAGE_KEY_FORMAT_VERSION, key };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

async function readOrMakeKey(deployment: Pick<Deployment, "records" | "ids" | "clock">): Promise<PageKey> {
  const ports = { store: deployment.records, clock: deployment.clock };
  const read = await readObjectRetrying(ports, KEY);
  if (read.tag === "found") return decodeKey(read.bytes);
  if (read.tag === "unavailable") return read;
  const { ids } = deployment;
  const fresh = ids.secret();
  const put = await putOnce(ports, KEY, encodePageKey(fresh));
  if (put.tag === "present") return { tag: "key", key: fresh };
  return put.tag === "other" ? decodeKey(put.bytes) : { tag: "unavailable", reason: put.reason };
}

function decodeKey(bytes: Uint8Array): PageKey {
  const document = parseJsonBytes(bytes);
  const parsed = document.tag === "invalid" ? null : shape.safeParse(document.value);
  if (parsed?.success === true) return { tag: "key", key: parsed.data.key };
  return { tag: "unavailable", reason: `${KEY} is damaged` };
}
