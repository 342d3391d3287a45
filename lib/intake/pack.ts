/**
 * Packs the files of a bundle into a zip: in the order of their paths, with one time and one mode for all, so that the
 * same files give the same bytes (I3).
 */
import { ZipFile } from "yazl";
import type { BundleFile } from "../config/bundle.ts";
import { compareBytes } from "../digest/digest.ts";

/** The first instant that a zip can hold; it is written in local time, so it is the same everywhere. */
const FIRST_DAY = [1980, 0, 1] as const;
const PLAIN_FILE = 0o100644;

export function packFiles(files: readonly Pick<BundleFile, "path" | "bytes">[]): Promise<Uint8Array> {
  const zip = new ZipFile();
  const options = {
    mtime: new Date(...FIRST_DAY),
    mode: PLAIN_FILE,
    forceDosTimestamp: true,
    compress: true,
  };
  for (const { path, bytes } of [...files].sort((a, b) => compareBytes(a.path, b.path))) {
    zip.addBuffer(Buffer.from(bytes), path, options);
  }
  zip.end();
  return collect(zip.outputStream);
}

async function collect(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}
