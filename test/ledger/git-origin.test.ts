/** Git facts that may be shown, and what of an address never is. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { fitGitOrigin, isGitCommit, isGitRef, shownRepository } from "../../lib/ledger/git-origin.ts";

describe("a commit", () => {
  test.each(["0123456789abcdef0123456789abcdef01234567", "A".repeat(40), "f".repeat(64)])(
    "may be %s",
    (text) => {
      expect(isGitCommit(text)).toBe(true);
    },
  );
  test.each([
    ...["", "0123abc", "f".repeat(39), "f".repeat(41), "f".repeat(63), "f".repeat(65)],
    ...["g".repeat(40), `${"f".repeat(40)}\n`, "main", `ghp_${"f".repeat(36)}`],
  ])("is not %j", (text) => {
    expect(isGitCommit(text)).toBe(false);
  });
});

describe("a ref", () => {
  test.each([
    ...["refs/heads/main", "main", "ana@brain/été", "refs/pull/7/merge", "v1.2.0", "a.b/c-d_e"],
    ...["topic/@", "#12", "feature/{a}", "a.locks"],
  ])("may be %s", (text) => {
    expect(isGitRef(text)).toBe(true);
  });
  test.each([
    ...["", "a b", "a\u0007", "a\u007f", "a\ud800", "r".repeat(1025)],
    ...["@", "a@{1}", "a..b", "/a", "a/", "a//b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "-a"],
    ...["a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b"],
    ...[`heads/ghp_${"a".repeat(36)}`, "glpat-abc"],
  ])("is not %j", (text) => {
    expect(isGitRef(text)).toBe(false);
  });
});

describe("the address of a repository", () => {
  test.each([
    ["https://github.com/acme/brain", "github.com/acme/brain"],
    ["https://github.com/acme/brain.git", "github.com/acme/brain.git"],
    ["http://github.com/acme/brain/", "github.com/acme/brain"],
    ["github.com/acme/brain", "github.com/acme/brain"],
    ["git.acme.example:2222/brain", "git.acme.example:2222/brain"],
    ["https://dev.azure.com/acme/the%20brain/_git/brain", "dev.azure.com/acme/the%20brain/_git/brain"],
    ["ssh://git.acme.example:2222/brain.git", "git.acme.example:2222/brain.git"],
    ["git@github.com:acme/brain.git", "github.com/acme/brain.git"],
    ["acme/brain", "acme/brain"],
    ["acme/.github", "acme/.github"],
    ["group/below/brain", "group/below/brain"],
  ])("%s is shown as %s", (text, shown) => {
    expect(shownRepository(text)).toBe(shown);
    expect(shownRepository(shown)).toBe(shown);
  });

  test.each([
    ["https://ana:s3cret@github.com/acme/brain", "github.com/acme/brain"],
    ["https://s3cret@github.com/acme/brain", "github.com/acme/brain"],
    ["https:///ana:s3cret@github.com/acme/brain", null],
    ["ssh://s3cret@github.com/acme/brain", "github.com/acme/brain"],
    ["git+ssh://ana:s3cret@github.com/acme/brain", "github.com/acme/brain"],
    ["s3cret@github.com:acme/brain", "github.com/acme/brain"],
    ["https://github.com/acme/brain?access_token=s3cret", "github.com/acme/brain"],
    ["https://github.com/acme/brain#s3cret", "github.com/acme/brain"],
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
    "brain",
    "https://github.com",
    "acme/../brain",
    "acme/./brain",
    "acme//brain",
    "acme/brain?a=b",
    "acme/brain@main",
    `acme/ghp_${"a".repeat(36)}`,
    `https://github.com/acme/github_pat_${"a".repeat(20)}`,
    "https://gitlab.example/glpat-abcdefgh/brain",
    "xoxb-123-abc/brain",
    "ghs_abc.example/acme/brain",
    "a".repeat(1025),
  ])("%j is none", (text) => {
    expect(shownRepository(text)).toBeNull();
  });

  it("is what was shown once, shown again", () => {
    const part = fc.stringMatching(/^[!-~]{1,12}$/);
    const scheme = fc.constantFrom("", "https://", "ssh://", "git@", "ana:x@");
    const sign = fc.constantFrom("/", ":", ":22/", "%20");
    fc.assert(
      fc.property(scheme, part, sign, part, (start, host, middle, path) => {
        const shown = shownRepository(`${start}${host}${middle}${path}`);
        return shown === null || shownRepository(shown) === shown;
      }),
    );
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

describe("what is said of where a config came from", () => {
  const commit = "f".repeat(40);
  test("is shown as far as it fits, and the rest is named", () => {
    const said = { commit, ref: "a..b", repository: "https://ana:s3cret@git.example/acme/brain?x" };
    expect(fitGitOrigin(said)).toEqual({
      git: { commit, ref: null, repository: "git.example/acme/brain" },
      left_out: ["ref"],
    });
    expect(fitGitOrigin({ commit, ref: "", repository: null })).toEqual({
      git: { commit, ref: null, repository: null },
      left_out: [],
    });
  });

  test("is nothing without a whole commit, whatever else is said", () => {
    const said = { ref: "refs/heads/main", repository: "acme/brain" };
    expect(fitGitOrigin({ ...said, commit: "0123abc" })).toEqual({
      git: null,
      left_out: ["commit", "ref", "repository"],
    });
    expect(fitGitOrigin(said)).toEqual({ git: null, left_out: ["ref", "repository"] });
    expect(fitGitOrigin({})).toEqual({ git: null, left_out: [] });
  });
});
