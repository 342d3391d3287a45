/** Where uploads lie: `inbox/<cluster>/<name>`; what the name ends in says what it is (design 3). Pure. */
import { type ClusterName, parseClusterName } from "../digest/ids.ts";

/** `kept_bundle`: a config folder that is kept when its sender says so, and planned by no event. */
export const UPLOAD_PURPOSES = ["bundle", "kept_bundle", "load"] as const;
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];

const ENDINGS = { bundle: ".zip", kept_bundle: ".bundle", load: ".jsonl" } as const satisfies Record<
  UploadPurpose,
  string
>;

export function uploadKey(cluster: ClusterName, id: string, purpose: UploadPurpose): string {
  return `inbox/${cluster}/${id}${ENDINGS[purpose]}`;
}

/**
 * The last part of a key: keys are shown in logs, records and diagnostics, and are files on a server that keeps its inbox
 * in a folder. A key is given by whoever may write into the bucket.
 */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

export function isUploadFileName(name: string): boolean {
  return FILE_NAME.test(name);
}

export interface UploadPlace {
  readonly cluster: ClusterName;
  /** Without its ending. */
  readonly name: string;
}

/** The config folder that a key is the upload of; null if it is none. */
export function bundleUpload(key: string): UploadPlace | null {
  return placeOf(key, ENDINGS.bundle);
}

/** The name of the rows that a key is the upload of; null if it is none. */
export function loadUpload(key: string): string | null {
  return placeOf(key, ENDINGS.load)?.name ?? null;
}

/** Is the key that of an upload that is taken, by its event or when its sender says so? */
export function isUpload(key: string): boolean {
  return Object.values(ENDINGS).some((ending) => placeOf(key, ending) !== null);
}

function placeOf(key: string, ending: string): UploadPlace | null {
  const [inbox, name, file, ...rest] = key.split("/");
  const cluster = parseClusterName(name ?? "");
  if (inbox !== "inbox" || cluster === null || file === undefined || rest.length > 0) return null;
  if (!isUploadFileName(file)) return null;
  if (!file.endsWith(ending) || file.length === ending.length) return null;
  return { cluster, name: file.slice(0, -ending.length) };
}
