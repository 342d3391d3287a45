/** The engine over Lance tables and an object store, both in one bucket, keeps the engine contract. */
import { afterAll, beforeAll } from "vitest";
import { bucketPlace, s3Url } from "../../lib/aws/bucket-place.ts";
import { createS3GraphStorage } from "../../lib/aws/graph-storage.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { createLanceTables } from "../../lib/engine/lance/lance-tables.ts";
import { engineContract } from "../contract/engine.contract.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

engineContract("with Lance in a bucket", async () => {
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  return {
    openStore: () => createS3ObjectStore(aws.s3, place),
    openTables: () =>
      createLanceTables({
        root: s3Url(place),
        storage: createS3GraphStorage(aws.s3, place),
        storage_options: lanceStorageOptions(aws.settings),
      }),
    close: async () => undefined,
  };
});
