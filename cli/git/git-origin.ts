/**
 * Where a config folder comes from, for the record: what the command was told, else what the build system says, else the
 * checkout that the folder is in. It is shown and never trusted, and finding nothing stops no command.
 */
import { fitGitOrigin } from "../../lib/ledger/git-origin.ts";
import type { GitOrigin } from "../../lib/ledger/receipt.ts";
import { readCheckout } from "./checkout.ts";

/** What the command was told, each checked already. */
export interface GitFlags {
  readonly commit?: string | undefined;
  readonly ref?: string | undefined;
  readonly repository?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who names a commit names all of it; a ref or a repository alone replaces what would be found. */
export function gitOriginOf(folder: string, flags: GitFlags, environment: Environment): GitOrigin | null {
  const { commit, ref, repository } = flags;
  if (commit !== undefined) return { commit, ref: ref ?? null, repository: repository ?? null };
  const found = fromGitHub(environment) ?? fromGitLab(environment) ?? readCheckout(folder);
  if (found === null) return null;
  return {
    commit: found.commit,
    ref: ref ?? found.ref,
    repository: repository ?? found.repository,
  };
}

function fromGitHub(environment: Environment): GitOrigin | null {
  const { GITHUB_SHA, GITHUB_REF, GITHUB_SERVER_URL, GITHUB_REPOSITORY } = environment;
  const server = GITHUB_SERVER_URL === undefined ? "" : `${GITHUB_SERVER_URL}/`;
  const repository = GITHUB_REPOSITORY && `${server}${GITHUB_REPOSITORY}`;
  return fitGitOrigin({ commit: GITHUB_SHA, ref: GITHUB_REF, repository }).git;
}

/** Never `CI_REPOSITORY_URL`: it holds the token of the job. */
function fromGitLab(environment: Environment): GitOrigin | null {
  const { CI_COMMIT_SHA, CI_COMMIT_BRANCH, CI_COMMIT_TAG, CI_COMMIT_REF_NAME, CI_PROJECT_URL } = environment;
  const branch = CI_COMMIT_BRANCH && `refs/heads/${CI_COMMIT_BRANCH}`;
  const tag = CI_COMMIT_TAG && `refs/tags/${CI_COMMIT_TAG}`;
  const ref = branch || tag || CI_COMMIT_REF_NAME;
  return fitGitOrigin({ commit: CI_COMMIT_SHA, ref, repository: CI_PROJECT_URL }).git;
}
