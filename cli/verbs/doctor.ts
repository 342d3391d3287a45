/** `graphform doctor`: can this folder or bucket hold a cluster? Writes and removes a few small objects to find out. */
import { resolve } from "node:path";
import { parseS3Url, s3Url } from "../../lib/aws/bucket-place.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { examineStore } from "../../lib/observe/doctor.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderDoctor } from "../render/render-doctor.ts";
import { failure } from "./verb-failure.ts";

export interface DoctorOptions {
  /** A folder or `s3://bucket/prefix`. */
  readonly root: string;
}

interface OpenStore {
  readonly store: ObjectStore;
  readonly root: string;
}

/** The SDK is loaded only for a bucket. */
async function openStore(root: string): Promise<OpenStore | null> {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(root)) {
    const folder = resolve(root);
    return root === "" ? null : { store: openFileRoot(folder).store, root: folder };
  }
  const place = parseS3Url(root);
  if (place === null) return null;
  const { awsSettings, createS3Client } = await import("../../lib/aws/clients.ts");
  const { createS3ObjectStore } = await import("../../lib/aws/object-store.ts");
  const client = createS3Client(awsSettings(process.env));
  return { store: createS3ObjectStore(client, place), root: s3Url(place) };
}

export async function doctor(context: CommandContext, { root }: DoctorOptions): Promise<ExitCode> {
  const opened = await openStore(root);
  if (opened === null) {
    const message = "What was given as --root is neither a folder nor a bucket as s3://bucket/prefix.";
    return failure(context, "doctor", [diagnostic("invalid_root_argument", { path: "--root", message })]);
  }
  const output = await examineStore(opened.store, createUlids(), opened.root);
  if (context.json) printJson(context, output);
  else printLines(context, renderDoctor(output, context.out));
  return output.ok ? 0 : 1;
}
