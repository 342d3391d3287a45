/**
 * BundleDraft: what a policy file says, before anybody asked whether it makes sense (spec/policy 1.1).
 *
 * Guarantees: everything carries its place in the file. What could not be read is missing here and already reported,
 * so that the checks that follow speak only about what is there.
 */
import type { PolicyAction } from "./action.ts";
import { POLICY_ACTIONS } from "./action.ts";
import type { BranchScope, QueryExposure, Via } from "./bundle.ts";
import { BRANCH_SCOPES, QUERY_EXPOSURES, VIAS } from "./bundle.ts";
import type { AuthDraft, ChangeScopeDraft, DutyDraft, ListDraft, QueryScopeDraft } from "./scope-draft.ts";
import {
  readAuth,
  readChangeScope,
  readCount,
  readDuty,
  readQueryScope,
  readTexts,
  readWord,
  readWords,
} from "./scope-draft.ts";
import type { Fields, Located, Slot, YamlReader } from "./yaml-reader.ts";

export interface GroupDraft {
  readonly name: Located<string>;
  /** Null: could not be read. */
  readonly members: ListDraft<string> | null;
}

export interface RuleDraft {
  /** The rule itself: `rules[2]`. */
  readonly place: Located<null>;
  readonly id: Located<string> | null;
  readonly effect: "allow" | "deny";
  /** True if the rule has both; `effect` is what stands first. */
  readonly both_effects: boolean;
  readonly group: Located<string> | null;
  readonly actions: ListDraft<PolicyAction> | null;
  readonly branch_scope: Located<BranchScope> | null;
  readonly target_branch_scope: Located<BranchScope> | null;
  readonly query_scope: QueryScopeDraft | null;
  readonly via: Located<Via> | null;
  readonly change_scope: ChangeScopeDraft | null;
  readonly auth: AuthDraft | null;
  readonly lock_min_age_seconds: Located<number> | null;
}

export interface BundleDraft {
  /** Null: could not be read, so that no reference to a group can be judged. */
  readonly groups: readonly GroupDraft[] | null;
  readonly protected_branches: readonly Located<string>[];
  readonly rules: readonly RuleDraft[];
  readonly query_exposure: Located<QueryExposure> | null;
  /** `duties` itself, where it stands. */
  readonly duties_at: Located<null> | null;
  readonly duties: readonly DutyDraft[];
}

const BUNDLE_FIELDS = ["version", "groups", "protected_branches", "rules", "query_exposure", "duties"];
const RULE_FIELDS = ["id", "allow", "deny"];
const EFFECT_FIELDS = [
  "actors",
  "actions",
  "branch_scope",
  "target_branch_scope",
  "query_scope",
  "via",
  "change_scope",
  "auth",
  "lock_min_age_seconds",
];

/** Reads the whole file; reports every breach of its shape to `reader`. */
export function readDraft(reader: YamlReader, root: Slot): BundleDraft {
  const fields = reader.fields(root, "the policy bundle", BUNDLE_FIELDS, ["version"]);
  const version = fields?.get("version");
  if (version !== undefined) checkVersion(reader, version);
  const dutiesSlot = fields?.get("duties");
  return {
    groups: fields === null ? null : readGroups(reader, fields.get("groups")),
    protected_branches: readBranches(reader, fields?.get("protected_branches")),
    rules: readRules(reader, fields?.get("rules")),
    query_exposure: readWord(reader, fields?.get("query_exposure"), "query_exposure", QUERY_EXPOSURES),
    duties_at: dutiesSlot === undefined ? null : { ...dutiesSlot, value: null },
    duties: (dutiesSlot === undefined ? [] : (reader.items(dutiesSlot, "duties") ?? [])).map((item) =>
      readDuty(reader, item),
    ),
  };
}

/** Only the plain scalar `1` will do: quotes make it text, and other spellings are for no reader's benefit. */
function checkVersion(reader: YamlReader, slot: Slot): void {
  const plain = reader.plainText(slot);
  if (plain === "1") return;
  if (plain !== null && /^[+-]?(0[xob])?[0-9a-fA-F]+$/.test(plain) && /[0-9]/.test(plain)) {
    reader.report("policy_version", slot, `policy version must be 1, written as a plain 1, and is ${plain}`);
    return;
  }
  const found = plain === null ? "not a plain scalar" : `'${plain}'`;
  reader.report(
    "policy_shape",
    slot,
    `invalid type: version is ${found}, expected the number 1 without quotes`,
  );
}

function readGroups(reader: YamlReader, slot: Slot | undefined): readonly GroupDraft[] | null {
  if (slot === undefined) return [];
  const entries = reader.entries(slot, "groups");
  if (entries === null) return null;
  return entries.map(({ key, slot: members }) => ({
    name: key,
    members: readTexts(reader, members, `group '${key.value}'`),
  }));
}

function readBranches(reader: YamlReader, slot: Slot | undefined): readonly Located<string>[] {
  return slot === undefined ? [] : (readTexts(reader, slot, "protected_branches")?.value ?? []);
}

function readRules(reader: YamlReader, slot: Slot | undefined): readonly RuleDraft[] {
  if (slot === undefined) return [];
  return (reader.items(slot, "rules") ?? []).map((item) => readRule(reader, item));
}

function readRule(reader: YamlReader, slot: Slot): RuleDraft {
  const place: Located<null> = { ...slot, value: null };
  const fields = reader.fields(slot, `rule ${slot.path}`, RULE_FIELDS, ["id"]);
  const id = readField(reader, fields, "id", `the id of ${slot.path}`);
  const label = id === null ? `rule ${slot.path}` : `rule '${id.value}'`;
  const effect = fields?.has("deny") && !fields.has("allow") ? "deny" : "allow";
  const body = readEffect(reader, fields, effect, slot, label);
  const actorsSlot = body?.get("actors");
  const actors =
    actorsSlot === undefined
      ? null
      : reader.fields(actorsSlot, `the actors of ${label}`, ["group"], ["group"]);
  return {
    place,
    id,
    effect,
    both_effects: fields?.has("allow") === true && fields.has("deny"),
    group: readField(reader, actors, "group", `the group of ${label}`),
    actions: readWords(reader, body?.get("actions"), `the actions of ${label}`, POLICY_ACTIONS),
    branch_scope: readWord(reader, body?.get("branch_scope"), `the branch_scope of ${label}`, BRANCH_SCOPES),
    target_branch_scope: readWord(
      reader,
      body?.get("target_branch_scope"),
      `the target_branch_scope of ${label}`,
      BRANCH_SCOPES,
    ),
    query_scope: readQueryScope(reader, body?.get("query_scope"), label),
    via: readWord(reader, body?.get("via"), `the via of ${label}`, VIAS),
    change_scope: readChangeScope(reader, body?.get("change_scope"), label),
    auth: readAuth(reader, body?.get("auth"), label),
    lock_min_age_seconds: readCount(
      reader,
      body?.get("lock_min_age_seconds"),
      `the lock_min_age_seconds of ${label}`,
    ),
  };
}

function readEffect(
  reader: YamlReader,
  fields: Fields | null,
  effect: "allow" | "deny",
  slot: Slot,
  label: string,
): Fields | null {
  const body = fields?.get(effect);
  if (body !== undefined) {
    return reader.fields(body, `the ${effect} of ${label}`, EFFECT_FIELDS, ["actors", "actions"]);
  }
  if (fields !== null) reader.report("policy_shape", slot, `missing field 'allow' in rule ${slot.path}`);
  return null;
}

function readField(
  reader: YamlReader,
  fields: Fields | null,
  name: string,
  what: string,
): Located<string> | null {
  const slot = fields?.get(name);
  return slot === undefined ? null : reader.text(slot, what);
}
