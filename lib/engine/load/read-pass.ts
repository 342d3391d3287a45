/**
 * One reading of the source, row by row. A load reads it at least twice: to survey it, and to write it; and once more
 * to explain what is wrong with the rows taken together.
 *
 * Guarantees: lines come in order; lines that are no text are given as faults. `visit` may take its time: the reading
 * waits for it.
 */
import type { Digest } from "../../digest/digest.ts";
import type { LoadMode, LoadProgress, LoadRequest } from "../engine.ts";
import { type PlacedFault, type ReadRow, readRow } from "../rows/read-row.ts";
import type { GraphShape } from "../rows/row-shape.ts";
import { LINE_BYTES_MAX, PROGRESS_BYTES } from "./limits.ts";
import { readLines, type SourceLine } from "./lines.ts";

export interface VisitedLine extends ReadRow {
  readonly line: SourceLine;
}

/** True to go on. A promise is waited for; most lines need none. */
export type VisitLine = (visited: VisitedLine) => boolean | Promise<boolean>;

export type PassEnd =
  | {
      readonly tag: "read";
      readonly lines_read: number;
      readonly bytes_read: number;
      readonly digest: Digest;
    }
  | { readonly tag: "stopped" }
  | { readonly tag: "unreadable"; readonly reason: string };

export interface PassRequest {
  readonly graph: GraphShape;
  readonly open: LoadRequest["open"];
  readonly mode: LoadMode;
  readonly progress: (at: Pick<LoadProgress, "lines_read" | "bytes_read">) => void;
}

export async function readPass(request: PassRequest, visit: VisitLine): Promise<PassEnd> {
  let told = 0;
  for await (const block of readLines(request.open)) {
    if (block.tag === "unreadable") return block;
    if (block.tag === "end") {
      request.progress(block);
      return {
        tag: "read",
        lines_read: block.lines_read,
        bytes_read: block.bytes_read,
        digest: block.digest,
      };
    }
    for (const line of block.lines) {
      const outcome = visit(visitedLine(request.graph, line));
      if (!(typeof outcome === "boolean" ? outcome : await outcome)) return { tag: "stopped" };
    }
    const last = block.lines.at(-1);
    if (last !== undefined && block.bytes_read - told >= PROGRESS_BYTES) {
      told = block.bytes_read;
      request.progress({ lines_read: last.number, bytes_read: block.bytes_read });
    }
  }
  return { tag: "stopped" };
}

function visitedLine(graph: GraphShape, line: SourceLine): VisitedLine {
  if (line.fault === null) return { line, ...readRow(graph, line.text) };
  return { line, row: null, faults: [lineFault(line.fault)] };
}

function lineFault(fault: "not_utf8" | "too_long"): PlacedFault {
  return fault === "not_utf8"
    ? { code: "load_not_utf8", message: "The line is not valid UTF-8.", column: 1 }
    : { code: "load_line_too_long", message: `The line is longer than ${LINE_BYTES_MAX} bytes.`, column: 1 };
}
