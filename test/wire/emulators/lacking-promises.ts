/**
 * What a real S3 server is known to lack, found out before the suites run on it: some ignore `If-Match` on DELETE, some
 * on a PUT to a key that is not there. The suites then skip the tests of exactly that, and say so.
 */
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { LackingPromise } from "../../contract/object-store.contract.ts";

const NO_ETAG = '"00000000000000000000000000000000"';

/** Asks for what must be refused; what is done is lacking. */
export async function lackingPromises(s3: S3Client, Bucket: string): Promise<ReadonlySet<LackingPromise>> {
  const lacks = new Set<LackingPromise>();
  const isDone = (call: Promise<unknown>): Promise<boolean> =>
    call.then(
      () => true,
      () => false,
    );
  const present = { Bucket, Key: "probe/present" };
  await s3.send(new PutObjectCommand({ ...present, Body: "x" }));
  const removal = new DeleteObjectCommand({ ...present, IfMatch: NO_ETAG });
  if (await isDone(s3.send(removal))) lacks.add("remove_on_version");
  const replacement = new PutObjectCommand({ Bucket, Key: "probe/absent", Body: "x", IfMatch: NO_ETAG });
  if (await isDone(s3.send(replacement))) lacks.add("replace_of_nothing");
  return lacks;
}
