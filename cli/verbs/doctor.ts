/** `graphform doctor`: can this folder or bucket hold a cluster? Writes and removes a few small objects to find out. */
import { createUlids } from "../../lib/file/ids.ts";
import { examineStore } from "../../lib/observe/doctor.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openRoot } from "../open-root.ts";
import { renderDoctor } from "../render/render-doctor.ts";
import { noRoot } from "./no-root.ts";
import { failure } from "./verb-failure.ts";

export interface DoctorOptions {
  /** A folder or `s3://bucket/prefix`. */
  readonly root: string;
}

export async function doctor(context: CommandContext, { root }: DoctorOptions): Promise<ExitCode> {
  const opened = await openRoot(root);
  if (opened === null) return failure(context, "doctor", [noRoot("--root")]);
  const output = await examineStore(opened.store, createUlids(), opened.root);
  if (context.json) printJson(context, output);
  else printLines(context, renderDoctor(output, context.out));
  return output.ok ? 0 : 1;
}
