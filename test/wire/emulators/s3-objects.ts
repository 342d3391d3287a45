/** The objects of one S3 bucket in memory, with the conditions that S3 checks and nothing that it does not. */
import { createHash } from "node:crypto";
import { compareBytes } from "../../../lib/digest/digest.ts";

export interface S3Object {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modified: Date;
}

export interface S3Conditions {
  readonly if_match: string | null;
  readonly if_none_match: string | null;
}

export type S3Write =
  | { readonly tag: "done"; readonly object: S3Object | null }
  | { readonly tag: "condition" }
  | { readonly tag: "absent" };

export interface S3Listing {
  readonly entries: readonly (
    | { readonly tag: "object"; readonly key: string; readonly object: S3Object }
    | { readonly tag: "folder"; readonly prefix: string }
  )[];
  /** Continues after this name. */
  readonly next: string | null;
}

interface Upload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

function md5(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest();
}

export class S3Objects {
  readonly #objects = new Map<string, S3Object>();
  readonly #uploads = new Map<string, Upload>();
  #uploadCount = 0;

  get(key: string): S3Object | null {
    return this.#objects.get(key) ?? null;
  }

  put(
    key: string,
    bytes: Buffer,
    metadata: Readonly<Record<string, string>>,
    conditions: S3Conditions,
    etag = `"${md5(bytes).toString("hex")}"`,
  ): S3Write {
    const refusal = this.#check(key, conditions);
    if (refusal !== null) return refusal;
    const object = { bytes, etag, metadata, modified: new Date() };
    this.#objects.set(key, object);
    return { tag: "done", object };
  }

  /** Without a condition the removal of nothing succeeds, as S3's does. */
  remove(key: string, conditions: S3Conditions): S3Write {
    const refusal = this.#check(key, conditions);
    if (refusal !== null) return refusal;
    this.#objects.delete(key);
    return { tag: "done", object: null };
  }

  beginUpload(key: string, metadata: Readonly<Record<string, string>>): string {
    this.#uploadCount += 1;
    const id = `upload-${this.#uploadCount}`;
    this.#uploads.set(id, { key, metadata, parts: new Map() });
    return id;
  }

  /** The ETag of the part, or null if there is no such upload. */
  putPart(id: string, number: number, bytes: Buffer): string | null {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return null;
    upload.parts.set(number, bytes);
    return `"${md5(bytes).toString("hex")}"`;
  }

  /** An upload that is not complete is no object; its conditions are checked when it becomes one. */
  completeUpload(id: string, numbers: readonly number[], conditions: S3Conditions): S3Write {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return { tag: "absent" };
    const parts = numbers.map((number) => upload.parts.get(number) ?? Buffer.alloc(0));
    const etag = `"${md5(Buffer.concat(parts.map(md5))).toString("hex")}-${parts.length}"`;
    const written = this.put(upload.key, Buffer.concat(parts), upload.metadata, conditions, etag);
    if (written.tag === "done") this.#uploads.delete(id);
    return written;
  }

  abortUpload(id: string): void {
    this.#uploads.delete(id);
  }

  list(prefix: string, delimiter: string, after: string, max: number): S3Listing {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
    const entries: S3Listing["entries"][number][] = [];
    let last = after;
    for (const key of keys) {
      const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      const name = cut < 0 ? key : key.slice(0, cut + delimiter.length);
      if (compareBytes(name, last) <= 0 || (cut >= 0 && last.startsWith(name))) continue;
      if (entries.length === max) return { entries, next: last };
      const object = this.#objects.get(key);
      if (cut >= 0) entries.push({ tag: "folder", prefix: name });
      else if (object !== undefined) entries.push({ tag: "object", key, object });
      last = name;
    }
    return { entries, next: null };
  }

  #check(key: string, conditions: S3Conditions): S3Write | null {
    const present = this.#objects.get(key);
    if (conditions.if_none_match === "*" && present !== undefined) return { tag: "condition" };
    if (conditions.if_match === null) return null;
    if (present === undefined) return { tag: "absent" };
    const matches = conditions.if_match === "*" || bare(conditions.if_match) === bare(present.etag);
    return matches ? null : { tag: "condition" };
  }
}

function bare(etag: string): string {
  return etag.replaceAll('"', "");
}
