/**
 * One declared file as text with its digest, or the diagnostic that says why there is none (spec/cluster 1.5).
 *
 * Guarantees: pure. The digest covers the bytes as they are; only strict UTF-8 is text. A path that leaves the config
 * folder is refused under a code of its own (W35); whatever else keeps a file from being read has the code of the
 * place that names it.
 */
import { type Bundle, displayPath, type SourceRead } from "../config/bundle.ts";
import { resolveInside } from "../config/bundle-path.ts";
import type { Located } from "../config/cluster-config.ts";
import { decodeUtf8 } from "../config/source-text.ts";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";

export interface SourceFile {
  readonly text: string;
  readonly digest: Digest;
  /** From the config folder, normalised; what diagnostics name. */
  readonly file: string;
  /** The config folder as typed, joined with the path as typed; what outputs name. */
  readonly path: string;
}

export type LoadedSource =
  | { readonly tag: "source"; readonly source: SourceFile }
  | { readonly tag: "problem"; readonly problem: Diagnostic };

/** Where a file is declared and what to say if it cannot be read. */
export interface Declaration {
  readonly declared: Located<string>;
  /** The config path of the declaration, such as `graphs.x.schema`. */
  readonly path: string;
  readonly missing: DiagnosticCode;
  /** "schema file" */
  readonly what: string;
}

/** Reads the declared file. */
export function loadSource(bundle: Bundle, declaration: Declaration): LoadedSource {
  const { value } = declaration.declared;
  const read = bundle.read(value);
  if (read.tag !== "file") return { tag: "problem", problem: readProblem(read, declaration) };
  const decoded = decodeUtf8(read.bytes);
  const file = sourceFileName(bundle, value);
  if (decoded.tag === "invalid") {
    const { path, missing, what } = declaration;
    const message = `The ${what} \`${value}\` is not UTF-8: ${decoded.reason}.`;
    return { tag: "problem", problem: diagnostic(missing, { path, message, source: decoded.at(file) }) };
  }
  const source = {
    text: decoded.text,
    digest: sha256(read.bytes),
    file,
    path: displayPath(bundle, value),
  };
  return { tag: "source", source };
}

/** The normalised path of a file that the bundle gave out. */
function sourceFileName(bundle: Bundle, declared: string): string {
  const resolved = resolveInside(declared, bundle.root ?? null);
  return resolved.tag === "inside" ? resolved.path : declared;
}

/** The diagnostic for a declared path that did not give a file. */
export function readProblem(
  read: Exclude<SourceRead, { readonly tag: "file" }>,
  { declared, path, missing, what }: Declaration,
): Diagnostic {
  const source = declared.at;
  const begin = `The ${what} \`${declared.value}\``;
  switch (read.tag) {
    case "missing":
      return diagnostic(missing, { path, message: `${begin} does not exist.`, source });
    case "directory":
      return diagnostic(missing, { path, message: `${begin} is a folder, not a file.`, source });
    case "unreadable":
      return diagnostic(missing, { path, message: `${begin} cannot be read: ${read.reason}.`, source });
    case "outside":
      return diagnostic("source_path_outside", {
        path,
        message: `${begin} is refused: ${read.reason}.`,
        source,
      });
    default:
      return assertNever(read);
  }
}
