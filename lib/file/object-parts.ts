/**
 * Objects in parts in a folder, by the contract of lib/ports/object-parts.
 *
 * Guarantees: an object is written under a name that nobody knows and synced before it gets its own, by `link()` where
 * nothing may be there. To replace a version is to compare and then rename, as in plain-objects.ts and worth as much.
 * Keys below `__graphform/`, of which generations are kept, are not written in parts.
 */
import { dirname } from "node:path";
import type {
  ObjectParts,
  PartAddOutcome,
  PartRange,
  PartReadOutcome,
  PartsBeginOutcome,
  PartsWriting,
} from "../ports/object-parts.ts";
import type { Version, WriteOutcome } from "../ports/object-store.ts";
import { claimStaged, overwriteStaged } from "./claim.ts";
import { attempt } from "./file-calls.ts";
import { keyPath, OWN_PREFIX } from "./root-folder.ts";
import { type FileContext, stage, unstage } from "./staging.ts";

async function readRange(
  { calls }: FileContext,
  path: string,
  { from, bytes }: PartRange,
  version: Version | null,
): Promise<PartReadOutcome> {
  const read = await attempt(() => calls.readPart(path, from, bytes));
  if (read.tag === "failed") {
    return read.code === "ENOENT" ? { tag: "absent" } : { tag: "unavailable", reason: read.reason };
  }
  const { bytes: part, size, stamp } = read.value;
  if ((version !== null && version !== stamp) || from > Math.max(0, size - 1)) return { tag: "changed" };
  return { tag: "found", bytes: part, version: stamp as Version, size };
}

/** What is at the name now; null: nothing. */
async function present(context: FileContext, path: string) {
  const read = await attempt(() => context.calls.readPart(path, 0, 0));
  if (read.tag === "ok") return { tag: "known", version: read.value.stamp as Version } as const;
  if (read.code === "ENOENT") return { tag: "known", version: null } as const;
  return { tag: "unavailable", reason: read.reason } as const;
}

class FileWriting implements PartsWriting {
  readonly #context: FileContext;
  readonly #target: string;
  readonly #staged: string;
  #bytes = 0;

  constructor(context: FileContext, target: string, staged: string) {
    this.#context = context;
    this.#target = target;
    this.#staged = staged;
  }

  async add(bytes: Uint8Array): Promise<PartAddOutcome> {
    const { calls } = this.#context;
    const written = await attempt(() => calls.writePart(this.#staged, this.#bytes, bytes));
    if (written.tag === "failed") return { tag: "unavailable", reason: written.reason };
    this.#bytes += bytes.length;
    return { tag: "added" };
  }

  async finish(over: Version | null): Promise<WriteOutcome> {
    const synced = await attempt(() => this.#context.calls.syncFile(this.#staged));
    const written = synced.tag === "ok" ? await present(this.#context, this.#staged) : null;
    if (written?.tag !== "known" || written.version === null) {
      await this.abandon();
      return {
        tag: "unavailable",
        reason: synced.tag === "failed" ? synced.reason : "what was written is gone",
      };
    }
    const { version } = written;
    return over === null ? this.#claim(version) : this.#replace(version, over);
  }

  abandon(): Promise<void> {
    return unstage(this.#context, this.#staged);
  }

  async #claim(version: Version): Promise<WriteOutcome> {
    const claimed = await claimStaged(this.#context, this.#target, this.#staged);
    if (claimed.tag === "claimed") return { tag: "done", value: version };
    if (claimed.tag !== "taken") return claimed;
    const now = await present(this.#context, this.#target);
    // The name was taken and is free again: nothing is decided, whoever asks may ask again.
    if (now.tag === "known" && now.version === null) return { tag: "conflict" };
    const current = now.tag === "known" ? now.version : null;
    return { tag: "refused", current: { tag: "found", version: current } };
  }

  async #replace(version: Version, over: Version): Promise<WriteOutcome> {
    const now = await present(this.#context, this.#target);
    if (now.tag === "known" && now.version === over) {
      const renamed = await overwriteStaged(this.#context, this.#target, this.#staged);
      return renamed.tag === "done" ? { tag: "done", value: version } : renamed;
    }
    await this.abandon();
    if (now.tag === "unavailable") return now;
    if (now.version === null) return { tag: "refused", current: { tag: "absent" } };
    return { tag: "refused", current: { tag: "found", version: now.version } };
  }
}

async function begin(context: FileContext, target: string): Promise<PartsBeginOutcome> {
  const made = await attempt(() => context.calls.makeFolder(dirname(target)));
  if (made.tag === "failed") return { tag: "unavailable", reason: made.reason };
  const staged = await stage(context, new Uint8Array());
  if (staged.tag === "failed") return { tag: "unavailable", reason: staged.reason };
  return { tag: "begun", writing: new FileWriting(context, target, staged.value) };
}

/** A client of the folder. */
export function createFileObjectParts(context: FileContext): ObjectParts {
  const illegal = (key: string) =>
    ({ tag: "unavailable", reason: `${JSON.stringify(key)} is no key of an object in parts` }) as const;
  const pathOf = (key: string): string | null =>
    key.startsWith(OWN_PREFIX) ? null : keyPath(context.root, key);
  return {
    async read(key, range, version) {
      const path = pathOf(key);
      return path === null ? illegal(key) : readRange(context, path, range, version);
    },
    async begin(key) {
      const path = pathOf(key);
      return path === null ? illegal(key) : begin(context, path);
    },
  };
}
