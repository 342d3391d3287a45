/**
 * The inbox of a server on this machine: `inbox/<cluster>/<name>`, where links put uploads and people drop archives.
 *
 * Guarantees: a file appears whole, by one link of complete bytes, and is never replaced: the second upload to one key
 * is the first one again or refused. What is longer than allowed is not read. No key leaves the inbox. A file was uploaded
 * when it got its name here, whatever it says of its last change: that goes with a file that is copied or moved.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseClusterName } from "../../lib/digest/ids.ts";
import { isUpload, isUploadFileName } from "../../lib/intake/upload-key.ts";
import { type Clock, formatTimestamp } from "../../lib/ports/clock.ts";
import type { Inbox, UploadRead } from "../../lib/worker/deployment.ts";
import { linkOf } from "./signed-link.ts";
import { UPLOAD_LINK_MS, UPLOAD_LINKS, type UploadGrant } from "./upload-links.ts";

export interface InboxFolder extends Inbox {
  /** Takes the bytes of an upload for which there is a link. */
  receive(grant: UploadGrant, chunks: AsyncIterable<Uint8Array>): Promise<UploadReceived>;
  /** Everything that lies in the inbox, with how old and how long it is; what came first is first. */
  list(): Promise<readonly InboxFile[]>;
  /** What lies where somebody may have dropped an archive, and is never taken: the path below the root, and why. */
  strays(): Promise<readonly InboxStray[]>;
}

export interface InboxStray {
  readonly path: string;
  readonly reason: string;
}

export interface InboxFile {
  readonly key: string;
  readonly bytes: number;
  readonly changed_at_ms: number;
  readonly arrived_at_ms: number;
}

export type UploadReceived =
  | { readonly tag: "received" }
  | { readonly tag: "too_large" }
  /** Other bytes lie there already: a link takes one upload. */
  | { readonly tag: "taken" }
  | { readonly tag: "failed"; readonly reason: string };

export interface InboxFolderOptions {
  /** The folder of the server. */
  readonly root: string;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  /** Where the server listens; an empty text where its callers know better. */
  readonly origin: () => string;
}

/** Rows wait here for the order that names them, and nobody takes them for a config. */
const LOADS = "loads";

export function inboxFolder({ root, secret, clock, origin }: InboxFolderOptions): InboxFolder {
  return {
    read: (key, bytesMax) => readUpload(root, key, bytesMax),
    async presign(key, bytesMax, metadata) {
      if (fileOf(root, key) === null) return null;
      const expires_at_ms = clock.nowMs() + UPLOAD_LINK_MS;
      const grant = { key, bytes_max: bytesMax, metadata: { ...metadata }, expires_at_ms };
      const url = `${origin()}${linkOf(UPLOAD_LINKS, grant, secret)}`;
      return { url, method: "PUT", headers: {}, expires_at: formatTimestamp(expires_at_ms) };
    },
    receive: (grant, chunks) => receiveUpload(root, grant, chunks),
    list: () => listInbox(join(root, "inbox")),
    strays: () => listStrays(join(root, "inbox")),
  };
}

/** `inbox/<cluster>/<name>` or `inbox/<cluster>/loads/<name>`, and nothing else. */
function fileOf(root: string, key: string): string | null {
  const [first, cluster = "", ...names] = key.split("/");
  if (first !== "inbox" || parseClusterName(cluster) === null) return null;
  const folders = names.slice(0, -1);
  const legal = isUploadFileName(names.at(-1) ?? "") && (folders.length === 0 || folders.join("/") === LOADS);
  return legal ? join(root, "inbox", cluster, ...names) : null;
}

function metadataFile(file: string): string {
  return join(dirname(file), ".metadata", `${file.slice(dirname(file).length + 1)}.json`);
}

async function readUpload(root: string, key: string, bytesMax: number): Promise<UploadRead> {
  const file = fileOf(root, key);
  if (file === null) return { tag: "absent" };
  try {
    const opened = await openUpload(file, bytesMax);
    if (opened.tag === "too_large") return opened;
    const { bytes, uploaded_at } = opened;
    const version = createHash("sha256").update(bytes).digest("hex");
    return { tag: "found", file: { bytes, metadata: await metadataOf(file), version, uploaded_at } };
  } catch (error) {
    return isMissing(error) ? { tag: "absent" } : { tag: "unavailable", reason: textOf(error) };
  }
}

/** Bytes and time of one and the same file, also if another one gets its name meanwhile. */
async function openUpload(path: string, bytesMax: number) {
  const file = await open(path);
  try {
    const { size, ctimeMs } = await file.stat();
    if (size > bytesMax) return { tag: "too_large", bytes: size } as const;
    const uploaded_at = formatTimestamp(Math.floor(ctimeMs / 1_000) * 1_000);
    return { tag: "opened", bytes: await file.readFile(), uploaded_at } as const;
  } finally {
    await file.close();
  }
}

async function metadataOf(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(metadataFile(file), "utf8"));
    const entries = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {});
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}

async function receiveUpload(
  root: string,
  grant: UploadGrant,
  chunks: AsyncIterable<Uint8Array>,
): Promise<UploadReceived> {
  const file = fileOf(root, grant.key);
  if (file === null) return { tag: "failed", reason: "the key is not legal" };
  const staged = join(root, "staging", randomBytes(12).toString("hex"));
  try {
    await mkdir(dirname(staged), { recursive: true });
    await mkdir(dirname(metadataFile(file)), { recursive: true });
    if (!(await writeWithin(staged, chunks, grant.bytes_max))) return { tag: "too_large" };
    await writeFile(metadataFile(file), JSON.stringify(grant.metadata), { flush: true });
    await link(staged, file);
    return { tag: "received" };
  } catch (error) {
    if (!hasCode(error, "EEXIST")) return { tag: "failed", reason: textOf(error) };
    return (await digestOf(staged)) === (await digestOf(file)) ? { tag: "received" } : { tag: "taken" };
  } finally {
    await rm(staged, { force: true });
  }
}

/** False if there were more bytes than allowed. */
async function writeWithin(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<boolean> {
  let bytes = 0;
  const within = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) return;
      yield chunk;
    }
  };
  await pipeline(within, createWriteStream(file, { flags: "wx", mode: 0o600, flush: true }));
  return bytes <= bytesMax;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

async function listInbox(inbox: string): Promise<readonly InboxFile[]> {
  const files: InboxFile[] = [];
  for (const cluster of await namesIn(inbox)) {
    if (parseClusterName(cluster) === null) continue;
    for (const name of await namesIn(join(inbox, cluster))) {
      const found = isUploadFileName(name) ? await fileFacts(join(inbox, cluster, name)) : null;
      if (found !== null) files.push({ key: `inbox/${cluster}/${name}`, ...found });
    }
  }
  return files.sort((one, other) => one.arrived_at_ms - other.arrived_at_ms);
}

async function listStrays(inbox: string): Promise<readonly InboxStray[]> {
  const strays: InboxStray[] = [];
  for (const folder of await shownNamesIn(inbox)) {
    const path = `inbox/${folder}`;
    if ((await fileFacts(join(inbox, folder))) !== null)
      strays.push({ path, reason: "an archive belongs into the folder of its cluster, inbox/<cluster>/" });
    else if (parseClusterName(folder) === null)
      strays.push({
        path,
        reason: "no cluster can have this name: lower-case letters, digits, single hyphens",
      });
    else strays.push(...(await straysOf(inbox, folder)));
  }
  return strays;
}

async function straysOf(inbox: string, cluster: string): Promise<readonly InboxStray[]> {
  const names = (await shownNamesIn(join(inbox, cluster))).filter((name) => name !== LOADS);
  return names.flatMap((name) => {
    const path = `inbox/${cluster}/${name}`;
    if (!isUploadFileName(name))
      return [{ path, reason: "the name of an upload has only letters a to z, digits, dots, _ and -" }];
    const taken = isUpload(path);
    return taken
      ? []
      : [{ path, reason: "only a zip of a config folder is taken, and its name ends in .zip" }];
  });
}

/** Without what programs keep for themselves: our metadata, and the files of editors and desktops. */
async function shownNamesIn(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => !name.startsWith("."));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error) || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

async function fileFacts(file: string): Promise<Omit<InboxFile, "key"> | null> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return null;
    return { bytes: facts.size, changed_at_ms: facts.mtimeMs, arrived_at_ms: facts.ctimeMs };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
