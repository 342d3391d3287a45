/**
 * Architecture: what the functions run on. arm64 costs a fifth less; Lance is native, and not every registry has every
 * build of it. So where the inputs do not say, npm is asked for the build for arm64 of the version of our lock file. If
 * npm does not answer, nothing is chosen: a running deployment would get another processor because a network was away.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assertNever } from "../lib/digest/assert.ts";
import type { Inputs } from "./inputs.ts";
import { askNpm } from "./npm-answer.ts";

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

export type ArchitectureSettling =
  | {
      readonly tag: "settled";
      readonly inputs: SettledInputs;
      /** What whoever deploys should know; null: nothing. */
      readonly note: string | null;
    }
  | { readonly tag: "unknown"; readonly problem: string };

/** `lance`: a stand-in asks nobody, so that the stack can be looked at without the network. */
export function settleArchitecture(
  inputs: Inputs,
  lance: "install" | "stand-in",
  ask: typeof askNpm = askNpm,
): ArchitectureSettling {
  if (inputs.architecture !== null) return settled(inputs, inputs.architecture, null);
  if (lance === "stand-in") return settled(inputs, "arm64", null);
  const { name, version } = lanceBuild("arm64");
  const answer = ask(name, version);
  const write = (architecture: Architecture) =>
    `Once it is deployed, write "architecture": "${architecture}" into the inputs, so that no later deployment chooses anew.`;
  switch (answer.tag) {
    case "has":
      return settled(inputs, "arm64", `The functions run on arm64. ${write("arm64")}`);
    case "lacks": {
      const note = `The functions run on x86_64: npm has no ${name} ${version} here. ${write("x86_64")}`;
      return settled(inputs, "x86_64", note);
    }
    case "unknown": {
      const problem = `architecture: npm did not say whether it has ${name} ${version} (${answer.reason}), so it is not known what the functions can run on. Try again, or write "architecture": "arm64" or "x86_64" into the inputs: that of the functions, if they are deployed already.`;
      return { tag: "unknown", problem };
    }
    default:
      return assertNever(answer);
  }
}

function settled(inputs: Inputs, architecture: Architecture, note: string | null): ArchitectureSettling {
  return { tag: "settled", inputs: { ...inputs, architecture }, note };
}
