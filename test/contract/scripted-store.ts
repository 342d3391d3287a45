/**
 * An object store whose answers a test can hold back, lose or refuse, to stand for a slow, lossy or failing network
 * and for a process that is paused between two calls.
 */
import type { ObjectStore, WriteOutcome } from "../../lib/ports/object-store.ts";

export interface StoreCall {
  readonly method: "get" | "list" | "putIfAbsent";
  readonly key: string;
}

/**
 * What happens to a call. `lose_answer`: it acts, and its caller learns nothing. `lose_request`: it does not act, and
 * its caller learns nothing. `fail`: it does not act and says so.
 */
export type Fate = "act" | "lose_answer" | "lose_request" | "fail";
export type Script = (call: StoreCall) => Fate | Promise<Fate>;

const ACT: Script = () => "act";

export interface ScriptedStore extends ObjectStore {
  follow(script: Script): void;
}

export function scriptedStore(inner: ObjectStore): ScriptedStore {
  let script = ACT;
  const lost = { tag: "ambiguous", reason: "no answer" } as const;
  const failed = { tag: "unavailable", reason: "the store is down" } as const;
  return {
    follow: (next) => {
      script = next;
    },
    async get(key) {
      const fate = await script({ method: "get", key });
      return fate === "act" ? inner.get(key) : failed;
    },
    async list(options) {
      const fate = await script({ method: "list", key: options.prefix });
      return fate === "act" ? inner.list(options) : failed;
    },
    async putIfAbsent(key, bytes): Promise<WriteOutcome> {
      const body = Uint8Array.from(bytes);
      switch (await script({ method: "putIfAbsent", key })) {
        case "act":
          return inner.putIfAbsent(key, body);
        case "lose_answer":
          await inner.putIfAbsent(key, body);
          return lost;
        case "lose_request":
          return lost;
        case "fail":
          return failed;
      }
    },
    replace: (key, bytes, version) => inner.replace(key, bytes, version),
    remove: (key, version) => inner.remove(key, version),
  };
}

export interface Pause {
  /** Settled when the paused call has arrived. */
  readonly reached: Promise<void>;
  release(fate?: Fate): void;
  readonly script: Script;
}

/** A script that stops at the first call that fits, until the test lets it go on. */
export function pauseAt(fits: (call: StoreCall) => boolean): Pause {
  let arrive: () => void = () => undefined;
  let go: (fate: Fate) => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const released = new Promise<Fate>((resolve) => {
    go = resolve;
  });
  let paused = false;
  return {
    reached,
    release: (fate = "act") => go(fate),
    script: (call) => {
      if (paused || !fits(call)) return "act";
      paused = true;
      arrive();
      return released;
    },
  };
}

export function isManifestPut(call: StoreCall): boolean {
  return call.method === "putIfAbsent" && call.key.includes("/__manifest/");
}
