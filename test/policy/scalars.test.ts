/** What a scalar of a policy file means (spec/policy 1.4), and the limits of a file (5.9). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { POLICY_NAMES_MAX, POLICY_RULES_MAX } from "../../lib/policy/limits.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";

function bundleOf(text: string) {
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  return parsed.bundle;
}

function codesOf(text: string) {
  const parsed = parsePolicy(text, "p.yaml");
  return parsed.tag === "invalid" ? parsed.diagnostics.map((each) => each.code) : [];
}

test("an actor id keeps its raw text, whatever YAML would make of it", () => {
  const { groups } = bundleOf(
    "version: 1\ngroups:\n  g: [012345678901, true, 0x1F, 1.10, ~, null, 2024-01-01, no, ' padded ']",
  );

  expect(groups[0]?.members).toEqual([
    "012345678901",
    "true",
    "0x1F",
    "1.10",
    "~",
    "null",
    "2024-01-01",
    "no",
    " padded ",
  ]);
});

test("a group name, a branch and a rule id keep their raw text too", () => {
  const bundle = bundleOf(
    "version: 1\ngroups: {007: [a]}\nprotected_branches: [1.0]\nrules:\n  - id: 0x2\n    allow: {actors: {group: 007}, actions: [read]}",
  );

  expect(bundle.groups[0]?.name).toBe("007");
  expect(bundle.protected_branches).toEqual(["1.0"]);
  expect(bundle.rules[0]).toMatchObject({ id: "0x2", group: "007" });
});

test.each(['"1"', "'1'", "1.0", "one", "", "[1]", "|\n  1"])(
  "the version %j is not the plain number that is asked for",
  (version) => {
    expect(codesOf(`version: ${version}\n`)).toEqual(["policy_shape"]);
  },
);

test.each(["+1", "0x1", "0o1", "0b1", "01", "0", "2", "-1"])(
  "the version %s is refused although it is a number",
  (version) => {
    expect(codesOf(`version: ${version}\n`)).toEqual(["policy_version"]);
  },
);

test("a key with nothing after it is an empty collection", () => {
  expect(bundleOf("version: 1\ngroups:\nprotected_branches:\nrules:\n")).toEqual({
    version: 1,
    groups: [],
    protected_branches: [],
    rules: [],
    query_exposure: "read_gated",
    duties: [],
  });
});

test.each(["groups: ~", "groups: null", "rules: ~", "protected_branches: null", 'groups: ""'])(
  "%j is not an empty collection",
  (line) => {
    expect(codesOf(`version: 1\n${line}\n`)).toEqual(["policy_shape"]);
  },
);

test.each(["", "~", "null"])("an optional scope of %j is absent", (scope) => {
  const { rules } = bundleOf(
    `version: 1\ngroups: {g: [a]}\nrules:\n  - id: r\n    allow:\n      branch_scope: ${scope}\n      actors: {group: g}\n      actions: [admin]`,
  );

  expect(rules[0]?.branch_scope).toBeNull();
});

test.each(['""', "'null'", "'~'"])("a quoted scope of %s is not absent", (scope) => {
  expect(
    codesOf(
      `version: 1\ngroups: {g: [a]}\nrules:\n  - id: r\n    allow: {branch_scope: ${scope}, actors: {group: g}, actions: [read]}`,
    ),
  ).toEqual(["policy_shape"]);
});

test("an alias means what it names, and a later anchor of the same name replaces an earlier one", () => {
  const { groups } = bundleOf("version: 1\ngroups:\n  a: &x [ada]\n  b: *x\n  c: &x [bob]\n  d: *x\n");

  expect(groups.map((group) => group.members)).toEqual([["ada"], ["ada"], ["bob"], ["bob"]]);
});

test("an alias inside the value that it names does not loop", () => {
  expect(codesOf("version: 1\ngroups:\n  a: &x [ada, *x]\n")).toEqual(["policy_shape"]);
});

test.each(["", "# nothing\n", "---\n"])("the empty document %j lacks its version", (text) => {
  expect(parsePolicy(text, "p.yaml")).toMatchObject({
    tag: "invalid",
    diagnostics: [{ code: "policy_shape", message: expect.stringContaining("missing field 'version'") }],
  });
});

test.each(['"a\\tb"', '"\\u202eb"', '"\\ud800"', "|\n    a\n"])(
  "a name that holds a character nobody can see, like %s, is refused",
  (name) => {
    expect(codesOf(`version: 1\ngroups:\n  g:\n  - ${name}`)).toEqual(["policy_shape"]);
  },
);

test("a bundle without rules is legal", () => {
  expect(bundleOf("version: 1\nrules: []\n").rules).toEqual([]);
});

test("a directive cannot bring back the types of YAML 1.1", () => {
  expect(bundleOf("%YAML 1.1\n---\nversion: 1\ngroups: {g: [yes, 0777]}").groups[0]?.members).toEqual([
    "yes",
    "0777",
  ]);
});

test("a file that is too large, too deep or too rich is refused before it is parsed", () => {
  expect(codesOf(`version: 1\n#${" ".repeat(300_000)}`)).toEqual(["policy_limit_exceeded"]);
  expect(codesOf("[".repeat(1_000))).toEqual(["policy_limit_exceeded"]);
  expect(codesOf("[".repeat(1_000))).toEqual(["policy_limit_exceeded"]);
  expect(codesOf(`version: 1\ngroups: [${",".repeat(200_000)}]`)).toEqual(["policy_limit_exceeded"]);
});

test("a bundle has as many rules and names as its limits allow, and no more", () => {
  const rule = (index: number) => `\n  - {id: r${index}, allow: {actors: {group: g}, actions: [read]}}`;
  const withRules = (count: number) =>
    `version: 1\ngroups: {g: [a]}\nrules:${Array.from({ length: count }, (_, index) => rule(index)).join("")}`;
  const withNames = (count: number) =>
    `version: 1\ngroups: {g: [${Array.from({ length: count - 1 }, (_, index) => `a${index}`).join(", ")}]}`;

  expect(codesOf(withRules(POLICY_RULES_MAX))).toEqual([]);
  expect(codesOf(withRules(POLICY_RULES_MAX + 1))).toEqual(["policy_limit_exceeded"]);
  expect(codesOf(withNames(POLICY_NAMES_MAX))).toEqual([]);
  expect(codesOf(withNames(POLICY_NAMES_MAX + 1))).toContain("policy_limit_exceeded");
});

test("aliases that repeat a large value without end are cut off", () => {
  const members = Array.from({ length: 1_000 }, () => "x").join(", ");
  const aliases = Array.from({ length: 1_000 }, (_, index) => `  g${index}: *x`).join("\n");

  expect(codesOf(`version: 1\ngroups:\n  g: &x [${members}]\n${aliases}`)).toContain("policy_limit_exceeded");
});

test("whatever text comes in, parsing ends with a bundle or with errors", () => {
  const piece = fc.constantFrom(
    "version: 1",
    "groups:",
    "rules:",
    "  - id: a",
    "allow:",
    "actors: {group: g}",
    "actions: [read]",
    "\n",
    "  ",
    "- ",
    ": ",
    "[",
    "{",
    "}",
    "]",
    "&x ",
    "*x",
    "!!int ",
    '"',
    "~",
    "#",
    "|",
    "---",
    "\u0000",
    "\ufeff",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const parsed = parsePolicy(pieces.join(""), "p.yaml");
      if (parsed.tag === "invalid")
        expect(parsed.diagnostics.some((each) => each.severity === "error")).toBe(true);
      for (const each of parsed.tag === "invalid" ? parsed.diagnostics : parsed.warnings) {
        expect(each.source).toMatchObject({ file: "p.yaml" });
      }
    }),
    { numRuns: 2_000 },
  );
});

test("every name that YAML can write comes back unchanged", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => text.trim() !== "" && !/[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/u.test(text));
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
      const text = stringify({
        version: 1,
        groups: Object.fromEntries(names.map((each) => [each, names])),
        protected_branches: names,
      });
      const bundle = bundleOf(text);
      expect(new Set(bundle.groups.map((group) => group.name))).toEqual(new Set(names));
      for (const group of bundle.groups) expect(group.members).toEqual(names);
      expect(bundle.protected_branches).toEqual(names);
    }),
    { numRuns: 300 },
  );
});
