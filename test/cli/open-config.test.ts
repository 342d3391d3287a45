/** How commands read a config folder: with the help of what the cluster keeps, or from the folder alone (design 5, 12). */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { generateConfig } from "../../bench/generate-config.ts";
import { findStorage, openConfig, openDesired } from "../../cli/open-config.ts";
import { keepCompilations } from "../../lib/apply/planning/compilations.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";

const FILES = generateConfig({ graphs: 2, queries_per_graph: 6, queries_per_file: 3 });
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A config folder whose cluster is stored in `store` below it. */
function configFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "graphform-config-"));
  folders.push(root);
  for (const [path, bytes] of FILES) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  const yaml = new TextDecoder().decode(FILES.get("cluster.yaml"));
  writeFileSync(join(root, "cluster.yaml"), yaml.replace("graphs:", "storage: ./store\ngraphs:"));
  return root;
}

describe("opening a config folder", () => {
  it("compiles nothing again that the cluster at its storage root has kept", async () => {
    const root = configFolder();
    const cold = await openConfig(root);
    expect(cold.desired.compiled.query_files).toHaveLength(4);
    await keepCompilations(openFileRoot(join(root, "store")).store, cold.desired, null);
    const warm = await openConfig(root);
    expect(warm.desired.compiled).toEqual({ schemas: [], query_files: [] });
    expect([...warm.desired.resources]).toEqual([...cold.desired.resources]);
  });

  it("compiles everything for validate, whatever the cluster has kept", async () => {
    const root = configFolder();
    const cold = await openDesired(root);
    await keepCompilations(openFileRoot(join(root, "store")).store, cold, null);
    expect((await openDesired(root)).compiled).toEqual(cold.compiled);
  });

  it("creates nothing where no cluster is yet", async () => {
    const root = configFolder();
    const before = readdirSync(root);
    expect((await openConfig(root)).desired.ok).toBe(true);
    expect(readdirSync(root)).toEqual(before);
  });

  it("reads what the deployment at its storage root allows, and refuses to go on where it cannot", async () => {
    const root = configFolder();
    const file = join(root, "store", "__graphform", "rules.json");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '{ "format_version": 1, "deletes_max": 0 }');
    const strict = { ...LAPTOP_RULES, deletes_max: 0 };
    expect(await findStorage(root)).toMatchObject({ tag: "folder", rules: strict });
    expect((await openConfig(root)).storage).toMatchObject({ tag: "folder", rules: strict });

    writeFileSync(file, '{ "format_version": 1, "deletes_max": "none" }');
    const broken = { tag: "unusable", diagnostics: [{ code: "deployment_rules_invalid" }] };
    expect(await findStorage(root)).toMatchObject(broken);
    expect((await openConfig(root)).storage).toMatchObject(broken);
  });

  it("reports a broken cluster.yaml as it is", async () => {
    const root = configFolder();
    writeFileSync(join(root, "cluster.yaml"), "version: 1\ngraphs: [\n");
    const { desired } = await openConfig(root);
    expect(desired.diagnostics.map((each) => each.code)).toEqual(["invalid_cluster_yaml"]);
  });
});
