/**
 * The three spellings of `graphs.<id>.queries` (spec/cluster 1.4): a path, a list of paths, or a mapping of names.
 *
 * This field alone resolves scalars by type first, so a bare number, boolean or null is an error here and must be
 * quoted if a file is really called that.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import type { Located, NamedQuery, QueriesDeclaration } from "./cluster-config.ts";
import type { Decoder } from "./decoder.ts";
import { describeValue, scalarKind, type YamlEntry, type YamlValue } from "./yaml-value.ts";

const NO_QUERIES: QueriesDeclaration = { form: "map", queries: [] };

/** Decodes the field, absent if `entry` is undefined. */
export function decodeQueries(
  decoder: Decoder,
  entry: YamlEntry | undefined,
  path: string,
): QueriesDeclaration {
  if (entry === undefined) return NO_QUERIES;
  const { value } = entry;
  switch (value.tag) {
    case "map":
      return { form: "map", queries: decodeNamed(decoder, value.entries, path) };
    case "list": {
      const paths = value.items.map((item, index) => decodePath(decoder, item, `${path}[${index}]`));
      return { form: "list", paths: paths.filter((each) => each !== null) };
    }
    case "scalar": {
      const single = decodePath(decoder, value, path);
      return single === null ? NO_QUERIES : { form: "path", path: single };
    }
    case "empty":
      decoder.complain(
        `\`${path}\` must be a path, a list of paths or a mapping of names, not nothing; write [] or leave it out.`,
        value.at,
      );
      return NO_QUERIES;
  }
}

function decodeNamed(decoder: Decoder, entries: readonly YamlEntry[], path: string): readonly NamedQuery[] {
  const queries: NamedQuery[] = [];
  for (const entry of [...entries].sort((a, b) => compareBytes(a.key, b.key))) {
    const owner = `${path}.${entry.key}`;
    const file = decodeFile(decoder, entry.value, owner, entry.key_at);
    if (file !== null) queries.push({ name: entry.key, at: entry.key_at, file });
  }
  return queries;
}

function decodeFile(
  decoder: Decoder,
  value: YamlValue,
  path: string,
  at: SourcePosition,
): Located<string> | null {
  const fields = decoder.fields(value, path, ["file"]);
  const file = decoder.required(fields, "file", path, at);
  return file === null ? null : decodePath(decoder, file, `${path}.file`);
}

function decodePath(decoder: Decoder, value: YamlValue, path: string): Located<string> | null {
  if (value.tag === "scalar" && scalarKind(value) === "text") return { value: value.text, at: value.at };
  const hint = value.tag === "scalar" ? "; put it in quotes if it is a file name" : "";
  return decoder.complain(`\`${path}\` must be a path, not ${describeValue(value)}${hint}.`, value.at);
}
