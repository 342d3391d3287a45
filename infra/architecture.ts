/**
 * Architecture: what the functions run on. arm64 costs a fifth less; Lance is native, and not every registry has every
 * build of it. So where the inputs do not say, npm is asked for the build for arm64 of the version of our lock file.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Inputs } from "./inputs.ts";

export type Architecture = "arm64" | "x86_64";

/** Inputs of which nothing is left open. */
export type SettledInputs = Omit<Inputs, "architecture"> & { readonly architecture: Architecture };

const LANCE = "@lancedb/lancedb";

/** The package that holds Lance for Linux on `architecture`, with the version of ours. */
export function lanceBuild(architecture: Architecture): { readonly name: string; readonly version: string } {
  const file = fileURLToPath(new URL("../package.json", import.meta.url));
  const { dependencies } = JSON.parse(readFileSync(file, "utf8"));
  return {
    name: `${LANCE}-linux-${architecture === "arm64" ? "arm64" : "x64"}-gnu`,
    version: dependencies[LANCE],
  };
}

/** Does the registry that npm asks on this machine have it? No answer is no. */
export function npmHas(name: string, version: string): boolean {
  try {
    const asked = ["view", `${name}@${version}`, "version"];
    const answer = execFileSync("npm", asked, { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" });
    return answer.trim() === version;
  } catch {
    return false;
  }
}

export interface SettledArchitecture {
  readonly inputs: SettledInputs;
  /** What whoever deploys should know; null: nothing. */
  readonly note: string | null;
}

/** `lance`: a stand-in asks nobody, so that the stack can be looked at without the network. */
export function settleArchitecture(
  inputs: Inputs,
  lance: "install" | "stand-in",
  has: typeof npmHas = npmHas,
): SettledArchitecture {
  if (inputs.architecture !== null)
    return { inputs: { ...inputs, architecture: inputs.architecture }, note: null };
  const { name, version } = lanceBuild("arm64");
  if (lance === "stand-in" || has(name, version))
    return { inputs: { ...inputs, architecture: "arm64" }, note: null };
  const note = `The functions run on x86_64: npm has no ${name} ${version} here. Say "architecture" in the inputs to choose.`;
  return { inputs: { ...inputs, architecture: "x86_64" }, note };
}
