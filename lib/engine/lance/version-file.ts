/**
 * VersionFile: the file `_versions/<2^64 - 1 - version>.manifest` of one version of one branch of a Lance dataset, by
 * Lance's table format: sections, then the length of the message, the message, its position, the format's version and
 * `LANC`.
 *
 * A branch shares files with the version it was made from, and names where those lie as whole addresses (`base_paths`):
 * the dataset's root, or the folder of another branch. So a dataset that is copied elsewhere still reads from the place
 * it was copied from, until these addresses are replaced.
 *
 * Guarantees: pure. Only addresses within the dataset itself are replaced; one that leads elsewhere, and a file that is
 * not of this form, make it `unknown`. Everything else stays as it is, byte for byte.
 */
import { delimited, fieldsOf, integerOf, type ProtobufField, textOf } from "./protobuf.ts";

const FOOTER_BYTES = 16;
const LENGTH_BYTES = 4;
const MAGIC = "LANC";
const VERSION_CEILING = 2n ** 64n - 1n;
/** Field numbers of Lance's `table.proto`. */
const MANIFEST = { fragments: 2, base_paths: 18 } as const;
const BASE_PATH = { id: 1, is_dataset_root: 3, path: 4 } as const;
const FRAGMENT = { files: 2, deletion_file: 3 } as const;
const DATA_FILE = { path: 1, base_id: 7 } as const;
const DELETION_FILE = { file_type: 1, read_version: 2, id: 3, base_id: 7 } as const;
const FRAGMENT_ID = 1;
const BITMAP = 1n;

export type Parsed<T> =
  | { readonly tag: "parsed"; readonly value: T }
  | { readonly tag: "unknown"; readonly detail: string };

export interface VersionFile {
  /** What stands before the message. */
  readonly sections: Uint8Array;
  readonly message: readonly ProtobufField[];
  readonly footer: Uint8Array;
}

const unknown = (detail: string) => ({ tag: "unknown", detail }) as const;

/** The name of the file of a version within `_versions/`. */
export function versionFileName(version: number): string {
  return `${(VERSION_CEILING - BigInt(version)).toString().padStart(20, "0")}.manifest`;
}

export function parseVersionFile(bytes: Uint8Array): Parsed<VersionFile> {
  const end = bytes.length - FOOTER_BYTES;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (end < LENGTH_BYTES || view.toString("latin1", bytes.length - MAGIC.length) !== MAGIC) {
    return unknown("it is no version of a Lance dataset");
  }
  const position = Number(view.readBigUInt64LE(end));
  if (position + LENGTH_BYTES > end || position + LENGTH_BYTES + view.readUInt32LE(position) !== end) {
    return unknown("its parts are not where this version of Graphform looks for them");
  }
  const message = fieldsOf(bytes.subarray(position + LENGTH_BYTES, end));
  if (message === null) return unknown("its message cannot be read");
  const value = { sections: bytes.subarray(0, position), message, footer: bytes.subarray(end) };
  return { tag: "parsed", value };
}

export function encodeVersionFile({ sections, message, footer }: VersionFile): Uint8Array {
  const body = Buffer.concat(message.map(({ raw }) => raw));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(body.length);
  return Buffer.concat([sections, length, body, footer]);
}

/** The part of an address below `dataset`, empty or `/tree/<branch>`; null if it leads elsewhere. */
function withinDataset(address: string, dataset: string): string | null {
  const text = address.replace(/\/+$/, "");
  const at = text.lastIndexOf(`/${dataset}`);
  if (at < 0) return null;
  const rest = text.slice(at + 1 + dataset.length);
  return rest === "" || /^\/tree\/[^/]+$/.test(rest) ? rest : null;
}

/** The same version with every address of its dataset below `root`. `dataset` is its key below the storage root. */
export function moveVersion(bytes: Uint8Array, dataset: string, root: string): Parsed<Uint8Array> {
  const parsed = parseVersionFile(bytes);
  if (parsed.tag === "unknown") return parsed;
  const message: ProtobufField[] = [];
  for (const field of parsed.value.message) {
    if (field.number !== MANIFEST.base_paths) {
      message.push(field);
      continue;
    }
    const base = fieldsOf(field.content ?? new Uint8Array());
    const address = base === null ? null : textOf(base, BASE_PATH.path);
    if (base === null || address === null) return unknown("one of its addresses cannot be read");
    const rest = withinDataset(address, dataset);
    if (rest === null) return unknown(`it reads from ${address}, which is outside its dataset`);
    const path = delimited(BASE_PATH.path, Buffer.from(`${root}/${dataset}${rest}`, "utf8"));
    const content = Buffer.concat(base.map((each) => (each.number === BASE_PATH.path ? path : each.raw)));
    message.push({ ...field, content, raw: delimited(MANIFEST.base_paths, content) });
  }
  return { tag: "parsed", value: encodeVersionFile({ ...parsed.value, message }) };
}

/**
 * Keys of the files with the rows of a version, and of the marks of deleted ones. `folder` is where the version lies:
 * the dataset, or the folder of a branch in it.
 */
export function filesOfVersion(
  bytes: Uint8Array,
  dataset: string,
  folder: string,
): Parsed<readonly string[]> {
  const parsed = parseVersionFile(bytes);
  if (parsed.tag === "unknown") return parsed;
  const { message } = parsed.value;
  const bases = basesOf(message, dataset);
  if (bases.tag === "unknown") return bases;
  const keys: string[] = [];
  for (const { number, content } of message) {
    if (number !== MANIFEST.fragments) continue;
    const fragment = fieldsOf(content ?? new Uint8Array());
    if (fragment === null) return unknown("one of its fragments cannot be read");
    for (const each of fragment) {
      const file = fileOf(each, integerOf(fragment, FRAGMENT_ID) ?? 0n);
      if (file === null) continue;
      const base = file.base_id === null ? folder : bases.value.get(file.base_id);
      if (base === undefined) return unknown("it names a file without saying where it lies");
      keys.push(`${base}/${file.name}`);
    }
  }
  return { tag: "parsed", value: keys };
}

function basesOf(message: readonly ProtobufField[], dataset: string): Parsed<ReadonlyMap<bigint, string>> {
  const bases = new Map<bigint, string>();
  for (const { number, content } of message) {
    if (number !== MANIFEST.base_paths) continue;
    const base = fieldsOf(content ?? new Uint8Array()) ?? [];
    const address = textOf(base, BASE_PATH.path);
    const rest = address === null ? null : withinDataset(address, dataset);
    if (rest === null || integerOf(base, BASE_PATH.is_dataset_root) !== 1n) {
      return unknown(
        `it reads from ${address ?? "an address that cannot be read"}, which is not in its dataset`,
      );
    }
    bases.set(integerOf(base, BASE_PATH.id) ?? 0n, `${dataset}${rest}`);
  }
  return { tag: "parsed", value: bases };
}

interface NamedFile {
  readonly name: string;
  readonly base_id: bigint | null;
}

/** The file that a field of a fragment names; null for any other field. */
function fileOf({ number, content }: ProtobufField, fragmentId: bigint): NamedFile | null {
  const fields = content === null ? null : fieldsOf(content);
  if (fields === null) return null;
  if (number === FRAGMENT.files) {
    return {
      name: `data/${textOf(fields, DATA_FILE.path) ?? ""}`,
      base_id: integerOf(fields, DATA_FILE.base_id),
    };
  }
  if (number !== FRAGMENT.deletion_file) return null;
  const of = (field: number) => integerOf(fields, field) ?? 0n;
  const kind = of(DELETION_FILE.file_type) === BITMAP ? "bin" : "arrow";
  const name = `${fragmentId}-${of(DELETION_FILE.read_version)}-${of(DELETION_FILE.id)}.${kind}`;
  return { name: `_deletions/${name}`, base_id: integerOf(fields, DELETION_FILE.base_id) };
}
