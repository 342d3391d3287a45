/**
 * The document in which the compilations of one graph are kept (design 3, 12): which schema was found to be without
 * fault, and what the declarations of each query file are under it.
 *
 * Guarantees: pure. Records are lists of values in a fixed order, because field names would be two thirds of the bytes.
 * Whatever is not exactly a document of this format, this version of the compiler and this graph, with the digest of
 * its own content, reads as null: it is then compiled again, and nobody is told.
 */
import { COMPILER_VERSION } from "../../desired/compiler-version.ts";
import type { KnownDeclaration } from "../../desired/known-compilations.ts";
import { type Digest, sha256 } from "../../digest/digest.ts";
import type { GraphId } from "../../digest/ids.ts";
import { parseJsonObject } from "../../engine/parse-json.ts";
import type { PropertyFact, QueryFacts, QueryParameter, ResultField, TypeFact } from "../../query/facts.ts";
import { COMPILED_BYTES_MAX } from "../limits.ts";

export const COMPILATION_FORMAT_VERSION = 1;

export interface GraphCompilations {
  readonly graph: GraphId;
  readonly schema: Digest;
  /** True if the schema itself compiles without any diagnostic. */
  readonly schema_clean: boolean;
  /** By digest of the query file; all declarations of each, in file order. */
  readonly files: ReadonlyMap<Digest, readonly KnownDeclaration[]>;
}

/** The bytes of the document, or null if they would be more than anyone wants to read again. */
export function encodeCompilations(compilations: GraphCompilations): Uint8Array | null {
  const { graph, schema, schema_clean } = compilations;
  const files = [...compilations.files].sort(([a], [b]) => (a < b ? -1 : 1));
  const content = {
    graph,
    schema,
    schema_clean,
    files: files.map(([file, declarations]) => [file, declarations.map(writeDeclaration)]),
  };
  const head = { format_version: COMPILATION_FORMAT_VERSION, compiler_version: COMPILER_VERSION };
  const document = { ...head, content_digest: contentDigest(content), content };
  const bytes = new TextEncoder().encode(`${JSON.stringify(document)}\n`);
  return bytes.byteLength > COMPILED_BYTES_MAX ? null : bytes;
}

/** The compilations of `graph` in `bytes`, or null. */
export function decodeCompilations(bytes: Uint8Array, graph: GraphId): GraphCompilations | null {
  const parsed = parseJsonObject(bytes, COMPILED_BYTES_MAX);
  if (parsed.tag === "broken") return null;
  const document = parsed.value;
  const content = record(document["content"]);
  if (content === null) return null;
  const trusted =
    document["format_version"] === COMPILATION_FORMAT_VERSION &&
    document["compiler_version"] === COMPILER_VERSION &&
    document["content_digest"] === contentDigest(content) &&
    content["graph"] === graph;
  const schema = readDigest(content["schema"]);
  const clean = readFlag(content["schema_clean"]);
  const files = listOf(readFile)(content["files"]);
  if (!trusted || schema === INVALID || clean === INVALID || files === INVALID) return null;
  return { graph, schema, schema_clean: clean, files: new Map(files) };
}

/** Of the content as JSON text, which is the same before writing and after reading. */
function contentDigest(content: unknown): Digest {
  return sha256(`compilations\0${COMPILER_VERSION}\0${JSON.stringify(content)}`);
}

function writeDeclaration({ name, declaration_digest, facts }: KnownDeclaration): unknown {
  const { kind, description, instruction, parameters, result, reads, writes, properties } = facts;
  return [
    name,
    declaration_digest,
    kind,
    description,
    instruction,
    parameters.map((each) => [each.name, each.type, each.nullable]),
    result.map((each) => [
      each.name,
      each.kind,
      each.nullable,
      each.vector_dim ?? null,
      each.item_kind ?? null,
    ]),
    reads.map((each) => [each.kind, each.type_name]),
    writes.map((each) => [each.kind, each.type_name]),
    properties.map((each) => [each.kind, each.type_name, each.property, each.access]),
  ];
}

/** What no reader gives for a legal value. */
const INVALID = undefined;
type Read<Value> = (value: unknown) => Value | typeof INVALID;

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : null;
}

const SHA256 = /^[0-9a-f]{64}$/;

const readText: Read<string> = (value) => (typeof value === "string" ? value : INVALID);
const readFlag: Read<boolean> = (value) => (typeof value === "boolean" ? value : INVALID);
const readDigest: Read<Digest> = (value) =>
  typeof value === "string" && SHA256.test(value) ? (value as Digest) : INVALID;
const readNumber: Read<number> = (value) => (Number.isSafeInteger(value) ? (value as number) : INVALID);

function orNull<Value>(read: Read<Value>): Read<Value | null> {
  return (value) => (value === null ? null : read(value));
}

function oneOf<Value extends string>(...names: readonly Value[]): Read<Value> {
  return (value) => names.find((name) => name === value);
}

function listOf<Value>(read: Read<Value>): Read<readonly Value[]> {
  return (value) => {
    if (!Array.isArray(value)) return INVALID;
    const items: Value[] = [];
    for (const each of value) {
      const item = read(each);
      if (item === INVALID) return INVALID;
      items.push(item);
    }
    return items;
  };
}

/** The values of a list of exactly this length; an empty list if it is none, which no reader of a value accepts. */
function fields(value: unknown, length: number): readonly unknown[] {
  return Array.isArray(value) && value.length === length ? value : [];
}

const readFile: Read<readonly [Digest, readonly KnownDeclaration[]]> = (value) => {
  const [file, declarations] = fields(value, 2);
  const digest = readDigest(file);
  const read = listOf(readDeclaration)(declarations);
  return digest === INVALID || read === INVALID ? INVALID : [digest, read];
};

const readDeclaration: Read<KnownDeclaration> = (value) => {
  const [name, digest, ...rest] = fields(value, 10);
  const known = readText(name);
  const declaration_digest = readDigest(digest);
  if (known === INVALID || declaration_digest === INVALID) return INVALID;
  const facts = readFacts(known, rest);
  return facts === INVALID ? INVALID : { name: known, facts, declaration_digest };
};

function readFacts(name: string, values: readonly unknown[]): QueryFacts | typeof INVALID {
  const kind = oneOf("read", "mutation")(values[0]);
  const description = orNull(readText)(values[1]);
  const instruction = orNull(readText)(values[2]);
  const parameters = listOf(readParameter)(values[3]);
  const result = listOf(readField)(values[4]);
  const reads = listOf(readType)(values[5]);
  const writes = listOf(readType)(values[6]);
  const properties = listOf(readProperty)(values[7]);
  if (kind === INVALID || description === INVALID || instruction === INVALID) return INVALID;
  if (parameters === INVALID || result === INVALID) return INVALID;
  if (reads === INVALID || writes === INVALID || properties === INVALID) return INVALID;
  return { name, kind, description, instruction, parameters, result, reads, writes, properties };
}

const readParameter: Read<QueryParameter> = (value) => {
  const [name, type, nullable] = fields(value, 3);
  const read = { name: readText(name), type: readText(type), nullable: readFlag(nullable) };
  if (read.name === INVALID || read.type === INVALID || read.nullable === INVALID) return INVALID;
  return { name: read.name, type: read.type, nullable: read.nullable };
};

const readField: Read<ResultField> = (value) => {
  const values = fields(value, 5);
  const name = readText(values[0]);
  const kind = readText(values[1]);
  const nullable = readFlag(values[2]);
  const vector_dim = orNull(readNumber)(values[3]);
  const item_kind = orNull(readText)(values[4]);
  if (name === INVALID || kind === INVALID || nullable === INVALID) return INVALID;
  if (vector_dim === INVALID || item_kind === INVALID) return INVALID;
  return {
    ...{ name, kind, nullable },
    ...(vector_dim === null ? {} : { vector_dim }),
    ...(item_kind === null ? {} : { item_kind }),
  };
};

const readKind = oneOf("node", "edge");
const readAccess = oneOf("read", "write", "required", "search", "rank");

const readType: Read<TypeFact> = (value) => {
  const [kindText, type] = fields(value, 2);
  const kind = readKind(kindText);
  const type_name = readText(type);
  return kind === INVALID || type_name === INVALID ? INVALID : { kind, type_name };
};

const readProperty: Read<PropertyFact> = (value) => {
  const [kindText, type, name, accessText] = fields(value, 4);
  const kind = readKind(kindText);
  const type_name = readText(type);
  const property = readText(name);
  const access = readAccess(accessText);
  if (kind === INVALID || type_name === INVALID) return INVALID;
  return property === INVALID || access === INVALID ? INVALID : { kind, type_name, property, access };
};
