/** What is in a bundle, and which part of it is read before anything has been asked. */
import type { Metafile } from "esbuild";

export interface BundleFacts {
  readonly total_bytes: number;
  readonly start_bytes: number;
  readonly start_packages: ReadonlySet<string>;
  /** Our own files that are read to start. */
  readonly start_sources: ReadonlySet<string>;
}

export function bundleFacts({ outputs }: Metafile): BundleFacts {
  const start = startFiles(outputs);
  const bytesOf = (paths: Iterable<string>) =>
    [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  const inputs = [...start].flatMap((path) =>
    Object.entries(outputs[path]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [input] : [],
    ),
  );
  return {
    total_bytes: bytesOf(Object.keys(outputs)),
    start_bytes: bytesOf(start),
    start_packages: new Set(inputs.flatMap(packageOf)),
    start_sources: new Set(inputs.filter((input) => packageOf(input).length === 0)),
  };
}

/** The entry and everything that it imports, and so on, but not what is imported by a call. */
function startFiles(outputs: Metafile["outputs"]): ReadonlySet<string> {
  const waiting = Object.keys(outputs).filter((path) => path.endsWith("/index.mjs"));
  const found = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { kind, external, path: next } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) waiting.push(next);
    }
  }
  return found;
}

function packageOf(input: string): readonly string[] {
  const match = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
  return match?.[1] === undefined ? [] : [match[1]];
}
