/**
 * Lines of a source: bytes to text, strictly and in bounded memory.
 *
 * Guarantees: lines are numbered from 1, blank ones are skipped but counted; CRLF ends a line as LF does; a byte
 * order mark at the beginning is ignored. A line that is not UTF-8 or longer than LINE_BYTES_MAX is told as a fault
 * of that line, and reading goes on behind it. The end carries the SHA-256 of all bytes, so that two readings of one
 * source can be compared. A source that fails ends the reading with `unreadable`.
 */
import { isUtf8 } from "node:buffer";
import type { Digest } from "../../digest/digest.ts";
import { createRunningDigest } from "../../digest/running-digest.ts";
import { LINE_BYTES_MAX, SLICE_BYTES } from "./limits.ts";

export interface SourceLine {
  readonly number: number;
  /** Empty where there is a fault. */
  readonly text: string;
  readonly fault: "not_utf8" | "too_long" | null;
}

export type LineBlock =
  | { readonly tag: "lines"; readonly lines: readonly SourceLine[]; readonly bytes_read: number }
  | { readonly tag: "end"; readonly lines_read: number; readonly bytes_read: number; readonly digest: Digest }
  | { readonly tag: "unreadable"; readonly reason: string };

export async function* readLines(open: () => AsyncIterable<Uint8Array>): AsyncGenerator<LineBlock, void> {
  const digest = createRunningDigest();
  const splitter = createSplitter();
  const chunks = open()[Symbol.asyncIterator]();
  let bytes_read = 0;
  try {
    for (;;) {
      const read = await nextChunk(chunks);
      if (read.tag === "unreadable") {
        yield read;
        return;
      }
      if (read.tag === "end") break;
      digest.add(read.chunk);
      for (const slice of slices(read.chunk)) {
        bytes_read += slice.length;
        yield { tag: "lines", lines: splitter.push(slice), bytes_read };
      }
    }
  } finally {
    await chunks.return?.();
  }
  yield { tag: "lines", lines: splitter.finish(), bytes_read };
  yield { tag: "end", lines_read: splitter.linesRead(), bytes_read, digest: digest.finish() };
}

type NextChunk =
  | { readonly tag: "chunk"; readonly chunk: Uint8Array }
  | { readonly tag: "end" }
  | { readonly tag: "unreadable"; readonly reason: string };

/** The source belongs to the caller: a file that vanishes, a connection that breaks. */
function nextChunk(chunks: AsyncIterator<Uint8Array>): Promise<NextChunk> {
  return chunks.next().then(
    (next): NextChunk => (next.done ? { tag: "end" } : { tag: "chunk", chunk: next.value }),
    (error: unknown): NextChunk => ({
      tag: "unreadable",
      reason: error instanceof Error ? error.message : String(error),
    }),
  );
}

function* slices(chunk: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < chunk.length; from += SLICE_BYTES) yield chunk.subarray(from, from + SLICE_BYTES);
}

export interface Splitter {
  /** The lines that the bytes complete. */
  push(bytes: Uint8Array): readonly SourceLine[];
  /** The last line, if it has no line break. */
  finish(): readonly SourceLine[];
  linesRead(): number;
}

const LF = 0x0a;
const BYTE_ORDER_MARK = "\ufeff";

export function createSplitter(): Splitter {
  let number = 0;
  let carried: Buffer[] = [];
  let carriedBytes = 0;
  const take = (): Buffer => {
    const whole = Buffer.concat(carried);
    carried = [];
    carriedBytes = 0;
    return whole;
  };
  const carry = (rest: Buffer): void => {
    // Of a line that is too long anyway only the length is kept.
    if (carriedBytes <= LINE_BYTES_MAX) carried.push(Buffer.from(rest));
    else carried = [];
    carriedBytes += rest.length;
  };
  const lines = (block: Buffer): readonly SourceLine[] => {
    const found = splitBlock(block, number);
    number += found.count;
    return found.lines;
  };
  return {
    push(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const last = buffer.lastIndexOf(LF);
      if (last === -1) {
        carry(buffer);
        return [];
      }
      const first = carriedBytes > LINE_BYTES_MAX ? buffer.indexOf(LF) + 1 : 0;
      const skipped: SourceLine[] = [];
      if (first > 0) {
        skipped.push({ number: ++number, text: "", fault: "too_long" });
        take();
      }
      carried.push(buffer.subarray(first, last));
      const complete = first > last ? [] : lines(take());
      if (buffer.length > last + 1) carry(buffer.subarray(last + 1));
      return [...skipped, ...complete];
    },
    finish() {
      if (carriedBytes === 0) return [];
      if (carriedBytes > LINE_BYTES_MAX) return [{ number: ++number, text: "", fault: "too_long" }];
      return lines(take());
    },
    linesRead: () => number,
  };
}

interface Split {
  readonly lines: readonly SourceLine[];
  /** Blank lines included. */
  readonly count: number;
}

function splitBlock(block: Buffer, before: number): Split {
  // One native check and one decode for the whole block; single lines are looked at only if it fails.
  const texts = isUtf8(block) ? block.toString("utf8").split("\n") : splitBytes(block);
  const lines: SourceLine[] = [];
  let number = before;
  for (const text of texts) {
    number++;
    const line = soundLine(number, text);
    if (line) lines.push(line);
  }
  return { lines, count: texts.length };
}

/** The texts of the lines; null for one that is not UTF-8. */
function splitBytes(block: Buffer): readonly (string | null)[] {
  const texts: (string | null)[] = [];
  for (let from = 0; from <= block.length; ) {
    const found = block.indexOf(LF, from);
    const to = found === -1 ? block.length : found;
    const line = block.subarray(from, to);
    texts.push(isUtf8(line) ? line.toString("utf8") : null);
    from = to + 1;
  }
  return texts;
}

function soundLine(number: number, read: string | null): SourceLine | null {
  if (read === null) return { number, text: "", fault: "not_utf8" };
  const begun = number === 1 && read.startsWith(BYTE_ORDER_MARK) ? read.slice(1) : read;
  const text = begun.endsWith("\r") ? begun.slice(0, -1) : begun;
  if (text.length * 3 > LINE_BYTES_MAX && Buffer.byteLength(text) > LINE_BYTES_MAX) {
    return { number, text: "", fault: "too_long" };
  }
  return text.trim() === "" ? null : { number, text, fault: null };
}
