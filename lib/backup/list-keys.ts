/** Every key below a prefix, page by page, with the pages asked for again that were not answered. */
import { retryRead, type StorePorts } from "../ledger/retry.ts";
import type { ListOptions, StoreKey } from "../ports/object-store.ts";
import { CLUSTER_OBJECTS_MAX, LIST_PAGE_KEYS } from "./limits.ts";
import { done, type Step, stopped } from "./step.ts";

type Kind = Pick<ListOptions, "shallow" | "folders" | "sizes">;

interface Listed {
  readonly keys: readonly StoreKey[];
  readonly sizes: readonly (number | null)[];
}

export async function listKeys(
  ports: StorePorts,
  prefix: string,
  kind: Pick<Kind, "shallow" | "folders"> = {},
): Promise<Step<readonly StoreKey[]>> {
  const listed = await listPages(ports, prefix, kind);
  return listed.tag === "stopped" ? listed : done(listed.value.keys);
}

/** Every object below a prefix and its bytes. A link on a disk stops it: what lies behind is not of the root. */
export async function listSizes(
  ports: StorePorts,
  prefix: string,
  kind: Pick<Kind, "shallow"> = {},
): Promise<Step<ReadonlyMap<StoreKey, number>>> {
  const listed = await listPages(ports, prefix, { ...kind, sizes: true });
  if (listed.tag === "stopped") return listed;
  const { keys, sizes } = listed.value;
  const found = new Map<StoreKey, number>();
  for (const [at, key] of keys.entries()) {
    const size = sizes[at];
    if (size === undefined) return notListed(prefix, "the store told no sizes");
    if (size === null) return linked(key);
    found.set(key, size);
  }
  return done(found);
}

/** Stops if one of the folders is itself a link. */
export async function refuseLinkedFolders(
  ports: StorePorts,
  folders: readonly string[],
): Promise<Step<null>> {
  for (const folder of folders) {
    const name = folder.slice(0, -1);
    const options = { prefix: name, limit: 1, shallow: true, sizes: true };
    const page = await retryRead(ports.clock, () => ports.store.list(options));
    if (page.tag === "unavailable") return notListed(name, page.reason);
    if (page.keys[0] === name && page.sizes?.[0] === null) return linked(name);
  }
  return done(null);
}

async function listPages({ store, clock }: StorePorts, prefix: string, kind: Kind): Promise<Step<Listed>> {
  const keys: StoreKey[] = [];
  const sizes: (number | null)[] = [];
  let after: string | undefined;
  while (keys.length <= CLUSTER_OBJECTS_MAX) {
    const options = { prefix, limit: LIST_PAGE_KEYS, after, ...kind };
    const page = await retryRead(clock, () => store.list(options));
    if (page.tag === "unavailable") return notListed(prefix, page.reason);
    for (const key of page.keys) keys.push(key);
    for (const size of page.sizes ?? []) sizes.push(size);
    if (page.next === null) return done({ keys, sizes });
    after = page.next;
  }
  const message = `There are more than ${CLUSTER_OBJECTS_MAX} objects below ${prefix}.`;
  return stopped("backup_store_error", prefix, message);
}

function notListed(prefix: string, reason: string) {
  return stopped("backup_store_error", prefix, `What lies below ${prefix} could not be listed: ${reason}.`);
}

function linked(key: string) {
  return stopped("backup_link_found", key, `${key} is a symbolic link, or no file: it is not followed.`);
}
