/**
 * Source text: the bytes of a declared file as text (spec/cluster 1.5).
 *
 * Guarantees: strict UTF-8. A byte order mark and CRLF are kept, because digests cover the bytes as they are.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";

export type SourceText =
  | { readonly tag: "text"; readonly text: string }
  | {
      readonly tag: "invalid";
      readonly reason: string;
      readonly at: (file: string) => SourcePosition;
    };

/** The text of `bytes`, or where they stop being UTF-8. */
export function decodeUtf8(bytes: Uint8Array): SourceText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  // Decoding replaces each broken sequence; only then do the lengths or the bytes differ.
  if (!text.includes(REPLACEMENT) || Buffer.from(text, "utf8").equals(buffer)) return { tag: "text", text };
  const offset = firstDifference(buffer, Buffer.from(text, "utf8"));
  const line = buffer.subarray(0, offset).filter((byte) => byte === LINE_FEED).length + 1;
  const lineStart = offset === 0 ? 0 : buffer.lastIndexOf(LINE_FEED, offset - 1) + 1;
  const column = buffer.subarray(lineStart, offset).toString("utf8").length + 1;
  return {
    tag: "invalid",
    reason: `the byte 0x${buffer[offset]?.toString(16).padStart(2, "0") ?? "00"} at offset ${offset} is not part of a character`,
    at: (file) => ({ file, line, column }),
  };
}

const REPLACEMENT = "\ufffd";
const LINE_FEED = 0x0a;

function firstDifference(a: Buffer, b: Buffer): number {
  const shared = Math.min(a.length, b.length);
  for (let offset = 0; offset < shared; offset += 1) if (a[offset] !== b[offset]) return offset;
  return shared;
}
