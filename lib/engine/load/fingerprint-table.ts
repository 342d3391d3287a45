/**
 * FingerprintTable: a set of texts that remembers for each only 128 bits of its SHA-256, a line, a count and flags,
 * so that a load of a million rows knows its ids without keeping them (about 50 bytes an entry).
 *
 * Guarantees: two different texts are never taken for one in practice: nobody can make, and chance does not bring,
 * 128 equal bits. Entries are numbered from 0 in the order of arrival and never move.
 */
import { assert } from "../../digest/assert.ts";
import { fingerprint, FINGERPRINT_LANES as LANES } from "../../digest/fingerprint.ts";
import { FINGERPRINTS_MAX } from "./limits.ts";

export interface FingerprintTable {
  size(): number;
  /** The entry of the text, -1 if it has none. */
  find(text: string): number;
  /** The entry of the text, a new one (line 0, count 0, no flag) if it had none. */
  add(text: string): number;
  line(entry: number): number;
  setLine(entry: number, line: number): void;
  has(entry: number, flag: number): boolean;
  mark(entry: number, flag: number): void;
  count(entry: number): number;
  increment(entry: number): void;
}

const FIRST_CAPACITY = 1_024;
const EMPTY = -1;

interface Columns {
  readonly lanes: Int32Array;
  readonly lines: Uint32Array;
  readonly counts: Uint32Array;
  readonly flags: Uint8Array;
  /** Open addressing, half full at most: entry numbers, EMPTY where free. */
  readonly slots: Int32Array;
}

export function createFingerprintTable(): FingerprintTable {
  let columns = emptyColumns(FIRST_CAPACITY);
  let size = 0;
  const wanted = new Int32Array(LANES);
  return {
    size: () => size,
    find(text) {
      fingerprint(text, wanted);
      return columns.slots[slotOf(columns, wanted)] ?? EMPTY;
    },
    add(text) {
      fingerprint(text, wanted);
      const slot = slotOf(columns, wanted);
      const present = columns.slots[slot] ?? EMPTY;
      if (present !== EMPTY) return present;
      columns.slots[slot] = size;
      columns.lanes.set(wanted, size * LANES);
      size++;
      if (size === columns.lines.length) columns = grown(columns, size);
      return size - 1;
    },
    line: (entry) => columns.lines[entry] ?? 0,
    setLine: (entry, line) => {
      columns.lines[entry] = line;
    },
    has: (entry, flag) => ((columns.flags[entry] ?? 0) & flag) !== 0,
    mark: (entry, flag) => {
      columns.flags[entry] = (columns.flags[entry] ?? 0) | flag;
    },
    count: (entry) => columns.counts[entry] ?? 0,
    increment: (entry) => {
      columns.counts[entry] = (columns.counts[entry] ?? 0) + 1;
    },
  };
}

function emptyColumns(capacity: number): Columns {
  assert(capacity <= FINGERPRINTS_MAX, "a load has fewer rows than a fingerprint table can number");
  return {
    lanes: new Int32Array(capacity * LANES),
    lines: new Uint32Array(capacity),
    counts: new Uint32Array(capacity),
    flags: new Uint8Array(capacity),
    slots: new Int32Array(capacity * 2).fill(EMPTY),
  };
}

function grown(before: Columns, size: number): Columns {
  const after = emptyColumns(before.lines.length * 2);
  after.lanes.set(before.lanes);
  after.lines.set(before.lines);
  after.counts.set(before.counts);
  after.flags.set(before.flags);
  for (let entry = 0; entry < size; entry++) {
    const at = entry * LANES;
    after.slots[slotOf(after, after.lanes.subarray(at, at + LANES))] = entry;
  }
  return after;
}

/** The slot that holds the fingerprint, or the free slot where it belongs. */
function slotOf(columns: Columns, wanted: Int32Array): number {
  const { slots, lanes } = columns;
  const mask = slots.length - 1;
  let slot = (wanted[0] ?? 0) & mask;
  for (;;) {
    const entry = slots[slot] ?? EMPTY;
    if (entry === EMPTY) return slot;
    const at = entry * LANES;
    const equal =
      lanes[at] === wanted[0] &&
      lanes[at + 1] === wanted[1] &&
      lanes[at + 2] === wanted[2] &&
      lanes[at + 3] === wanted[3];
    if (equal) return slot;
    slot = (slot + 1) & mask;
  }
}
