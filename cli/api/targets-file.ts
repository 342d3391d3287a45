/**
 * Named targets, `~/.graphform/config.yaml`: deployments by a short name, and which one is used when a command names
 * none. It holds no secret, only the name of the variable that does.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { parseClusterName } from "../../lib/digest/ids.ts";
import { fileReason, unwritableFile } from "../verbs/file-problem.ts";
import { apiUrl } from "./url.ts";

export const TARGETS_FORMAT_VERSION = 1;
/** The name that means no deployment: the cluster of the config folder. */
export const FOLDER_TARGET = "folder";
export const DEFAULT_TOKEN_ENV = "GRAPHFORM_TOKEN";
const TARGETS_MAX = 200;

const target = z.strictObject({
  api: z.string().refine((text) => apiUrl(text) !== null, "is not a URL that can be used"),
  cluster: z
    .string()
    .refine((text) => parseClusterName(text) !== null, "is not the name of a cluster")
    .optional(),
  auth: z.enum(["iam", "token"]).default("token"),
  region: z.string().min(1).optional(),
  token_env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable")
    .optional(),
});

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "is not a name: lower-case letters, digits, hyphens");

const shape = z.strictObject({
  format_version: z.literal(TARGETS_FORMAT_VERSION),
  /** The target of a command that names none; `folder`: none. */
  use: z.string().default(FOLDER_TARGET),
  targets: z.record(name, target).default({}),
});

export type NamedTarget = z.output<typeof target>;
export type Targets = z.output<typeof shape>;

export type TargetsRead =
  | { readonly tag: "targets"; readonly targets: Targets }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const NO_TARGETS: Targets = { format_version: TARGETS_FORMAT_VERSION, use: FOLDER_TARGET, targets: {} };

export function targetsFile(home: string): string {
  return join(home, ".graphform", "config.yaml");
}

export function isTargetName(text: string): boolean {
  return text !== FOLDER_TARGET && name.safeParse(text).success;
}

/** The targets of this user; none where there is no file. */
export function readTargets(file: string): TargetsRead {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return { tag: "targets", targets: NO_TARGETS };
    return invalid(file, fileReason(error));
  }
  return decodeTargets(file, text);
}

export function decodeTargets(file: string, text: string): TargetsRead {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    return invalid(file, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  const parsed = shape.safeParse(document ?? NO_TARGETS);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return invalid(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is not valid"}`);
  }
  const { use, targets } = parsed.data;
  if (Object.keys(targets).length > TARGETS_MAX)
    return invalid(file, `it names more than ${TARGETS_MAX} targets`);
  if (FOLDER_TARGET in targets) return invalid(file, `"${FOLDER_TARGET}" means the config folder`);
  if (use !== FOLDER_TARGET && !(use in targets)) return invalid(file, `use: there is no target "${use}"`);
  return { tag: "targets", targets: parsed.data };
}

export function encodeTargets(targets: Targets): string {
  return `# Deployments that graphform can be asked by name. No secrets: token_env names the variable that holds one.\n${stringify(targets)}`;
}

/** Null once the file is written; whoever reads it sees the old or the new one. */
export function writeTargets(file: string, targets: Targets): Diagnostic | null {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const staged = `${file}.${process.pid}`;
    writeFileSync(staged, encodeTargets(targets), { mode: 0o600 });
    renameSync(staged, file);
    return null;
  } catch (error) {
    return unwritableFile(file, "The targets", error);
  }
}

function invalid(file: string, problem: string): TargetsRead {
  // What a parser says may end in a colon before the line that it shows.
  const message = `The targets cannot be used: ${problem.replace(/[.:]+$/, "")}.`;
  return { tag: "invalid", diagnostics: [diagnostic("targets_file_invalid", { path: file, message })] };
}
