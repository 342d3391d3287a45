/**
 * Authors: whoever had a hand in a change, so that nobody approves what they brought in themselves (spec/policy 5.7):
 * who made the plan, who was the first to hand in the config, and who was the first to bring each file that changes.
 *
 * `__graphform/authors/<digest>.json`, one for each changed file, put by the first who brings it and never changed.
 * Git's authors are never used. They are recorded when a plan is made from what was handed in, before anybody can
 * approve it. Where nobody knows who handed in the config or who made the plan, nobody knows the authors, and that
 * denies; but whoever is not known leaves no record, so that it ends when somebody who is known hands in the same.
 *
 * Guarantees: field order is the JSON order; the format changes only with `format_version`; reading is strict.
 */
import { z } from "zod";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { inWaves } from "../apply/wave.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import { compareBytes, type Digest } from "../digest/digest.ts";
import { readBundleOrigin } from "../intake/bundle-origin.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { putOnce, readObjectRetrying } from "../ledger/retry.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { timestamp } from "../ports/clock.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const AUTHOR_FORMAT_VERSION = 1;

/** Who was the first to bring something. */
export interface AuthorRecord {
  readonly format_version: typeof AUTHOR_FORMAT_VERSION;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly actor: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

const shape = z.strictObject({
  format_version: z.literal(AUTHOR_FORMAT_VERSION),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  actor: z.string().min(1),
  at: z.iso.datetime(),
});

export function encodeAuthor({ format_version, digest, actor, at }: AuthorRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format_version, digest, actor, at }, null, 2)}\n`, "utf8");
}

/** The record in `bytes`, or null if they are none of this format. */
export function decodeAuthor(bytes: Uint8Array): AuthorRecord | null {
  const document = parseJsonBytes(bytes);
  const parsed = document.tag === "invalid" ? null : shape.safeParse(document.value);
  return parsed?.success === true ? parsed.data : null;
}

function authorKey(digest: string): StoreKey {
  return storeKey(`__graphform/authors/${digest}.json`);
}

type AuthorPorts = Pick<ClusterPorts, "store" | "clock">;

/** Records `actor`, if it is known, as who brings what `digests` name, where nobody did before; false if that is not certain. */
export async function recordAuthor(
  ports: AuthorPorts,
  digests: readonly string[],
  actor: string | null,
): Promise<boolean> {
  if (actor === null) return true;
  const at = timestamp(ports.clock);
  const written = await inWaves([...new Set(digests)], async (digest) => {
    const record: AuthorRecord = { format_version: AUTHOR_FORMAT_VERSION, digest, actor, at };
    const put = await putOnce(ports, authorKey(digest), encodeAuthor(record));
    return put.tag === "present" || put.tag === "other";
  });
  return written.every((each) => each);
}

/** The files that the changes would put in place. */
export function broughtBy(changes: readonly Change[]): readonly string[] {
  const files = changes.filter(({ resource }) => hasFile(resource));
  return [
    ...new Set(files.flatMap(({ after_digest }) => (after_digest === undefined ? [] : [after_digest]))),
  ];
}

function hasFile(resource: Address): boolean {
  const kind = parseAddress(resource)?.kind;
  return kind === "schema" || kind === "query" || kind === "policy";
}

/** The authors of `plan`, or of its change of `resource` alone, sorted. Empty: not known. */
export async function authorsOf(
  ports: AuthorPorts,
  plan: PlanDocument,
  resource: string | null,
): Promise<readonly string[]> {
  const changes =
    resource === null ? plan.changes : plan.changes.filter((each) => each.resource === resource);
  const [origin, files] = await Promise.all([
    readBundleOrigin(ports, plan.made_from.bundle_digest as Digest),
    inWaves(broughtBy(changes), (digest) => authorOf(ports, digest)),
  ]);
  // Somebody who cannot be named may be anybody, and nobody is then known not to be an author.
  const unnamed = files.some((each) => each.tag === "unknown");
  if (unnamed || plan.actor === null || origin.tag === "unavailable" || origin.actor === null) return [];
  const first = files.flatMap((each) => (each.tag === "known" ? [each.actor] : []));
  const names = [origin.actor, plan.actor, ...first];
  return [...new Set(names)].sort(compareBytes);
}

type FileAuthor =
  | { readonly tag: "known"; readonly actor: string }
  | { readonly tag: "unrecorded" }
  | { readonly tag: "unknown" };

async function authorOf(ports: AuthorPorts, digest: string): Promise<FileAuthor> {
  const read = await readObjectRetrying(ports, authorKey(digest));
  if (read.tag === "absent") return { tag: "unrecorded" };
  const record = read.tag === "found" ? decodeAuthor(read.bytes) : null;
  const actor = record?.actor ?? null;
  return actor === null ? { tag: "unknown" } : { tag: "known", actor };
}
