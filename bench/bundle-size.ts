/** Bench: the JavaScript of the command line: everything, and what `graphform --version` has to read. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "./report.ts";

/** Reports the bytes of a fresh bundle. */
export async function benchBundleSize(report: Report): Promise<void> {
  const bundler = new URL("../bin/bundle.js", import.meta.url).href;
  const { bundleInto }: { readonly bundleInto: (folder: string) => Promise<unknown> } = await import(bundler);
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    await bundleInto(folder);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    const total_bytes = sizes.reduce((sum, size) => sum + size, 0);
    report("command line", {
      files: sizes.length,
      total_bytes,
      largest_file_bytes: Math.max(...sizes),
      entry_bytes: statSync(join(folder, "graphform.mjs")).size,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
