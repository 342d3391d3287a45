/** The engine over Lance tables and an object store, both in one folder, keeps the engine contract. */
import { openFileRoot } from "../../../lib/file/open-root.ts";
import { engineContract } from "../../contract/engine.contract.ts";
import { lanceFolder } from "./lance-folder.ts";

engineContract("with Lance in a folder", async () => {
  const folder = await lanceFolder();
  return {
    openStore: () => openFileRoot(folder.root).store,
    openTables: () => folder.client({}),
    close: folder.remove,
  };
});
