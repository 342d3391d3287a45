/**
 * TidyRule: one thing about the sources that a machine can decide.
 *
 * Guarantees: a finding names the file, the line and what to do instead. Every rule brings small trees in which it
 * must find something, and trees that it must leave alone, so that a rule that cannot fire fails the build itself.
 */
import type { SourceTree } from "./source-tree.ts";

export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** What is wrong, and what to do instead. */
  readonly message: string;
}

/** The files of a small tree, by path. */
export type PlantedFiles = Readonly<Record<string, string>>;

export interface Planted {
  readonly files: PlantedFiles;
  readonly path: string;
  readonly line: number;
  /** A part of the message that the rule must give there. */
  readonly says: string;
}

export interface TidyRule {
  /** A full sentence: the title of the test. */
  readonly guarantee: string;
  check(tree: SourceTree): readonly Finding[];
  readonly caught: readonly Planted[];
  readonly spared: readonly PlantedFiles[];
}

/** One finding as a line of text that terminals turn into a link. */
export function renderFinding(finding: Finding): string {
  return `${finding.path}:${finding.line}  ${finding.message}`;
}
