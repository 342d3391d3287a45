/** Where a config folder is said to come from: flags, the build system, the checkout, in this order. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckout } from "../../cli/git/checkout.ts";
import { gitOriginOf } from "../../cli/git/git-origin.ts";
import { forgetFolders, newFolder } from "./command.ts";

const [SHA, OTHER] = ["0123456789abcdef0123456789abcdef01234567", "f".repeat(40)];
afterAll(forgetFolders);

function git(folder: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

function repository(): string {
  const folder = newFolder();
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "remote", "add", "origin", "https://ana:s3cret@git.example/acme/brain.git");
  git(folder, "commit", "--quiet", "--allow-empty", "-m", "first");
  mkdirSync(join(folder, "cluster", "schemas"), { recursive: true });
  return folder;
}

describe("A checkout", () => {
  it("says its commit, branch and origin to the folders in it, and no password (U2)", () => {
    const folder = repository();
    const commit = git(folder, "rev-parse", "HEAD");
    const found = {
      commit,
      ref: "refs/heads/main",
      repository: "git.example/acme/brain.git",
    };
    expect(readCheckout(join(folder, "cluster"))).toEqual(found);
    git(folder, "pack-refs", "--all");
    expect(readCheckout(folder)).toEqual(found);
    git(folder, "checkout", "--quiet", "--detach");
    expect(readCheckout(folder)).toEqual({ ...found, ref: null });
  });

  it("is found through the worktrees of a repository", () => {
    const folder = repository();
    const tree = join(newFolder(), "tree");
    git(folder, "worktree", "add", "--quiet", "-b", "topic/a", tree);
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "second");
    expect(readCheckout(tree)).toEqual({
      commit: git(tree, "rev-parse", "HEAD"),
      ref: "refs/heads/topic/a",
      repository: "git.example/acme/brain.git",
    });
  });

  it("without a commit, a remote or a readable HEAD says only what it knows", () => {
    const empty = newFolder();
    git(empty, "init", "--quiet");
    expect(readCheckout(empty)).toBeNull();
    git(empty, "commit", "--quiet", "--allow-empty", "-m", "first");
    expect(readCheckout(empty)).toMatchObject({ repository: null });
    for (const head of [
      "ref: refs/../../secret",
      "ref: HEAD",
      "nonsense",
      "",
      `ref: refs/heads/${"x".repeat(2000)}`,
    ]) {
      writeFileSync(join(empty, ".git", "HEAD"), head);
      expect(readCheckout(empty)).toBeNull();
    }
    expect(readCheckout(join(empty, "nowhere", "at", "all"))).toBeNull();
  });

  it("that is broken or made to harm stops nothing", () => {
    const looped = newFolder();
    mkdirSync(join(looped, ".git"));
    symlinkSync("HEAD", join(looped, ".git", "HEAD"));
    expect(readCheckout(looped)).toBeNull();
    const dangling = newFolder();
    writeFileSync(join(dangling, ".git"), "gitdir: /nowhere\n");
    expect(readCheckout(dangling)).toBeNull();
    const huge = newFolder();
    mkdirSync(join(huge, ".git"));
    writeFileSync(join(huge, ".git", "HEAD"), `${SHA}${" ".repeat(2 * 1024 * 1024)}`);
    expect(readCheckout(huge)).toBeNull();
  });

  it("is read and never changed or run: a setting that names a program is not obeyed", () => {
    const folder = repository();
    const mark = join(folder, "ran");
    git(folder, "config", "core.fsmonitor", `touch '${mark}'`);
    expect(readCheckout(folder)).not.toBeNull();
    expect(() => readFileSync(mark)).toThrow();
  });
});

describe("The origin of a config", () => {
  const github = {
    GITHUB_SHA: SHA,
    GITHUB_REF: "refs/pull/7/merge",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "acme/brain",
  };
  const gitlab = {
    CI_COMMIT_SHA: SHA,
    CI_COMMIT_BRANCH: "main",
    CI_PROJECT_URL: "https://gitlab.example/acme/brain",
    CI_REPOSITORY_URL: "https://gitlab-ci-token:s3cret@gitlab.example/acme/brain.git",
  };

  it("is what the build system says, before the checkout", () => {
    const folder = repository();
    expect(gitOriginOf(folder, {}, github)).toEqual({
      commit: SHA,
      ref: "refs/pull/7/merge",
      repository: "github.com/acme/brain",
    });
    expect(gitOriginOf(folder, {}, gitlab)).toEqual({
      commit: SHA,
      ref: "refs/heads/main",
      repository: "gitlab.example/acme/brain",
    });
    const tagged = { ...gitlab, CI_COMMIT_BRANCH: undefined, CI_COMMIT_TAG: "v1" };
    expect(gitOriginOf(folder, {}, tagged)?.ref).toBe("refs/tags/v1");
    const merge = { ...gitlab, CI_COMMIT_BRANCH: undefined, CI_COMMIT_REF_NAME: "topic" };
    expect(gitOriginOf(folder, {}, merge)?.ref).toBe("topic");
    expect(gitOriginOf(folder, {}, {})?.commit).toBe(git(folder, "rev-parse", "HEAD"));
  });

  it("is what the command was told, before all else; with a commit, nothing else is added to it", () => {
    expect(gitOriginOf(newFolder(), { commit: OTHER }, github)).toEqual({
      commit: OTHER,
      ref: null,
      repository: null,
    });
    expect(gitOriginOf(newFolder(), { ref: "refs/heads/x" }, github)).toMatchObject({
      commit: SHA,
      ref: "refs/heads/x",
    });
    expect(gitOriginOf(newFolder(), { repository: "acme/x" }, github)).toMatchObject({
      commit: SHA,
      repository: "acme/x",
    });
    expect(gitOriginOf(newFolder(), { ref: "refs/heads/x" }, {})).toBeNull();
  });

  it("leaves out what a variable cannot mean", () => {
    const odd = { ...github, GITHUB_REF: "a b", GITHUB_SERVER_URL: "https://ana:s3cret@github.com" };
    expect(gitOriginOf(newFolder(), {}, odd)).toEqual({
      commit: SHA,
      ref: null,
      repository: "github.com/acme/brain",
    });
    expect(gitOriginOf(newFolder(), {}, { ...github, GITHUB_SHA: "" })).toBeNull();
  });
});
