/** The whole engine, with rows in Lance on S3. The native module is loaded by the first call that needs it. */
import { lanceStorageOptions } from "../lib/aws/lance-options.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import { createLanceTables } from "../lib/engine/lance/lance-tables.ts";
import type { OpenEngine } from "./open-engine.ts";

export const lanceEngine: OpenEngine = ({ root, storage, aws, ...parts }) => {
  const tables = createLanceTables({ root, storage, storage_options: lanceStorageOptions(aws) });
  return createEngine({ ...parts, tables });
};
