/** WriteOutcome: what became of a conditional write of an object, as its answer says and, if it was refused, the object. */
import { HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Version, WriteCurrent, WriteOutcome } from "../ports/object-store.ts";
import { type Answer, attempt, withoutCondition } from "./failure.ts";
import type { ObjectAddress } from "./multipart-upload.ts";

/** `written` holds the ETag. `first`: it was under the condition that nothing is there. */
export async function writeOutcome(
  client: S3Client,
  address: ObjectAddress,
  first: boolean,
  written: Answer<string | undefined>,
): Promise<WriteOutcome> {
  if (written.tag === "ok") {
    // It landed, and under which version only a read can tell.
    if (written.value === undefined) return { tag: "ambiguous", reason: "the store gave no ETag" };
    return { tag: "done", value: written.value as Version };
  }
  const { failure } = written;
  if (failure.kind === "absent") return { tag: "refused", current: { tag: "absent" } };
  if (failure.kind !== "condition") return withoutCondition(failure);
  const current = await currentVersion(client, address);
  // What stood in the way of a first put has gone since: nothing is decided, whoever asks may ask again.
  if (current.tag === "absent" && first) return { tag: "conflict" };
  return { tag: "refused", current };
}

/** What stands in the way of a refused write. */
export async function currentVersion(client: S3Client, address: ObjectAddress): Promise<WriteCurrent> {
  const answer = await attempt(() => client.send(new HeadObjectCommand(address)));
  if (answer.tag === "ok") return { tag: "found", version: (answer.value.ETag ?? null) as Version | null };
  return answer.failure.kind === "absent" ? { tag: "absent" } : { tag: "found", version: null };
}
