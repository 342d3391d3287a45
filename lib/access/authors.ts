/**
 * Authors: whoever had a hand in a change, so that nobody approves what they brought in themselves (spec/policy 5.7):
 * who made the plan, who handed in the config, and who was the first to hand in each file that changes.
 *
 * `__graphform/authors/<digest>.json`, one for each bundle and each changed file, put by the first who brings it and
 * never changed. Git's authors are never used. Authors are recorded when a plan is made from what was handed in, before
 * anybody can approve it; whose record is missing is not known, and an unknown author denies.
 *
 * Guarantees: field order is the JSON order; the format changes only with `format_version`; reading is strict.
 */
import { z } from "zod";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { inWaves } from "../apply/wave.ts";
import { compareBytes } from "../digest/digest.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { putOnce, readObjectRetrying } from "../ledger/retry.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { timestamp } from "../ports/clock.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const AUTHOR_FORMAT_VERSION = 1;

/** Who was the first to bring something. */
export interface AuthorRecord {
  readonly format_version: typeof AUTHOR_FORMAT_VERSION;
  /** SHA-256 of the bundle or of the file. */
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

/** Records `actor` as the one who brings what `digests` name, where nobody did before; false if that is not certain. */
export async function recordAuthor(
  ports: AuthorPorts,
  digests: readonly string[],
  actor: string,
): Promise<boolean> {
  const at = timestamp(ports.clock);
  const written = await inWaves([...new Set(digests)], async (digest) => {
    const record: AuthorRecord = { format_version: AUTHOR_FORMAT_VERSION, digest, actor, at };
    const put = await putOnce(ports, authorKey(digest), encodeAuthor(record));
    return put.tag === "present" || put.tag === "other";
  });
  return written.every((each) => each);
}

/** What a plan brings: its bundle and every file that it would put in place. */
export function broughtBy({ made_from, changes }: PlanDocument): readonly string[] {
  const files = changes.flatMap(({ after_digest }) => (after_digest === undefined ? [] : [after_digest]));
  return [...new Set([made_from.bundle_digest, ...files])];
}

/**
 * The authors of `plan`, or of its change of `resource` alone, sorted. `beside`: who is known from elsewhere to have
 * had a hand in it. Empty: not known.
 */
export async function authorsOf(
  ports: AuthorPorts,
  plan: PlanDocument,
  resource: string | null,
  beside: readonly (string | null)[] = [],
): Promise<readonly string[]> {
  const changes =
    resource === null ? plan.changes : plan.changes.filter((each) => each.resource === resource);
  const found = await inWaves(broughtBy({ ...plan, changes }), async (digest) => {
    const read = await readObjectRetrying(ports, authorKey(digest));
    if (read.tag === "absent") return null;
    return read.tag === "found" ? (decodeAuthor(read.bytes)?.actor ?? UNREADABLE) : UNREADABLE;
  });
  // One author who cannot be read may be anybody, and nobody is then known not to be the author.
  if (found.includes(UNREADABLE)) return [];
  const names = [plan.actor, ...beside, ...found.map((each) => (typeof each === "string" ? each : null))];
  return [...new Set(names.flatMap((name) => (name === null ? [] : [name])))].sort(compareBytes);
}

const UNREADABLE = Symbol("unreadable");
