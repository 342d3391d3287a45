/** Every key below a prefix, page by page, with the pages asked for again that were not answered. */
import { retryRead, type StorePorts } from "../ledger/retry.ts";
import type { ListOptions, StoreKey } from "../ports/object-store.ts";
import { CLUSTER_OBJECTS_MAX, LIST_PAGE_KEYS } from "./limits.ts";
import { done, type Step, stopped } from "./step.ts";

export async function listKeys(
  { store, clock }: StorePorts,
  prefix: string,
  kind: Pick<ListOptions, "shallow" | "folders"> = {},
): Promise<Step<readonly StoreKey[]>> {
  const keys: StoreKey[] = [];
  let after: string | undefined;
  while (keys.length <= CLUSTER_OBJECTS_MAX) {
    const options = { prefix, limit: LIST_PAGE_KEYS, after, ...kind };
    const page = await retryRead(clock, () => store.list(options));
    if (page.tag === "unavailable") {
      return stopped(
        "backup_store_error",
        prefix,
        `What lies below ${prefix} could not be listed: ${page.reason}.`,
      );
    }
    for (const key of page.keys) keys.push(key);
    if (page.next === null) return done(keys);
    after = page.next;
  }
  const message = `There are more than ${CLUSTER_OBJECTS_MAX} objects below ${prefix}.`;
  return stopped("backup_store_error", prefix, message);
}
