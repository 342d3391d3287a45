/**
 * Upload events: what the store sends when something has arrived. At least once, in any order (reliability 3.3): an event
 * prompts a look at what is there, and the one thing that is taken from it is who its sender was, for exactly the version
 * that it names.
 */
import { z } from "zod";
import { parseJsonBytes } from "../ledger/json-text.ts";

export interface UploadEvent {
  readonly key: string;
  /** The principal that uploaded, as the store names it; null: it did not say. */
  readonly principal: string | null;
  /** Names of the version that the event is about: its version id and its ETag, as far as the store gives them. */
  readonly versions: readonly string[];
}

export type EventDecoding =
  /** Empty for the test event that is sent when events are switched on. */
  | { readonly tag: "decoded"; readonly events: readonly UploadEvent[] }
  | { readonly tag: "invalid"; readonly detail: string };

const record = z.object({
  eventName: z.string(),
  userIdentity: z.object({ principalId: z.string() }).optional(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
    }),
  }),
});
const notification = z.object({ Records: z.array(record) });
const testEvent = z.object({ Event: z.literal("s3:TestEvent") });

/** The events of `bucket` in the body of a notification of S3; those of another are not ours and left out. */
export function decodeUploadEvents(body: string, bucket: string): EventDecoding {
  const document = parseJsonBytes(Buffer.from(body, "utf8"));
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  if (testEvent.safeParse(document.value).success) return { tag: "decoded", events: [] };
  const parsed = notification.safeParse(document.value);
  if (!parsed.success) return { tag: "invalid", detail: "it is not a notification of the store" };
  const created = parsed.data.Records.filter(
    ({ eventName, s3 }) => eventName.startsWith("ObjectCreated:") && s3.bucket.name === bucket,
  );
  const events = created.flatMap(({ userIdentity, s3: { object } }) => {
    const key = decodeKey(object.key);
    const versions = [object.versionId, object.eTag].filter((each) => each !== undefined);
    return key === null ? [] : [{ key, principal: userIdentity?.principalId ?? null, versions }];
  });
  return { tag: "decoded", events };
}

/** Keys are form-encoded in events. */
function decodeKey(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return null;
  }
}

/** ETags come with and without quotes. */
export function isVersionOf({ versions }: UploadEvent, version: string): boolean {
  const bare = (text: string) => text.replace(/^"(.*)"$/, "$1");
  return versions.some((each) => bare(each) === bare(version));
}
