/** Lance tables in a folder keep the tables contract, with two clients over one folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLanceTables } from "../../../lib/engine/lance/lance-tables.ts";
import { createGraphFolder } from "../../../lib/file/graph-folder.ts";
import { tablesContract } from "../../contract/tables.contract.ts";

tablesContract("Lance in a folder", async () => {
  const root = await mkdtemp(join(tmpdir(), "graphform-lance-"));
  const client = () => createLanceTables({ root, storage: createGraphFolder(root) });
  return {
    first: client(),
    second: client(),
    close: () => rm(root, { recursive: true, force: true }),
  };
});
