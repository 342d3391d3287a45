/**
 * What a policy file says about queries, changes, authentication and duties, before anybody asked whether it makes
 * sense (spec/policy 5.2). As in BundleDraft, everything carries its place, and what could not be read is missing here
 * and already reported.
 */
import type { ControlAction } from "./action.ts";
import type { AuthSource, DutyParty } from "./bundle.ts";
import { AUTH_SOURCES, DUTY_PARTIES } from "./bundle.ts";
import type { ChangeKind, ChangeOperation, ChangeTier } from "./change-scope.ts";
import { CHANGE_KINDS, CHANGE_OPERATIONS, CHANGE_TIERS } from "./change-scope.ts";
import { SECONDS_MAX } from "./limits.ts";
import type { QueryKind } from "./query-scope.ts";
import { QUERY_KINDS } from "./query-scope.ts";
import type { Located, Slot, YamlReader } from "./yaml-reader.ts";

/** A list, and how many entries the file has in it, legible or not. */
export interface ListDraft<Value> extends Located<readonly Located<Value>[]> {
  readonly listed: number;
}

export interface QueryScopeDraft {
  readonly place: Located<null>;
  readonly fields: number;
  readonly names: ListDraft<string> | null;
  readonly except: ListDraft<string> | null;
  readonly kind: Located<QueryKind> | null;
}

export interface ChangeScopeDraft {
  readonly place: Located<null>;
  readonly fields: number;
  readonly kinds: ListDraft<ChangeKind> | null;
  readonly operations: ListDraft<ChangeOperation> | null;
  readonly graphs: ListDraft<string> | null;
  readonly max_tier: Located<ChangeTier> | null;
  readonly min_tier: Located<ChangeTier> | null;
}

export interface AuthDraft {
  readonly place: Located<null>;
  readonly fields: number;
  readonly sources: ListDraft<AuthSource> | null;
  readonly amr_any: ListDraft<string> | null;
}

export interface DutyDraft {
  readonly place: Located<null>;
  readonly id: Located<string> | null;
  readonly actions: ListDraft<ControlAction> | null;
  readonly actor_not_in: ListDraft<DutyParty> | null;
  readonly min_approvals: Located<number> | null;
  readonly change_scope: ChangeScopeDraft | null;
}

const QUERY_SCOPE_FIELDS = ["names", "except", "kind"];
const CHANGE_SCOPE_FIELDS = ["kinds", "operations", "graphs", "max_tier", "min_tier"];
const AUTH_FIELDS = ["sources", "amr_any"];
const DUTY_FIELDS = ["id", "actions", "actor_not_in", "min_approvals", "change_scope"];
const DUTY_ACTIONS = ["cluster_apply", "cluster_approve", "cluster_force_unlock"] as const;

/** Reads `query_scope`. */
export function readQueryScope(
  reader: YamlReader,
  slot: Slot | undefined,
  label: string,
): QueryScopeDraft | null {
  if (slot === undefined) return null;
  const what = `the query_scope of ${label}`;
  const fields = reader.fields(slot, what, QUERY_SCOPE_FIELDS, []);
  if (fields === null) return null;
  return {
    place: { ...slot, value: null },
    fields: fields.size,
    names: readTexts(reader, fields.get("names"), `the names in ${what}`),
    except: readTexts(reader, fields.get("except"), `the exceptions in ${what}`),
    kind: readWord(reader, fields.get("kind"), `the kind in ${what}`, QUERY_KINDS),
  };
}

/** Reads `change_scope`. */
export function readChangeScope(
  reader: YamlReader,
  slot: Slot | undefined,
  label: string,
): ChangeScopeDraft | null {
  if (slot === undefined) return null;
  const what = `the change_scope of ${label}`;
  const fields = reader.fields(slot, what, CHANGE_SCOPE_FIELDS, []);
  if (fields === null) return null;
  return {
    place: { ...slot, value: null },
    fields: fields.size,
    kinds: readWords(reader, fields.get("kinds"), `the kinds in ${what}`, CHANGE_KINDS),
    operations: readWords(reader, fields.get("operations"), `the operations in ${what}`, CHANGE_OPERATIONS),
    graphs: readTexts(reader, fields.get("graphs"), `the graphs in ${what}`),
    max_tier: readWord(reader, fields.get("max_tier"), `the max_tier in ${what}`, CHANGE_TIERS),
    min_tier: readWord(reader, fields.get("min_tier"), `the min_tier in ${what}`, CHANGE_TIERS),
  };
}

/** Reads `auth`. */
export function readAuth(reader: YamlReader, slot: Slot | undefined, label: string): AuthDraft | null {
  if (slot === undefined) return null;
  const what = `the auth of ${label}`;
  const fields = reader.fields(slot, what, AUTH_FIELDS, []);
  if (fields === null) return null;
  return {
    place: { ...slot, value: null },
    fields: fields.size,
    sources: readWords(reader, fields.get("sources"), `the sources in ${what}`, AUTH_SOURCES),
    amr_any: readTexts(reader, fields.get("amr_any"), `the amr_any in ${what}`),
  };
}

/** Reads one entry of `duties`. */
export function readDuty(reader: YamlReader, slot: Slot): DutyDraft {
  const fields = reader.fields(slot, `duty ${slot.path}`, DUTY_FIELDS, ["id", "actions"]);
  const idSlot = fields?.get("id");
  const id = idSlot === undefined ? null : reader.text(idSlot, `the id of ${slot.path}`);
  const label = id === null ? `duty ${slot.path}` : `duty '${id.value}'`;
  const approvals = fields?.get("min_approvals");
  return {
    place: { ...slot, value: null },
    id,
    actions: readWords<ControlAction>(
      reader,
      fields?.get("actions"),
      `the actions of ${label}`,
      DUTY_ACTIONS,
    ),
    actor_not_in: readWords(
      reader,
      fields?.get("actor_not_in"),
      `the actor_not_in of ${label}`,
      DUTY_PARTIES,
    ),
    min_approvals: readCount(reader, approvals, `the min_approvals of ${label}`),
    change_scope: readChangeScope(reader, fields?.get("change_scope"), label),
  };
}

/** Reads a positive whole number, written as plain digits. */
export function readCount(reader: YamlReader, slot: Slot | undefined, what: string): Located<number> | null {
  if (slot === undefined) return null;
  const text = reader.text(slot, what);
  if (text === null) return null;
  const plain = reader.plainText(slot);
  const number = plain !== null && /^[1-9][0-9]{0,9}$/.test(plain) ? Number(plain) : 0;
  if (number >= 1 && number <= SECONDS_MAX) return { ...slot, value: number };
  const message = `invalid value: ${what} is '${text.value}', expected a whole number from 1 to ${SECONDS_MAX} without quotes`;
  return reader.report("policy_shape", slot, message);
}

/** Reads a list of texts. */
export function readTexts(
  reader: YamlReader,
  slot: Slot | undefined,
  what: string,
): ListDraft<string> | null {
  if (slot === undefined) return null;
  const items = reader.items(slot, what);
  if (items === null) return null;
  const texts = items.map((item) => reader.text(item, `an entry of ${what}`)).filter((text) => text !== null);
  return { ...slot, value: texts, listed: items.length };
}

/** Reads a list of words that are known in advance. */
export function readWords<Word extends string>(
  reader: YamlReader,
  slot: Slot | undefined,
  what: string,
  known: readonly Word[],
): ListDraft<Word> | null {
  const texts = readTexts(reader, slot, what);
  if (texts === null) return null;
  const words = texts.value.map((text) => wordOf(reader, text, what, known)).filter((word) => word !== null);
  return { ...texts, value: words };
}

/** Reads one word that is known in advance; nothing, `~` and `null` are null. */
export function readWord<Word extends string>(
  reader: YamlReader,
  slot: Slot | undefined,
  what: string,
  known: readonly Word[],
): Located<Word> | null {
  const text = reader.optionalText(slot, what);
  return text === null ? null : wordOf(reader, text, what, known);
}

function wordOf<Word extends string>(
  reader: YamlReader,
  text: Located<string>,
  what: string,
  known: readonly Word[],
): Located<Word> | null {
  const word = known.find((each) => each === text.value);
  if (word !== undefined) return { ...text, value: word };
  const expected = known.map((each) => `'${each}'`).join(", ");
  const message = `unknown variant '${text.value}' in ${what}, expected one of ${expected}`;
  return reader.report("policy_shape", text, message);
}
