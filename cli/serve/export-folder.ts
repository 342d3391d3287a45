/**
 * Exports of a server on this machine: `exports/<cluster>/<run>/<version>.jsonl`, read through links that the server has
 * signed. What is older than anybody may ask for is removed when the next one is written.
 *
 * Guarantees: a file appears whole, by one rename of complete bytes. No key leaves the folder.
 */
import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isUlid, parseClusterName } from "../../lib/digest/ids.ts";
import { type Clock, formatTimestamp } from "../../lib/ports/clock.ts";
import type { ExportFiles } from "../../lib/worker/deployment.ts";
import { EXPORT_KEPT_MS } from "../../lib/worker/limits.ts";
import { DOWNLOAD_LINK_MS, DOWNLOAD_LINKS } from "./download-links.ts";
import { linkOf } from "./signed-link.ts";

export interface ExportFolder extends ExportFiles {
  /** The bytes under a key that a link has named; null: they are not there any more. */
  open(key: string): Promise<{ readonly bytes: number; readonly chunks: AsyncIterable<Uint8Array> } | null>;
}

export interface ExportFolderOptions {
  /** The folder of the server. */
  readonly root: string;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  /** Where the server listens; an empty text where its callers know better. */
  readonly origin: () => string;
}

export function exportFolder({ root, secret, clock, origin }: ExportFolderOptions): ExportFolder {
  return {
    async write(key, chunks) {
      const file = fileOf(root, key);
      if (file === null) return { tag: "unavailable", reason: "the key is not legal" };
      await removeOld(join(root, "exports"), clock.nowMs());
      return writeWhole(root, file, chunks);
    },
    presign(key) {
      const expires_at_ms = clock.nowMs() + DOWNLOAD_LINK_MS;
      const url = `${origin()}${linkOf(DOWNLOAD_LINKS, { key, expires_at_ms }, secret)}`;
      return Promise.resolve({ url, expires_at: formatTimestamp(expires_at_ms) });
    },
    async open(key) {
      const file = fileOf(root, key);
      if (file === null) return null;
      try {
        const { size } = await stat(file);
        return { bytes: size, chunks: createReadStream(file) };
      } catch {
        return null;
      }
    },
  };
}

/** `exports/<cluster>/<run>/<version>.jsonl`, and nothing else. */
function fileOf(root: string, key: string): string | null {
  const [first, cluster = "", run = "", name = "", ...rest] = key.split("/");
  if (first !== "exports" || rest.length > 0 || parseClusterName(cluster) === null || !isUlid(run))
    return null;
  return /^[1-9][0-9]{0,15}\.jsonl$/.test(name) ? join(root, "exports", cluster, run, name) : null;
}

async function writeWhole(
  root: string,
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): ReturnType<ExportFiles["write"]> {
  const staged = join(root, "staging", randomBytes(12).toString("hex"));
  try {
    await mkdir(dirname(staged), { recursive: true });
    await pipeline(chunks, createWriteStream(staged, { flags: "wx", mode: 0o600, flush: true }));
    const { size } = await stat(staged);
    await mkdir(dirname(file), { recursive: true });
    await rename(staged, file);
    return { tag: "written", bytes: size };
  } catch (error) {
    return { tag: "unavailable", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(staged, { force: true });
  }
}

/** Best effort: what stays is removed by the next export. */
async function removeOld(folder: string, nowMs: number): Promise<void> {
  try {
    for (const cluster of await readdir(folder)) {
      for (const run of await readdir(join(folder, cluster))) {
        const path = join(folder, cluster, run);
        const { mtimeMs } = await stat(path);
        if (nowMs - mtimeMs > EXPORT_KEPT_MS) await rm(path, { recursive: true, force: true });
      }
    }
  } catch {
    return;
  }
}
