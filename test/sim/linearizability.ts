/**
 * Linearizability of the ledger as one register (L8), after Wing and Gong, with memory of what was tried: is there an
 * order of all reads and commits that respects real time and in which every answer is true?
 *
 * A commit is a compare-and-set from its base. One whose outcome is unknown may take effect at any later time or never,
 * so it has no end. One that is reported as not landed never takes effect.
 */
export interface RegisterCall {
  readonly client: string;
  /** Position in the order of all starts and ends. */
  readonly start: number;
  /** Infinity if the outcome is not known. */
  readonly end: number;
  readonly what:
    | { readonly kind: "read"; readonly value: string }
    | {
        readonly kind: "commit";
        readonly base: string;
        readonly value: string;
        readonly result: "landed" | "unknown";
      };
}

/** The value of a register that nobody has written. */
export const UNWRITTEN = "";

/** Null if the history is linearizable; else the calls that cannot be put in order after the longest order found. */
export function linearize(calls: readonly RegisterCall[]): readonly RegisterCall[] | null {
  const ordered = [...calls].sort((a, b) => a.start - b.start);
  const done = new Uint8Array(ordered.length);
  const tried = new Set<string>();
  let deepest: readonly RegisterCall[] = ordered;

  const search = (value: string, first: number): boolean => {
    let at = first;
    while (at < ordered.length && done[at] === 1) at += 1;
    if (openCalls(at) === 0) return true;
    const key = `${at} ${value} ${pattern(at)}`;
    if (tried.has(key)) return false;
    tried.add(key);
    for (const index of candidates(at)) {
      const next = after(ordered[index]!, value);
      if (next === null) continue;
      done[index] = 1;
      if (search(next, at)) return true;
      done[index] = 0;
    }
    const left = ordered.filter((_, index) => done[index] === 0);
    if (left.length < deepest.length) deepest = left;
    return false;
  };

  /** Calls that must still be put in order: those that have ended. */
  const openCalls = (from: number): number => {
    let count = 0;
    for (let index = from; index < ordered.length; index += 1) {
      if (done[index] === 0 && ordered[index]!.end !== Number.POSITIVE_INFINITY) count += 1;
    }
    return count;
  };

  /** What is done beyond the first open call, up to the last such one. */
  const pattern = (from: number): string => {
    const last = done.lastIndexOf(1);
    return last < from ? "" : done.subarray(from, last + 1).join("");
  };

  /** Calls that may come next: those that started before every open call has ended. */
  const candidates = (from: number): readonly number[] => {
    let earliest = Number.POSITIVE_INFINITY;
    const found: number[] = [];
    for (let index = from; index < ordered.length; index += 1) {
      if (done[index] === 1) continue;
      const call = ordered[index]!;
      if (call.start > earliest) break;
      found.push(index);
      earliest = Math.min(earliest, call.end);
    }
    return found;
  };

  return search(UNWRITTEN, 0) ? null : deepest;
}

/** The value after the call, or null if its answer would not be true now. */
function after({ what }: RegisterCall, value: string): string | null {
  if (what.kind === "read") return what.value === value ? value : null;
  if (what.base === value) return what.value;
  // An unknown commit that found another value has no effect, and may be told so at any time.
  return what.result === "unknown" ? value : null;
}
