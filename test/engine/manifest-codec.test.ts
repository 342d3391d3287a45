/** Manifests and root markers as bytes: golden, strict, and total (design 6). */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { decodeManifest, encodeManifest } from "../../lib/engine/manifest-codec.ts";
import { encodeMarker, isMarkerOf } from "../../lib/engine/root-marker.ts";
import { manifestFault } from "../../lib/engine/verify-manifest.ts";
import { anyManifest, LIVE_MANIFEST } from "./manifests.ts";

const GRAPH = "company" as GraphId;
const TEXT = new TextDecoder();

function golden(name: string): string {
  return readFileSync(new URL(`../golden/engine/${name}`, import.meta.url), "utf8");
}

describe("manifest codec", () => {
  it("writes format version 1 exactly as the golden file has it, and reads it back", () => {
    const bytes = encodeManifest(LIVE_MANIFEST);
    expect(TEXT.decode(bytes)).toBe(golden("manifest-1.json"));
    expect(decodeManifest(GRAPH, 7, bytes)).toEqual({ tag: "decoded", manifest: LIVE_MANIFEST });
  });

  it("writes the root marker exactly as the golden file has it, and knows it again", () => {
    const bytes = encodeMarker(GRAPH);
    expect(TEXT.decode(bytes)).toBe(golden("graphform-1.json"));
    expect(isMarkerOf(GRAPH, bytes)).toBe(true);
    expect(isMarkerOf("other" as GraphId, bytes)).toBe(false);
  });

  it("reads back every valid manifest as it was written", () => {
    fc.assert(
      fc.property(anyManifest(GRAPH), (manifest) => {
        expect(manifestFault(manifest)).toBeNull();
        const decoded = decodeManifest(GRAPH, manifest.version, encodeManifest(manifest));
        expect(decoded).toEqual({ tag: "decoded", manifest });
      }),
      { numRuns: 200 },
    );
  });

  it("answers for any bytes at all, and never takes them for a manifest", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(utf8)), (bytes) => {
        expect(decodeManifest(GRAPH, 1, bytes).tag).not.toBe("decoded");
        expect(isMarkerOf(GRAPH, bytes)).toBe(false);
      }),
    );
  });

  it("leaves a manifest of a newer format alone, whatever else is in it", () => {
    const newer = utf8(JSON.stringify({ format_version: 2, surprise: true }));
    expect(decodeManifest(GRAPH, 1, newer)).toMatchObject({ tag: "newer_format" });
  });

  it.each([
    ["an unknown key", { surprise: 1 }],
    ["another graph's body", { graph: "other" }],
    ["another version's body", { version: 8 }],
    ["an unknown cause", { cause: "repair" }],
    ["a live state without an incarnation", { incarnation: null }],
    ["a dead state with rows", { state: "deleted", cause: "remove" }],
    ["a negative row count", { rows_written: -1 }],
    ["an incarnation that is no ULID", { incarnation: "x" }],
    ["an older format", { format_version: 0 }],
    ["a table in another incarnation", { tables: [pin("01BX5ZZKBKACTAV9WEVGEMMVRZ/5-3.lance", "6-x")] }],
    ["a table with another type's path", { tables: [pin("01ARZ3NDEKTSV4RRFFQ69G5FAV/6-3.lance", "6-x")] }],
    ["a table outside the graph", { tables: [pin("../5-3.lance", "6-x")] }],
    ["a dataset of a later version", { tables: [pin("01ARZ3NDEKTSV4RRFFQ69G5FAV/5-8.lance", "6-x")] }],
    ["a branch of a later version", { tables: [pin("01ARZ3NDEKTSV4RRFFQ69G5FAV/5-3.lance", "7-x")] }],
    ["its own incarnation among the dead", { dead: [dead("01ARZ3NDEKTSV4RRFFQ69G5FAV", 2)] }],
    ["a death in the future", { dead: [dead("01BX5ZZKBKACTAV9WEVGEMMVRZ", 7)] }],
  ])("calls %s corrupt", (_, change) => {
    const bytes = utf8(JSON.stringify({ ...LIVE_MANIFEST, ...change }));
    expect(decodeManifest(GRAPH, 7, bytes).tag).toBe("corrupt");
  });

  it("never writes a manifest that it would not read", () => {
    const broken: Manifest = { ...LIVE_MANIFEST, incarnation: null };
    expect(() => encodeManifest(broken)).toThrow(/invalid/);
  });
});

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function pin(path: string, branch: string): object {
  return { type_id: 5, path, branch, lance_version: 1, rows: 0 };
}

function dead(incarnation: string, since: number): object {
  return { incarnation, since, reclaiming: false };
}
