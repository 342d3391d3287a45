/** The files of Lance datasets for whoever copies them: which of them name addresses, and which a pin needs. */
import { type StoreKey, storeKey } from "../../ports/object-store.ts";
import type { RowFiles } from "../row-files.ts";
import { filesOfVersion, moveVersion, versionFileName } from "./version-file.ts";

/** The dataset and the branch whose version a key names; null for every other file. */
const VERSION = /^(graphs\/[^/]+\/[^/]+\/[^/]+\.lance)(?:\/tree\/[^/]+)?\/_versions\/[0-9]+\.manifest$/;

export const LANCE_ROW_FILES: RowFiles = {
  namesAddresses: (key) => VERSION.test(key),
  relocate(key, bytes, root) {
    const dataset = VERSION.exec(key)?.[1];
    if (dataset === undefined) return { tag: "bytes", bytes };
    const moved = moveVersion(bytes, dataset, root.replace(/\/+$/, ""));
    return moved.tag === "parsed" ? { tag: "bytes", bytes: moved.value } : moved;
  },
  async pinned({ path, branch, lance_version }, read) {
    const folder = branch === null ? path : `${path}/tree/${branch}`;
    const named: StoreKey = storeKey(`${folder}/_versions/${versionFileName(lance_version)}`);
    const found = await read(named);
    if (found.tag === "unavailable") return found;
    if (found.tag === "absent") return { tag: "broken", detail: `${named} is not there` };
    const files = filesOfVersion(found.bytes, path, folder);
    if (files.tag === "unknown") return { tag: "broken", detail: `${named}: ${files.detail}` };
    const entry = branch === null ? [] : [storeKey(`${path}/_refs/branches/${branch}.json`)];
    return { tag: "files", keys: [named, ...entry, ...files.value.map(storeKey)] };
  },
};
