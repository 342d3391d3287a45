/** Git facts that may be shown, and what of an address never is. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isGitCommit, isGitRef, shownRepository } from "../../lib/ledger/git-origin.ts";

describe("a commit", () => {
  test.each(["0123abc", "A".repeat(40), "f".repeat(64)])("may be %s", (text) => {
    expect(isGitCommit(text)).toBe(true);
  });
  test.each(["", "012345", "g".repeat(40), "f".repeat(65), "0123abc\n", "main"])("is not %j", (text) => {
    expect(isGitCommit(text)).toBe(false);
  });
});

describe("a ref", () => {
  test.each(["refs/heads/main", "ana@brain/été"])("may be %s", (text) => {
    expect(isGitRef(text)).toBe(true);
  });
  test.each(["", "a b", "a\u0007", "a\ud800", "r".repeat(1025)])("is not %j", (text) => {
    expect(isGitRef(text)).toBe(false);
  });
});

describe("the address of a repository", () => {
  test.each([
    ["https://github.com/acme/brain", "https://github.com/acme/brain"],
    ["https://github.com/acme/brain.git", "https://github.com/acme/brain.git"],
    [
      "https://dev.azure.com/acme/the%20brain/_git/brain",
      "https://dev.azure.com/acme/the%20brain/_git/brain",
    ],
    ["ssh://git.acme.example:2222/brain.git", "ssh://git.acme.example:2222/brain.git"],
    ["git@github.com:acme/brain.git", "github.com:acme/brain.git"],
    ["acme/brain", "acme/brain"],
    ["brain", "brain"],
  ])("%s is shown as %s", (text, shown) => {
    expect(shownRepository(text)).toBe(shown);
  });

  test.each([
    ["https://ana:s3cret@github.com/acme/brain", "https://github.com/acme/brain"],
    ["https://s3cret@github.com/acme/brain", "https://github.com/acme/brain"],
    ["https:///ana:s3cret@github.com/acme/brain", null],
    ["ssh://s3cret@github.com/acme/brain", "ssh://github.com/acme/brain"],
    ["git+ssh://ana:s3cret@github.com/acme/brain", "git+ssh://github.com/acme/brain"],
    ["s3cret@github.com:acme/brain", "github.com:acme/brain"],
    ["https://github.com/acme/brain?access_token=s3cret", "https://github.com/acme/brain"],
    ["https://github.com/acme/brain#s3cret", "https://github.com/acme/brain"],
    ["https://ana:s3/cret@github.com/acme/brain", null],
    ["https://ana:12/s3cret@github.com/acme/brain", null],
    ["https://ana%3As3cret%40github.com/acme/brain", null],
    ["https://proxy.example/https://ana:s3cret@github.com/acme/brain", null],
    ["https://proxy.example/ana%3As3cret%40github.com/acme", null],
    ["ana:s3cret@github.com/acme/brain", null],
    ["ana:s3cret@github.com:acme/brain", null],
    ["https://ana:s3cret@", null],
  ])("no secret of %s is shown (U2)", (text, shown) => {
    expect(shownRepository(text)).toBe(shown);
    expect(shownRepository(text) ?? "").not.toContain("s3cret");
  });

  test.each([
    "",
    "/srv/git/brain.git",
    "../brain",
    "C:/brain",
    "file:///srv/brain",
    "a b/c",
    "a".repeat(1025),
  ])("%j is none", (text) => {
    expect(shownRepository(text)).toBeNull();
  });

  it("never holds a user or a password, whatever they are (U2)", () => {
    const word = fc.stringMatching(/^[!-~]{1,12}$/);
    fc.assert(
      fc.property(word, word, (user, password) => {
        const mark = "zqzq";
        const shown = shownRepository(`https://${user}:${mark}${password}@git.example/acme/brain`);
        return shown === null || !shown.includes(mark);
      }),
    );
  });
});
