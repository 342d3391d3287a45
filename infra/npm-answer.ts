/** NpmAnswer: whether the registry that npm asks on this machine has a package in a version. */
import { spawnSync } from "node:child_process";
import { NPM_VIEW_MS } from "./limits.ts";

export type NpmAnswer =
  | { readonly tag: "has" }
  | { readonly tag: "lacks" }
  /** It did not say: no network, no permission, no registry. */
  | { readonly tag: "unknown"; readonly reason: string };

/** What a run of `npm view NAME@VERSION version` has come to. */
export interface NpmView {
  readonly stdout: string;
  readonly stderr: string;
}

export function askNpm(name: string, version: string): NpmAnswer {
  // Said here, because a configuration of npm may say otherwise.
  const format = ["--no-json", "--loglevel=error"];
  const { stdout, stderr, error } = spawnSync("npm", ["view", `${name}@${version}`, "version", ...format], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: NPM_VIEW_MS,
  });
  if (error !== undefined) return { tag: "unknown", reason: error.message };
  return npmAnswer({ stdout, stderr }, version);
}

/** Only E404 says that it is not there. */
export function npmAnswer({ stdout, stderr }: NpmView, version: string): NpmAnswer {
  if (stdout.trim() === version) return { tag: "has" };
  const lines = stderr.split("\n").flatMap((line) => /^npm (?:error|ERR!) (.*)$/.exec(line)?.[1] ?? []);
  const [first = "it said nothing", second = ""] = lines;
  if (first === "code E404") return { tag: "lacks" };
  return { tag: "unknown", reason: `${first} ${second}`.trim() };
}
