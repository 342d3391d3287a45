/**
 * Archive: the files of a zip, within limits (design 11, I1, I2).
 *
 * Guarantees: nothing is written anywhere; every problem is a diagnostic, all those of the list of entries at once.
 * Sizes are counted while bytes are inflated, whatever headers promise, so a bomb costs no more than the limit. No entry
 * leaves the folder, is anything but a plain file or a folder, or stands for two files on some system.
 */
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { isSecretFile } from "../config/bundle-path.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { entryPath } from "./entry-path.ts";
import {
  ARCHIVE_DIAGNOSTICS_MAX,
  ARCHIVE_ENTRIES_MAX,
  ARCHIVE_INFLATED_BYTES_MAX,
  ARCHIVE_PACKED_BYTES_MAX,
  ARCHIVE_RATIO_FREE_BYTES_MAX,
  ARCHIVE_RATIO_MAX,
} from "./limits.ts";

export type ArchiveRead =
  /** By path from the top of the archive. */
  | { readonly tag: "read"; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** Where problems of the whole archive are. */
const ARCHIVE = "archive";

export async function readArchive(zip: Uint8Array): Promise<ArchiveRead> {
  if (zip.length > ARCHIVE_PACKED_BYTES_MAX) {
    const message = `The archive has ${zip.length} bytes; at most ${ARCHIVE_PACKED_BYTES_MAX} are taken.`;
    return refused([diagnostic("archive_too_large", { path: ARCHIVE, message })]);
  }
  const opened = await openArchive(zip);
  if (opened.tag === "unreadable") return refused([unreadable(opened.reason)]);
  const { entryCount } = opened.archive;
  if (entryCount > ARCHIVE_ENTRIES_MAX) {
    const message = `The archive has ${entryCount} entries; at most ${ARCHIVE_ENTRIES_MAX} are read.`;
    return refused([diagnostic("archive_too_many_entries", { path: ARCHIVE, message })]);
  }
  const listed = await listEntries(opened.archive);
  if (listed.tag === "unreadable") return refused([unreadable(listed.reason)]);
  const judged = judgeEntries(listed.entries);
  if (judged.diagnostics.length > 0) return refused(fewest(judged.diagnostics));
  return inflate(opened.archive, judged.files, zip.length);
}

function refused(diagnostics: readonly Diagnostic[]): ArchiveRead {
  return { tag: "refused", diagnostics };
}

function unreadable(reason: string): Diagnostic {
  return diagnostic("archive_unreadable", {
    path: ARCHIVE,
    message: `The archive cannot be read: ${reason}.`,
  });
}

type Unreadable = { readonly tag: "unreadable"; readonly reason: string };

async function openArchive(
  zip: Uint8Array,
): Promise<{ readonly tag: "opened"; readonly archive: ZipFile } | Unreadable> {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  try {
    const archive = await fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: false });
    return { tag: "opened", archive };
  } catch (error) {
    return { tag: "unreadable", reason: reasonOf(error) };
  }
}

async function listEntries(
  archive: ZipFile,
): Promise<{ readonly tag: "listed"; readonly entries: readonly Entry[] } | Unreadable> {
  const entries: Entry[] = [];
  try {
    const each: AsyncIterable<Entry> = archive.eachEntry();
    for await (const entry of each) entries.push(entry);
    return { tag: "listed", entries };
  } catch (error) {
    return { tag: "unreadable", reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, "");
}

interface NamedEntry {
  readonly path: string;
  readonly entry: Entry;
}

interface JudgedEntries {
  readonly files: readonly NamedEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

function judgeEntries(entries: readonly Entry[]): JudgedEntries {
  const files: NamedEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  const names = new NameSet();
  for (const entry of entries) {
    const named = entryPath(entry.fileNameRaw);
    switch (named.tag) {
      case "refused": {
        const message = `The entry ${named.reason}.`;
        diagnostics.push(diagnostic("archive_entry_path", { path: named.shown, message }));
        break;
      }
      case "folder":
      case "file": {
        const { path } = named;
        const problems = [...kindProblems(entry, path, named.tag), ...names.add(path, named.tag)];
        diagnostics.push(...problems);
        if (named.tag === "file") files.push({ path, entry });
        break;
      }
      default:
        assertNever(named);
    }
  }
  return { files, diagnostics };
}

/** General purpose bits: encrypted, strongly encrypted, central directory encrypted. */
const ENCRYPTION_BITS = 0x1 | 0x40 | 0x2000;
const UNIX = 3;
const DARWIN = 19;
const FILE_TYPE_BITS = 0o170000;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;
const SYMBOLIC_LINK = 0o120000;
const STORED = 0;
const DEFLATED = 8;

function kindProblems(entry: Entry, path: string, named: "file" | "folder"): readonly Diagnostic[] {
  const problem = (
    code: "archive_entry_encrypted" | "archive_entry_kind" | "archive_entry_method" | "archive_entry_secret",
    message: string,
  ) => [diagnostic(code, { path, message })];
  if ((entry.generalPurposeBitFlag & ENCRYPTION_BITS) !== 0) {
    return problem("archive_entry_encrypted", "The entry is encrypted.");
  }
  const system = entry.versionMadeBy >>> 8;
  const type =
    system === UNIX || system === DARWIN ? (entry.externalFileAttributes >>> 16) & FILE_TYPE_BITS : 0;
  if (type === SYMBOLIC_LINK) return problem("archive_entry_kind", "The entry is a symbolic link.");
  if (type !== 0 && type !== (named === "file" ? REGULAR_FILE : FOLDER)) {
    return problem("archive_entry_kind", "The entry is neither a file nor a folder.");
  }
  if (named === "folder") {
    return entry.uncompressedSize === 0 ? [] : problem("archive_entry_kind", "The folder has content.");
  }
  if (isSecretFile(path))
    return problem("archive_entry_secret", "A .env file does not belong into an upload.");
  const { compressionMethod } = entry;
  if (compressionMethod === STORED || compressionMethod === DEFLATED) return [];
  return problem("archive_entry_method", `The entry is packed by the method ${compressionMethod}.`);
}

/** The names so far, as a system sees them that ignores case and composes accents. */
class NameSet {
  readonly #seen = new Map<string, { readonly path: string; readonly is: "file" | "folder" }>();

  /** What stands in the way of the path; it and the folders above it are taken then. */
  add(path: string, is: "file" | "folder"): readonly Diagnostic[] {
    const segments = path.split("/");
    const above = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
    const taken = above.flatMap((folder) => this.#take(folder, "folder"));
    return [...taken, ...this.#take(path, is)].slice(0, 1).map((other) => {
      const same =
        other === path ? "is there twice" : `differs from "${other}" only in what some systems ignore`;
      const message = path.startsWith(`${other}/`)
        ? `"${other}" is a file and a folder.`
        : `The name ${same}.`;
      return diagnostic("archive_entry_collision", { path, message });
    });
  }

  #take(path: string, is: "file" | "folder"): readonly string[] {
    const key = path.normalize("NFC").toLowerCase().normalize("NFC");
    const other = this.#seen.get(key);
    if (other === undefined) {
      this.#seen.set(key, { path, is });
      return [];
    }
    return other.path === path && other.is === "folder" && is === "folder" ? [] : [other.path];
  }
}

function fewest(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const rest = diagnostics.length - ARCHIVE_DIAGNOSTICS_MAX;
  if (rest <= 0) return diagnostics;
  const told = diagnostics.slice(0, ARCHIVE_DIAGNOSTICS_MAX);
  return [...told, unreadable(`${rest} more of its entries have problems`)];
}

async function inflate(
  archive: ZipFile,
  entries: readonly NamedEntry[],
  packedBytes: number,
): Promise<ArchiveRead> {
  const budget = new InflationBudget(packedBytes);
  const files = new Map<string, Uint8Array>();
  const damaged: Diagnostic[] = [];
  for (const { path, entry } of entries) {
    const read = await readEntry(archive, entry, budget);
    switch (read.tag) {
      case "bytes":
        files.set(path, read.bytes);
        break;
      case "unreadable": {
        const message = `The entry cannot be unpacked: ${read.reason}.`;
        damaged.push(diagnostic("archive_entry_damaged", { path, message }));
        break;
      }
      case "exceeded":
        return refused([...damaged, diagnostic("archive_inflates_too_far", { path, message: read.message })]);
      default:
        assertNever(read);
    }
  }
  return damaged.length > 0 ? refused(fewest(damaged)) : { tag: "read", files };
}

/** Counts what really comes out of the archive. */
class InflationBudget {
  readonly #ratioBytes: number;
  #bytes = 0;

  constructor(packedBytes: number) {
    this.#ratioBytes = Math.max(ARCHIVE_RATIO_FREE_BYTES_MAX, packedBytes * ARCHIVE_RATIO_MAX);
  }

  /** Null while the archive stays within its limits. */
  take(bytes: number): string | null {
    this.#bytes += bytes;
    if (this.#bytes > ARCHIVE_INFLATED_BYTES_MAX) {
      return `The files of the archive have more than ${ARCHIVE_INFLATED_BYTES_MAX} bytes together.`;
    }
    if (this.#bytes <= this.#ratioBytes) return null;
    return `The archive inflates to more than ${ARCHIVE_RATIO_MAX} times its size.`;
  }
}

type EntryRead =
  | { readonly tag: "bytes"; readonly bytes: Uint8Array }
  | { readonly tag: "unreadable"; readonly reason: string }
  | { readonly tag: "exceeded"; readonly message: string };

function readEntry(archive: ZipFile, entry: Entry, budget: InflationBudget): Promise<EntryRead> {
  return new Promise((resolve) => {
    archive.openReadStream(entry, (problem, stream) => {
      if (problem !== null) return resolve({ tag: "unreadable", reason: reasonOf(problem) });
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        const message = budget.take(chunk.length);
        if (message === null) chunks.push(chunk);
        else {
          resolve({ tag: "exceeded", message });
          stream.destroy();
        }
      });
      stream.on("error", (error) => resolve({ tag: "unreadable", reason: reasonOf(error) }));
      stream.on("end", () => {
        const bytes = Buffer.concat(chunks);
        if (crc32(bytes) === entry.crc32) resolve({ tag: "bytes", bytes });
        else resolve({ tag: "unreadable", reason: "its checksum is another one" });
      });
    });
  });
}
