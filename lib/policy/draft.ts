/**
 * BundleDraft: what a policy file says, before anybody asked whether it makes sense (spec/policy 1.1).
 *
 * Guarantees: everything carries its place in the file. What could not be read is missing here and already reported,
 * so that the checks that follow speak only about what is there.
 */
import type { PolicyAction } from "./action.ts";
import { POLICY_ACTIONS, parseAction } from "./action.ts";
import type { BranchScope } from "./bundle.ts";
import { BRANCH_SCOPES } from "./bundle.ts";
import type { Fields, Located, Slot, YamlReader } from "./yaml-reader.ts";

export interface GroupDraft {
  readonly name: Located<string>;
  /** Null: could not be read. */
  readonly members: ListDraft<string> | null;
}

/** A list, and how many entries the file has in it, legible or not. */
export interface ListDraft<Value> extends Located<readonly Located<Value>[]> {
  readonly listed: number;
}

export interface RuleDraft {
  /** The rule itself: `rules[2]`. */
  readonly place: Located<null>;
  readonly id: Located<string> | null;
  readonly group: Located<string> | null;
  readonly actions: ListDraft<PolicyAction> | null;
  readonly branch_scope: Located<BranchScope> | null;
  readonly target_branch_scope: Located<BranchScope> | null;
}

export interface BundleDraft {
  /** Null: could not be read, so that no reference to a group can be judged. */
  readonly groups: readonly GroupDraft[] | null;
  readonly protected_branches: readonly Located<string>[];
  readonly rules: readonly RuleDraft[];
}

const BUNDLE_FIELDS = ["version", "groups", "protected_branches", "rules"];
const RULE_FIELDS = ["id", "allow"];
const ALLOW_FIELDS = ["actors", "actions", "branch_scope", "target_branch_scope"];

/** Reads the whole file; reports every breach of its shape to `reader`. */
export function readDraft(reader: YamlReader, root: Slot): BundleDraft {
  const fields = reader.fields(root, "the policy bundle", BUNDLE_FIELDS, ["version"]);
  const version = fields?.get("version");
  if (version !== undefined) checkVersion(reader, version);
  return {
    groups: fields === null ? null : readGroups(reader, fields.get("groups")),
    protected_branches: readBranches(reader, fields?.get("protected_branches")),
    rules: readRules(reader, fields?.get("rules")),
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

function readTexts(reader: YamlReader, slot: Slot, what: string): ListDraft<string> | null {
  const items = reader.items(slot, what);
  if (items === null) return null;
  const texts = items.map((item) => reader.text(item, `an entry of ${what}`)).filter((text) => text !== null);
  return { ...slot, value: texts, listed: items.length };
}

function readRules(reader: YamlReader, slot: Slot | undefined): readonly RuleDraft[] {
  if (slot === undefined) return [];
  return (reader.items(slot, "rules") ?? []).map((item) => readRule(reader, item));
}

function readRule(reader: YamlReader, slot: Slot): RuleDraft {
  const place: Located<null> = { ...slot, value: null };
  const fields = reader.fields(slot, `rule ${slot.path}`, RULE_FIELDS, RULE_FIELDS);
  const id = readField(reader, fields, "id", `the id of ${slot.path}`);
  const label = id === null ? `rule ${slot.path}` : `rule '${id.value}'`;
  const allowSlot = fields?.get("allow");
  const allow =
    allowSlot === undefined
      ? null
      : reader.fields(allowSlot, `the allow of ${label}`, ALLOW_FIELDS, ["actors", "actions"]);
  const actorsSlot = allow?.get("actors");
  const actors =
    actorsSlot === undefined
      ? null
      : reader.fields(actorsSlot, `the actors of ${label}`, ["group"], ["group"]);
  return {
    place,
    id,
    group: readField(reader, actors, "group", `the group of ${label}`),
    actions: readActions(reader, allow?.get("actions"), label),
    branch_scope: readScope(reader, allow?.get("branch_scope"), `the branch_scope of ${label}`),
    target_branch_scope: readScope(
      reader,
      allow?.get("target_branch_scope"),
      `the target_branch_scope of ${label}`,
    ),
  };
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

function readActions(
  reader: YamlReader,
  slot: Slot | undefined,
  label: string,
): ListDraft<PolicyAction> | null {
  if (slot === undefined) return null;
  const items = reader.items(slot, `the actions of ${label}`);
  if (items === null) return null;
  const actions: Located<PolicyAction>[] = [];
  for (const item of items) {
    const text = reader.text(item, `an action of ${label}`);
    if (text === null) continue;
    const action = parseAction(text.value);
    if (action !== null) actions.push({ ...text, value: action });
    else
      reader.report(
        "policy_shape",
        text,
        unknownVariant(text.value, `the actions of ${label}`, POLICY_ACTIONS),
      );
  }
  return { ...slot, value: actions, listed: items.length };
}

function readScope(reader: YamlReader, slot: Slot | undefined, what: string): Located<BranchScope> | null {
  const text = reader.optionalText(slot, what);
  if (text === null) return null;
  const scope = BRANCH_SCOPES.find((each) => each === text.value);
  if (scope !== undefined) return { ...text, value: scope };
  return reader.report("policy_shape", text, unknownVariant(text.value, what, BRANCH_SCOPES));
}

function unknownVariant(found: string, what: string, known: readonly string[]): string {
  return `unknown variant '${found}' in ${what}, expected one of ${known.map((each) => `'${each}'`).join(", ")}`;
}
