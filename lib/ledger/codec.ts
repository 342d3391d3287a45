/**
 * The codec of the ledger: bytes of `__cluster/state.json` to a LedgerState and back.
 *
 * Guarantees: pure. Reading is strict (unknown fields are refused everywhere but inside the three free-form maps) and
 * reports every problem at once; a newer `version` is `unsupported_state_version` even if it brings new fields (W33).
 * Writing is byte-exact (spec/cluster 4.3): `encode(decode(b)) = b` for every canonical `b`, `decode(encode(s)) = s`.
 * Every state that goes in or out has passed `verifyLedger`, which is called here and nowhere else; one that goes out
 * has passed `verifyComposites` too.
 */
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { decodeResource, decodeStatus } from "./decode-resource.ts";
import {
  type Complaints,
  complain,
  type JsonPath,
  member,
  readObject,
  readOptionalText,
} from "./decode-shape.ts";
import { numberText, orderedObject, parseJson, writeJson } from "./json-text.ts";
import { rewriteLegacyObservations } from "./legacy-observations.ts";
import { LEDGER_BYTES_MAX } from "./limits.ts";
import type { JsonObject, JsonValue, LedgerResource, LedgerState, StatusRecord } from "./state.ts";
import { verifyLedger } from "./verify.ts";
import { verifyComposites } from "./verify-composites.ts";

export type LedgerDecoding =
  | { readonly tag: "decoded"; readonly state: LedgerState }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

export type LedgerEncoding =
  | { readonly tag: "encoded"; readonly bytes: Uint8Array }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const STATE_FIELDS = [
  "version",
  "state_revision",
  "applied_revision",
  "resource_statuses",
  "approval_records",
  "recovery_records",
  "observations",
];

function invalid(...diagnostics: readonly Diagnostic[]): LedgerDecoding & LedgerEncoding {
  return { tag: "invalid", diagnostics };
}

function tooLarge(size: number): Diagnostic {
  return diagnostic("state_limit_exceeded", {
    path: STATE_KEY,
    message: `The ledger has ${size} bytes; at most ${LEDGER_BYTES_MAX} are supported.`,
  });
}

/** The state in `bytes`, or everything that is wrong with them. */
export function decodeLedger(bytes: Uint8Array): LedgerDecoding {
  if (bytes.length > LEDGER_BYTES_MAX) return invalid(tooLarge(bytes.length));
  const text = Buffer.from(bytes).toString("utf8");
  if (Buffer.compare(Buffer.from(text, "utf8"), bytes) !== 0) {
    const message = "The ledger is not valid UTF-8.";
    return invalid(diagnostic("state_read_error", { path: STATE_KEY, message }));
  }
  const parsed = parseJson(text);
  if (parsed.tag === "invalid") {
    const { line, column } = parsed;
    return invalid(
      diagnostic("invalid_state_json", {
        path: STATE_KEY,
        message: `The ledger is not valid JSON: ${parsed.message} (line ${line}, column ${column}).`,
        source: { file: STATE_KEY, line, column },
      }),
    );
  }
  return decodeDocument(parsed.value);
}

function decodeDocument(document: JsonValue): LedgerDecoding {
  const complaints: Complaints = { messages: [] };
  const version = documentVersion(document);
  if (version !== null && version !== "1") {
    const message = `The ledger has version ${version}; this program knows version 1.`;
    return invalid(diagnostic("unsupported_state_version", { path: "state.version", message }));
  }
  const fields = readObject(complaints, "", document, STATE_FIELDS);
  if (fields === null) return invalid(...shapeProblems(complaints));
  if (version === null) complain(complaints, "version must be a whole number");
  const observations = freeForm(complaints, fields, "observations");
  const rewritten = rewriteLegacyObservations(observations);
  const state: LedgerState = {
    version: 1,
    state_revision: readRevision(complaints, fields["state_revision"]),
    applied_revision: decodeApplied(complaints, fields["applied_revision"]),
    resource_statuses: mapValues(complaints, fields["resource_statuses"], "resource_statuses", decodeStatus),
    approval_records: freeForm(complaints, fields, "approval_records"),
    recovery_records: freeForm(complaints, fields, "recovery_records"),
    observations: rewritten.observations,
  };
  const shape = shapeProblems(complaints);
  if (shape.length > 0) return invalid(...shape, ...rewritten.diagnostics);
  const diagnostics = [...rewritten.diagnostics, ...verifyLedger(state)];
  return hasErrors(diagnostics) ? invalid(...diagnostics) : { tag: "decoded", state };
}

function shapeProblems({ messages }: Complaints): readonly Diagnostic[] {
  return messages.map((message) =>
    diagnostic("invalid_state_json", { path: STATE_KEY, message: `The ledger is not valid: ${message}.` }),
  );
}

/** The digits of `version`, before anything else is judged; null if it is missing or no whole number. */
function documentVersion(document: JsonValue): string | null {
  const version = readObject({ messages: [] }, "", document, null)?.["version"];
  if (version === undefined) return null;
  const text = numberText(version) ?? (typeof version === "number" ? String(version) : "");
  return /^[0-9]+$/.test(text) ? text : null;
}

/** Absent means 0. Beyond what JavaScript counts exactly, verify refuses; a fraction or a sign is refused here. */
function readRevision(complaints: Complaints, value: JsonValue | undefined): number {
  if (value === undefined) return 0;
  const text = numberText(value) ?? (typeof value === "number" ? String(value) : "");
  if (/^[0-9]+$/.test(text)) return Number(text);
  complain(complaints, "state_revision must be a whole number, not negative");
  return 0;
}

function decodeApplied(
  complaints: Complaints,
  value: JsonValue | undefined,
): LedgerState["applied_revision"] {
  const path = "applied_revision";
  const fields = readObject(complaints, path, value, ["config_digest", "resources"]) ?? {};
  return {
    config_digest:
      readOptionalText(complaints, member(path, "config_digest"), fields["config_digest"]) ?? null,
    resources: mapValues(complaints, fields["resources"], member(path, "resources"), decodeResource),
  };
}

function mapValues<Value>(
  complaints: Complaints,
  value: JsonValue | undefined,
  path: JsonPath,
  decode: (complaints: Complaints, path: JsonPath, value: JsonValue) => Value,
): Readonly<Record<string, Value>> {
  if (value === undefined) return {};
  const fields = readObject(complaints, path, value, null) ?? {};
  return Object.fromEntries(
    Object.entries(fields).map(([key, item]) => [key, decode(complaints, member(path, key), item)]),
  );
}

function freeForm(complaints: Complaints, fields: JsonObject, key: string): JsonObject {
  const value = fields[key];
  return value === undefined ? {} : (readObject(complaints, key, value, null) ?? {});
}

/** The bytes of a state, or what is wrong with it. */
export function tryEncodeLedger(state: LedgerState): LedgerEncoding {
  const diagnostics = [...verifyLedger(state), ...verifyComposites(state)];
  if (hasErrors(diagnostics)) return invalid(...diagnostics);
  const bytes = Buffer.from(`${writeJson(documentOf(state))}\n`, "utf8");
  if (bytes.length > LEDGER_BYTES_MAX) return invalid(tooLarge(bytes.length));
  return { tag: "encoded", bytes };
}

/** The bytes of a state that is known to be valid. */
export function encodeLedger(state: LedgerState): Uint8Array {
  const encoding = tryEncodeLedger(state);
  const problem = encoding.tag === "invalid" ? encoding.diagnostics[0]?.message : undefined;
  assert(encoding.tag === "encoded", `only valid ledgers are encoded (${problem})`);
  return encoding.bytes;
}

/** `applied_revision` as compact JSON in the field order of the ledger, for digests of it (design 4.6). */
export function compactApplied(state: LedgerState): string {
  return JSON.stringify(appliedDocument(state));
}

function documentOf(state: LedgerState): JsonValue {
  return {
    version: state.version,
    state_revision: state.state_revision,
    applied_revision: appliedDocument(state),
    resource_statuses: sortedMap(state.resource_statuses, statusDocument),
    approval_records: sortedMap(state.approval_records, (value) => value),
    recovery_records: sortedMap(state.recovery_records, (value) => value),
    observations: sortedMap(state.observations, (value) => value),
  };
}

function appliedDocument(state: LedgerState): JsonObject {
  const { config_digest, resources } = state.applied_revision;
  return { config_digest, resources: sortedMap(resources, resourceDocument) };
}

function sortedMap<Value>(
  map: Readonly<Record<string, Value>>,
  document: (value: Value) => JsonValue,
): JsonObject {
  const entries = Object.entries(map).sort(([a], [b]) => compareBytes(a, b));
  return orderedObject(entries.map(([key, value]) => [key, document(value)]));
}

function resourceDocument(resource: LedgerResource): JsonValue {
  const { applies_to, embedding_provider, embedding_profile, external_blob_policy } = resource;
  return {
    digest: resource.digest,
    ...(applies_to === undefined ? {} : { applies_to }),
    ...(embedding_provider === undefined ? {} : { embedding_provider }),
    ...(embedding_profile === undefined
      ? {}
      : { embedding_profile: pick(embedding_profile, ["kind", "base_url", "model", "api_key"]) }),
    ...(external_blob_policy === undefined
      ? {}
      : {
          external_blob_policy: {
            mode: external_blob_policy.mode,
            bases: external_blob_policy.bases.map(({ uri, scope }) => ({ uri, scope })),
          },
        }),
  };
}

function statusDocument({ status, conditions = [], message }: StatusRecord): JsonValue {
  return {
    status,
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(message === undefined ? {} : { message }),
  };
}

function pick<Key extends string>(from: Readonly<Partial<Record<Key, string>>>, keys: readonly Key[]) {
  return orderedObject(
    keys.flatMap((key): [string, string][] => (from[key] === undefined ? [] : [[key, from[key]]])),
  );
}
