/** The tokens of a server on somebody's own machine. */
import { expect, test } from "vitest";
import {
  decodeLocalTokens,
  encodeLocalTokens,
  identifyToken,
  localToken,
} from "../../lib/access/local-tokens.ts";

const TOKENS = [localToken("laptop", "ana", "secret-1"), localToken("ci", "robot", "secret-2")];

test("A token names its caller, and nobody else's token or spelling of it does", () => {
  expect(identifyToken("Bearer secret-2", TOKENS)).toEqual({
    actor: "robot",
    source: "local",
    canonical: "local:ci",
    session: null,
    amr: [],
    claim_groups: [],
  });
  for (const header of [
    null,
    "",
    "secret-2",
    "Basic secret-2",
    "Bearer secret-3",
    "Bearer secret-2 x",
    "Bearer ",
  ]) {
    expect(identifyToken(header, TOKENS)).toBeNull();
  }
});

test("A token that two entries share names nobody, because it cannot say which", () => {
  const shared = [localToken("a", "ana", "same"), localToken("b", "bob", "same")];
  expect(identifyToken("Bearer same", shared)).toBeNull();
});

test("The file of tokens keeps its format and holds no token", () => {
  const text = Buffer.from(encodeLocalTokens(TOKENS)).toString("utf8");
  expect(text).not.toContain("secret");
  expect(text).toBe(`{
  "format_version": 1,
  "tokens": [
    {
      "name": "laptop",
      "actor": "ana",
      "token_sha256": "f7e7c36e458e80e6b6a2c67d0a9ec09bd718dadd7bfa8d6bf6e7ad526e46c2f7"
    },
    {
      "name": "ci",
      "actor": "robot",
      "token_sha256": "f4b6bb6548129dacf11c1a9c4dffffefd4aa6b21fcf4e9754cc03b731cbe7c25"
    }
  ]
}
`);
  expect(decodeLocalTokens(encodeLocalTokens(TOKENS))).toEqual({ tag: "decoded", tokens: TOKENS });
});

test.each([
  ["is of another version", '{"format_version":2,"tokens":[]}'],
  ["knows another field", '{"format_version":1,"tokens":[],"admin":true}'],
  ["has one name twice", Buffer.from(encodeLocalTokens([TOKENS[0]!, TOKENS[0]!])).toString("utf8")],
  ["is no JSON", "tokens"],
])("A file of tokens that %s is not read", (_, text) => {
  expect(decodeLocalTokens(Buffer.from(text, "utf8")).tag).toBe("invalid");
});
