/** Lance tables in a bucket keep the tables contract: two clients with connections and caches of their own. */
import { afterAll, beforeAll } from "vitest";
import { bucketPlace, s3Url } from "../../lib/aws/bucket-place.ts";
import { createS3GraphStorage } from "../../lib/aws/graph-storage.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";
import { createLanceTables } from "../../lib/engine/lance/lance-tables.ts";
import type { Tables } from "../../lib/engine/tables.ts";
import { tablesContract } from "../contract/tables.contract.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

tablesContract("Lance in a bucket", async () => {
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  const client = (): Tables =>
    createLanceTables({
      root: s3Url(place),
      storage: createS3GraphStorage(aws.s3, place),
      storage_options: lanceStorageOptions(aws.settings),
    });
  return { first: client(), second: client(), close: async () => undefined };
});
