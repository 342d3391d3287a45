/** Links in the folders that a backup reads and a restore writes: neither is followed. */
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restoreCluster } from "../../lib/backup/restore-cluster.ts";
import { scanCluster } from "../../lib/backup/scan-cluster.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { createMemoryObjectParts } from "../../lib/memory/object-parts.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import { codesOf } from "../apply/cluster.ts";
import { type TemporaryFolder, temporaryFolder } from "../file/temporary-folder.ts";
import { type Backing, FILED_ROWS, NEW_OWNER } from "./backed-up.ts";
import { backedUp } from "./deployed.ts";

let folder: TemporaryFolder;
let root: string;
let outside: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  root = join(folder.path, "root");
  outside = join(folder.path, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "secret");
});
afterEach(() => folder.remove());

describe("a backup of a folder", () => {
  const KEYS = ["__cluster/state.json", "graphs/a.omni/graphform.json", "graphs/a.omni/x/1.lance/data/1"];

  it.each([
    ["a linked file", "graphs/a.omni/x/1.lance/data/2", "secret"],
    ["a linked folder", "graphs/a.omni/y", ""],
    ["a linked record", "__cluster/resources/x", "secret"],
    ["a linked record of ours", "__graphform/heads/x", "secret"],
  ])("stops at %s and names it", async (_, key, to) => {
    const { store } = openFileRoot(root);
    const ports = { store, clock: { nowMs: () => 0, sleep: async () => undefined } };
    for (const each of KEYS) await store.putIfAbsent(storeKey(each), Buffer.from("x"));
    const scanned = await scanCluster(ports);
    expect(scanned.tag).toBe("done");
    await mkdir(join(root, key, ".."), { recursive: true });
    await symlink(join(outside, to), join(root, key));
    const stopped = await scanCluster(ports);

    expect(stopped).toMatchObject({
      tag: "stopped",
      diagnostics: [{ code: "backup_link_found", path: key }],
    });
  });

  it.each(["graphs", "__cluster", "__graphform"])("stops where %s itself is a link", async (name) => {
    const { store } = openFileRoot(root);
    for (const each of KEYS) await store.putIfAbsent(storeKey(each), Buffer.from("x"));
    await rename(join(root, name), join(outside, name));
    await symlink(join(outside, name), join(root, name));
    const stopped = await scanCluster({ store, clock: { nowMs: () => 0, sleep: async () => undefined } });

    expect(stopped).toMatchObject({
      tag: "stopped",
      diagnostics: [{ code: "backup_link_found", path: name }],
    });
  });
});

describe("a restore into a folder", () => {
  async function restoreAt(backing: Backing) {
    const { store, parts, ledger } = openFileRoot(root);
    const { clock } = backing.source;
    const { objects } = backing.place;
    return restoreCluster(
      {
        place: { store: createMemoryObjectStore(objects), parts: createMemoryObjectParts(objects), clock },
        target: { store, parts, ledger, clock },
        rows: FILED_ROWS,
      },
      {
        ...{ from: "/backups", root, backup_id: null, digest: null, deployment: NEW_OWNER },
        ...{ actor: "bo", keep_open_runs: false, progress: () => undefined },
      },
    );
  }

  it.each(["graphs", "__cluster", "__graphform", "graphs/people.omni", "__cluster/resources"])(
    "is refused where %s leads elsewhere, and nothing is written there",
    async (name) => {
      const { backing } = await backedUp();
      await mkdir(join(root, name, ".."), { recursive: true });
      await symlink(outside, join(root, name));
      const restored = await restoreAt(backing);

      expect(codesOf(restored)).toEqual(["backup_link_found"]);
      expect(restored.diagnostics[0]?.path).toBe(name);
      expect(await readdir(outside)).toEqual(["secret"]);
      expect(await readFile(join(outside, "secret"), "utf8")).toBe("secret");
    },
  );
});
