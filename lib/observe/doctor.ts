/**
 * Doctor: does a storage keep the promises of the object store port that every write relies on (lib/ports/object-store)?
 *
 * Guarantees: touches nothing but keys below `__graphform/doctor/<id>/`, which it removes again as far as it can. A
 * promise is `kept` only if the storage was seen to keep it; an answer that does not tell makes it `unknown`. Neither
 * an honest storage nor a failing one is ever called broken: that takes a write that should have been refused and was
 * done, or something that was written and is not there.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Ids } from "../ports/ids.ts";
import { type ObjectStore, type StoreKey, storeKey, type Version } from "../ports/object-store.ts";
import { DOCTOR_CONTENDERS, DOCTOR_KEYS_MAX } from "./limits.ts";

export const DOCTOR_OUTPUT_FORMAT_VERSION = 1;

export const STORE_PROMISES = [
  "put_if_absent",
  "read_after_write",
  "replace_on_version",
  "remove_on_version",
  "list_after_write",
  "one_winner",
] as const;
export type StorePromise = (typeof STORE_PROMISES)[number];

export interface PromiseFinding {
  readonly promise: StorePromise;
  readonly verdict: "kept" | "broken" | "unknown";
  /** What was seen, in a sentence. */
  readonly statement: string;
  /** What it would mean if the promise were broken. */
  readonly means: string;
}

export interface DoctorOutput {
  readonly ok: boolean;
  readonly format_version: typeof DOCTOR_OUTPUT_FORMAT_VERSION;
  readonly operation: "doctor";
  readonly root: string;
  readonly promises: readonly PromiseFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

const MEANS: Readonly<Record<StorePromise, string>> = {
  put_if_absent: "two commands could each believe that they published the same version of a graph",
  read_after_write: "a command could decide on what is no longer so",
  replace_on_version: "one apply could overwrite the ledger of another without noticing",
  remove_on_version: "a late command could remove what a newer one has just written",
  list_after_write: "an intent or an approval could be overlooked",
  one_winner: "of two commands at the same moment both could believe that they had won",
};

type Seen = Pick<PromiseFinding, "verdict" | "statement">;
type Probe = (store: ObjectStore, folder: string) => Promise<Seen>;

const kept = (statement: string): Seen => ({ verdict: "kept", statement });
const broken = (statement: string): Seen => ({ verdict: "broken", statement });

/** What an answer says that is not the one that was hoped for. */
function unclear(what: string, answer: { readonly tag: string; readonly reason?: string }): Seen {
  const said = answer.reason === undefined ? answer.tag : `${answer.tag}: ${answer.reason}`;
  return { verdict: "unknown", statement: `${what} was answered ${said}` };
}

const body = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);

async function put(store: ObjectStore, key: StoreKey): Promise<Version | Seen> {
  const first = await store.putIfAbsent(key, body("first"));
  return first.tag === "done" ? first.value : unclear("a put of a new object", first);
}

async function probePut(store: ObjectStore, folder: string): Promise<Seen> {
  const key = storeKey(`${folder}put`);
  const version = await put(store, key);
  if (typeof version !== "string") return version;
  const second = await store.putIfAbsent(key, body("second"));
  if (second.tag === "done") return broken("a second put-if-absent of one key was accepted");
  if (second.tag !== "refused") return unclear("a second put-if-absent", second);
  return kept("a second put-if-absent of one key was refused");
}

async function probeRead(store: ObjectStore, folder: string): Promise<Seen> {
  const key = storeKey(`${folder}read`);
  const before = await store.get(key);
  if (before.tag !== "absent") return unclear("a read of a key that was never written", before);
  const version = await put(store, key);
  if (typeof version !== "string") return version;
  const after = await store.get(key);
  if (after.tag === "unavailable") return unclear("a read after a write", after);
  if (after.tag === "absent") return broken("what was just written is not there");
  return after.version === version
    ? kept("what is written is read at once, with the version that the write gave")
    : broken("a read gives another version than the write before it");
}

async function probeReplace(store: ObjectStore, folder: string): Promise<Seen> {
  const key = storeKey(`${folder}replace`);
  const first = await put(store, key);
  if (typeof first !== "string") return first;
  const replaced = await store.replace(key, body("second"), first);
  if (replaced.tag !== "done") return unclear("a replacement on the present version", replaced);
  const stale = await store.replace(key, body("third"), first);
  if (stale.tag === "done") return broken("a replacement on a version that is gone was accepted");
  if (stale.tag !== "refused") return unclear("a replacement on a version that is gone", stale);
  const nothing = await store.replace(storeKey(`${folder}nothing`), body("first"), first);
  if (nothing.tag === "done") return broken("a replacement of an object that is not there was accepted");
  if (nothing.tag !== "refused") return unclear("a replacement of an object that is not there", nothing);
  return kept("replacements on a version that is gone, or of nothing, were refused");
}

async function probeRemove(store: ObjectStore, folder: string): Promise<Seen> {
  const key = storeKey(`${folder}remove`);
  const first = await put(store, key);
  if (typeof first !== "string") return first;
  const replaced = await store.replace(key, body("second"), first);
  if (replaced.tag !== "done") return unclear("a replacement on the present version", replaced);
  const stale = await store.remove(key, first);
  if (stale.tag === "done") return broken("a removal on a version that is gone was accepted");
  if (stale.tag !== "refused") return unclear("a removal on a version that is gone", stale);
  const removed = await store.remove(key, replaced.value);
  if (removed.tag !== "done") return unclear("a removal on the present version", removed);
  const after = await store.get(key);
  if (after.tag === "unavailable") return unclear("a read after a removal", after);
  return after.tag === "absent"
    ? kept("a removal on a version that is gone was refused")
    : broken("what was just removed is still there");
}

async function probeList(store: ObjectStore, folder: string): Promise<Seen> {
  const names = ["a-", "a/b", "ä", "Z"];
  const versions = new Map<string, Version>();
  for (const name of names) {
    const version = await put(store, storeKey(`${folder}list/${name}`));
    if (typeof version !== "string") return version;
    versions.set(name, version);
    const listed = await store.list({ prefix: `${folder}list/`, limit: DOCTOR_KEYS_MAX });
    if (listed.tag === "unavailable") return unclear("a listing", listed);
    if (listed.keys.length !== versions.size) return broken("a listing does not show what was just written");
  }
  const listed = await store.list({ prefix: `${folder}list/`, limit: DOCTOR_KEYS_MAX });
  if (listed.tag === "unavailable") return unclear("a listing", listed);
  const expected = ["Z", "a-", "a/b", "ä"].map((name) => `${folder}list/${name}`);
  return listed.keys.join("\n") === expected.join("\n")
    ? kept("listings show what is there at once, in byte order")
    : broken("a listing is not in byte order");
}

async function probeContest(store: ObjectStore, folder: string): Promise<Seen> {
  const key = storeKey(`${folder}contest`);
  const writers = Array.from({ length: DOCTOR_CONTENDERS }, (_, n) => `writer ${n}`);
  const outcomes = await Promise.all(writers.map((writer) => store.putIfAbsent(key, body(writer))));
  const winners = writers.filter((_, n) => outcomes[n]?.tag === "done");
  if (winners.length > 1) return broken(`${winners.length} of ${writers.length} puts at once were accepted`);
  const open = outcomes.find((each) => each.tag === "ambiguous" || each.tag === "unavailable");
  if (open !== undefined) return unclear("one of several puts at once", open);
  if (winners.length === 0)
    return { verdict: "unknown", statement: "of several puts at once none was accepted" };
  return kept(`of ${writers.length} puts at once one was accepted`);
}

const PROBES: Readonly<Record<StorePromise, Probe>> = {
  put_if_absent: probePut,
  read_after_write: probeRead,
  replace_on_version: probeReplace,
  remove_on_version: probeRemove,
  list_after_write: probeList,
  one_winner: probeContest,
};

/** Removes what the probes left; answers the keys that are still there. */
async function cleanUp(store: ObjectStore, folder: string): Promise<readonly string[]> {
  const listed = await store.list({ prefix: folder, limit: DOCTOR_KEYS_MAX });
  if (listed.tag === "unavailable") return [folder];
  const left: string[] = [];
  for (const key of listed.keys) {
    const found = await store.get(key);
    const removed = found.tag === "found" ? await store.remove(key, found.version) : found;
    if (removed.tag !== "done" && removed.tag !== "absent") left.push(key);
  }
  return left;
}

function problems(root: string, findings: readonly PromiseFinding[]): readonly Diagnostic[] {
  return findings.flatMap(({ promise, verdict, statement, means }) => {
    if (verdict === "kept") return [];
    const message = `${promise} is ${verdict === "broken" ? "broken" : "not known to be kept"}: ${statement}; ${means}.`;
    const code = verdict === "broken" ? "store_promise_broken" : "store_promise_unknown";
    return [diagnostic(code, { path: root, message })];
  });
}

/** Probes the storage behind `store`, which people know as `root`. */
export async function examineStore(store: ObjectStore, ids: Ids, root: string): Promise<DoctorOutput> {
  const folder = `__graphform/doctor/${ids.next()}/`;
  const promises: PromiseFinding[] = [];
  for (const promise of STORE_PROMISES) {
    const seen = await PROBES[promise](store, folder);
    promises.push({ promise, ...seen, means: MEANS[promise] });
  }
  const left = await cleanUp(store, folder);
  const leftover = left.map((key) =>
    diagnostic("store_probe_left", { path: key, message: `${key} could not be removed.` }),
  );
  return {
    ok: promises.every(({ verdict }) => verdict === "kept"),
    format_version: DOCTOR_OUTPUT_FORMAT_VERSION,
    operation: "doctor",
    root,
    promises,
    diagnostics: [...problems(root, promises), ...leftover],
  };
}
