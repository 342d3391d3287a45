/** `graphform targets list | add | use | remove`: names for deployments. Nothing is asked of a deployment here. */
import { homedir } from "node:os";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { parseClusterName } from "../../lib/digest/ids.ts";
import {
  FOLDER_TARGET,
  isTargetName,
  type NamedTarget,
  readTargets,
  type Targets,
  targetsFile,
  writeTargets,
} from "../api/targets-file.ts";
import { apiUrl } from "../api/url.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { failure } from "./verb-failure.ts";

export interface AddedTarget {
  readonly api: string | undefined;
  readonly cluster: string | undefined;
  readonly auth: "iam" | "token" | undefined;
  readonly region: string | undefined;
  readonly token_env: string | undefined;
}

export function listTargets(context: CommandContext, file = targetsFile(homedir())): ExitCode {
  const read = readTargets(file);
  if (read.tag === "invalid") return failure(context, "targets list", read.diagnostics);
  return answer(context, read.targets, targetLines(read.targets));
}

export function addTarget(
  context: CommandContext,
  name: string,
  added: AddedTarget,
  file = targetsFile(homedir()),
): ExitCode {
  const problems = problemsOf(name, added);
  if (problems.length > 0) return failure(context, "targets add", problems);
  const { api = "", cluster, auth = "token", region, token_env } = added;
  const target: NamedTarget = {
    api: apiUrl(api) ?? api,
    ...(cluster === undefined ? {} : { cluster }),
    auth,
    ...(region === undefined ? {} : { region }),
    ...(token_env === undefined ? {} : { token_env }),
  };
  return change(context, "targets add", file, (targets) => ({
    ...targets,
    targets: { ...targets.targets, [name]: target },
  }));
}

export function useTarget(context: CommandContext, name: string, file = targetsFile(homedir())): ExitCode {
  return change(context, "targets use", file, (targets) =>
    name === FOLDER_TARGET || name in targets.targets ? { ...targets, use: name } : unknownTarget(name),
  );
}

export function removeTarget(context: CommandContext, name: string, file = targetsFile(homedir())): ExitCode {
  return change(context, "targets remove", file, (targets) => {
    if (!(name in targets.targets)) return unknownTarget(name);
    const { [name]: _removed, ...rest } = targets.targets;
    return { ...targets, use: targets.use === name ? FOLDER_TARGET : targets.use, targets: rest };
  });
}

function problemsOf(name: string, { api, cluster }: AddedTarget): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (!isTargetName(name)) {
    const fix = `Use lower-case letters, digits and hyphens; "${FOLDER_TARGET}" means the config folder.`;
    problems.push(
      diagnostic("target_not_named", { path: name, message: `"${name}" cannot name a target.`, fix }),
    );
  }
  if (api === undefined || apiUrl(api) === null) {
    const message =
      api === undefined ? "--api is missing." : `"${api}" is no URL of an API that can be used.`;
    problems.push(diagnostic("deployment_url_invalid", { path: "--api", message }));
  }
  if (cluster !== undefined && parseClusterName(cluster) === null) {
    const message = `"${cluster}" is not the name of a cluster.`;
    problems.push(diagnostic("deployment_cluster_unnamed", { path: "--cluster", message }));
  }
  return problems;
}

function unknownTarget(name: string): Diagnostic {
  return diagnostic("target_not_named", { path: name, message: `There is no target "${name}".` });
}

function change(
  context: CommandContext,
  verb: string,
  file: string,
  changed: (targets: Targets) => Targets | Diagnostic,
): ExitCode {
  const read = readTargets(file);
  if (read.tag === "invalid") return failure(context, verb, read.diagnostics);
  const next = changed(read.targets);
  if ("code" in next) return failure(context, verb, [next]);
  const unwritten = writeTargets(file, next);
  if (unwritten !== null) return failure(context, verb, [unwritten]);
  return answer(context, next, targetLines(next));
}

function answer(context: CommandContext, targets: Targets, lines: readonly string[]): ExitCode {
  if (context.json) printJson(context, { ok: true, ...targets, diagnostics: [] });
  else printLines(context, lines);
  return 0;
}

function targetLines({ targets, use }: Targets): readonly string[] {
  const line = (name: string, what: string) => `${name === use ? "*" : " "} ${name.padEnd(12)} ${what}`;
  const named = Object.entries(targets).map(([name, { api, cluster, auth }]) =>
    line(name, `${api} (${auth}${cluster === undefined ? "" : `, cluster ${cluster}`})`),
  );
  return [line(FOLDER_TARGET, "the cluster of the config folder"), ...named];
}
