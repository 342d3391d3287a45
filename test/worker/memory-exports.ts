/** Files of exports in memory. */
import type { ExportFiles } from "../../lib/worker/deployment.ts";

/** `files`: key to text. `away`: why nothing can be written now; null: it can. */
export function memoryExports(
  files: Map<string, string>,
  away: () => string | null = () => null,
): ExportFiles {
  return {
    async write(key, chunks) {
      const parts: Uint8Array[] = [];
      try {
        for await (const chunk of chunks) parts.push(chunk);
      } catch (error) {
        return { tag: "unavailable", reason: String(error) };
      }
      const reason = away();
      if (reason !== null) return { tag: "unavailable", reason };
      const bytes = Buffer.concat(parts);
      files.set(key, bytes.toString("utf8"));
      return { tag: "written", bytes: bytes.byteLength };
    },
    presign: (key) =>
      Promise.resolve({
        url: `https://exports.example.com/${key}?signed`,
        expires_at: "2026-01-01T01:00:00Z",
      }),
  };
}
