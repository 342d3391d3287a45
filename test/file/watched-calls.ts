/**
 * File calls that a test can stop or spoil at the n-th one: how every pause point and every single fault of a protocol
 * is enumerated without timers.
 */
import { type FileCalls, NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";

export interface WatchedCalls {
  readonly calls: FileCalls;
  /** Calls made so far. */
  count(): number;
}

type Watch = (call: () => Promise<unknown>, name: string) => Promise<unknown>;

function watch(around: Watch): FileCalls {
  const node = NODE_FILE_CALLS;
  const pass = async <Value>(name: string, call: () => Promise<Value>): Promise<Value> =>
    (await around(call, name)) as Value;
  return {
    read: (path) => pass("read", () => node.read(path)),
    readPart: (path, from, bytes) => pass("readPart", () => node.readPart(path, from, bytes)),
    writePart: (path, at, bytes) => pass("writePart", () => node.writePart(path, at, bytes)),
    syncFile: (path) => pass("syncFile", () => node.syncFile(path)),
    writeNew: (path, bytes) => pass("writeNew", () => node.writeNew(path, bytes)),
    link: (from, to) => pass("link", () => node.link(from, to)),
    rename: (from, to) => pass("rename", () => node.rename(from, to)),
    unlink: (path) => pass("unlink", () => node.unlink(path)),
    entries: (path) => pass("entries", () => node.entries(path)),
    makeFolder: (path) => pass("makeFolder", () => node.makeFolder(path)),
    syncFolder: (path) => pass("syncFolder", () => node.syncFolder(path)),
    linkCount: (path) => pass("linkCount", () => node.linkCount(path)),
    fileSize: (path) => pass("fileSize", () => node.fileSize(path)),
  };
}

export interface PausedCalls extends WatchedCalls {
  /** Resolves when the call number `stopBefore` is about to be made. */
  readonly paused: Promise<void>;
  /** Lets the stopped process go on. */
  resume(): void;
}

/** Calls of a process that is stopped before its call number `stopBefore` (the first is 1). */
export function pausedCalls(stopBefore: number): PausedCalls {
  let made = 0;
  let announce = (): void => undefined;
  let resume = (): void => undefined;
  const paused = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const calls = watch(async (call) => {
    made += 1;
    if (made === stopBefore) {
      announce();
      await gate;
    }
    return call();
  });
  return { calls, count: () => made, paused, resume: () => resume() };
}

/** `before`: the call fails and did nothing. `after`: it did its work and its answer is lost. */
export type Fault = "before" | "after";

/** Calls of a process whose call number `faulty` fails with an error that says nothing (EIO). */
export function faultyCalls(faulty: number, fault: Fault): WatchedCalls {
  let made = 0;
  const calls = watch(async (call, name) => {
    made += 1;
    if (made !== faulty) return call();
    if (fault === "after") await call();
    throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: "EIO" });
  });
  return { calls, count: () => made };
}
