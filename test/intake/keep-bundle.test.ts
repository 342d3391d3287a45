/** Config folders that arrive: kept once by their digest, opened only as what they were kept as. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CONFIG_BYTES_MAX } from "../../lib/config/limits.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import type { Digest } from "../../lib/digest/digest.ts";
import { bundleKey } from "../../lib/intake/bundle-key.ts";
import { decodeBundleOrigin, encodeBundleOrigin, readBundleOrigin } from "../../lib/intake/bundle-origin.ts";
import { keepBundle } from "../../lib/intake/keep-bundle.ts";
import { openBundle } from "../../lib/intake/open-bundle.ts";
import { keysBelow, newWorld, openClient } from "../apply/cluster.ts";
import { desiredOf, filesOf, PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { zipOf } from "../worker/deployment.ts";
import { zipOfEntries } from "./zips.ts";

const FILES = filesOf({ graphs: { people: { schema: PERSON } } });
const ROOT = "s3://bucket/clusters/demo";

function cluster(interference?: Parameters<typeof openClient>[1]) {
  const world = newWorld();
  return { world, ports: { ...openClient(world, interference).ports, root: ROOT } };
}

async function keep(files: Readonly<Record<string, string>>, actor: string | null = "ana") {
  const { world, ports } = cluster();
  return { world, ports, kept: await keepBundle(ports, await zipOf(files), actor) };
}

describe("a config folder that arrives", () => {
  test("is kept under the digest that the folder itself has, and opened again as the same (I3)", async () => {
    const { ports, kept } = await keep(FILES);
    if (kept.tag !== "kept") throw new Error(kept.tag);
    expect(kept).toEqual({ tag: "kept", bundle_digest: desiredOf(FILES).bundle_digest, diagnostics: [] });

    const opened = await openBundle(ports, kept.bundle_digest);
    const desired = opened.tag === "opened" ? loadDesired(opened.bundle) : null;
    expect(desired).toMatchObject({
      ok: true,
      bundle_digest: kept.bundle_digest,
      config_dir: `bundle:${kept.bundle_digest.slice(0, 12)}`,
      config_digest: desiredOf(FILES).config_digest,
    });
  });

  test("in another packing is kept once, and who brought it first stays on record (I3, U1)", async () => {
    const { world, ports } = cluster();
    const entries = Object.entries(FILES).map(([name, text]) => ({
      name,
      bytes: Buffer.from(text),
      method: 0,
    }));
    const first = await keepBundle(ports, zipOfEntries(entries.toReversed()), "ana");
    const second = await keepBundle(ports, await zipOf(FILES), "bob");

    expect(second).toEqual(first);
    expect(keysBelow(world, "__graphform/bundles/")).toHaveLength(2);
    const digest = first.tag === "kept" ? first.bundle_digest : ("" as Digest);
    expect(await readBundleOrigin(ports, digest)).toEqual({ tag: "known", actor: "ana" });
  });

  test("keeps what cluster.yaml names and says that the rest was left out", async () => {
    const { ports, kept } = await keep({ ...FILES, "README.md": "hello", "data/rows.jsonl": "{}" });
    if (kept.tag !== "kept") throw new Error(kept.tag);
    expect(kept.diagnostics.map((each) => `${each.code} ${each.severity}`)).toEqual([
      "bundle_files_left_out warning",
    ]);
    const opened = await openBundle(ports, kept.bundle_digest);
    expect(opened.tag === "opened" && opened.bundle.read("README.md")).toEqual({ tag: "missing" });
  });

  test("with errors in its config is kept: saying what is wrong is for validate", async () => {
    expect(
      (await keep({ "cluster.yaml": "version: 1\ngraphs: {people: {schema: nowhere.pg}}\n" })).kept.tag,
    ).toBe("kept");
  });

  test.each([
    ["another bucket", "s3://other/clusters/demo"],
    ["another cluster", "s3://bucket/clusters/other"],
    ["a folder", "/tmp/data"],
    ["a relative folder", "data"],
    ["the root with more behind it", `${ROOT}/x`],
  ])("whose storage is %s is refused", async (_, storage) => {
    const text = FILES["cluster.yaml"]!.replace("{", `{"storage": "${storage}",`);
    const { world, kept } = await keep({ ...FILES, "cluster.yaml": text });
    expect(kept.tag === "refused" && kept.diagnostics.map((each) => each.code)).toEqual([
      "storage_root_mismatch",
    ]);
    expect(keysBelow(world, "")).toEqual([]);
  });

  test.each([ROOT, `${ROOT}/`])("whose storage is the cluster's own root is kept: %s", async (storage) => {
    const text = FILES["cluster.yaml"]!.replace("{", `{"storage": "${storage}",`);
    expect((await keep({ ...FILES, "cluster.yaml": text })).kept.tag).toBe("kept");
  });

  test("without cluster.yaml at its top is refused, and told where one is", async () => {
    const { kept } = await keep({ "brain/cluster.yaml": "version: 1\n" });
    const [problem] = kept.diagnostics;
    expect(problem).toMatchObject({ code: "archive_without_config" });
    expect(problem?.message).toContain("brain/cluster.yaml");
  });

  test("with a file beyond the limits of a folder is refused", async () => {
    const { kept } = await keep({ "cluster.yaml": `version: 1\n${"#".repeat(CONFIG_BYTES_MAX)}\n` });
    expect(kept.diagnostics.map((each) => each.code)).toEqual(["bundle_file_too_large"]);
  });

  test("that the store does not take is not kept, and says so", async () => {
    const { ports } = cluster(interfering(({ writes }) => (writes ? "fail" : "act")));
    const kept = await keepBundle(ports, await zipOf(FILES));
    expect({ tag: kept.tag, codes: kept.diagnostics.map((each) => each.code) }).toEqual({
      tag: "unavailable",
      codes: ["bundle_write_error"],
    });
  });

  test("is not there before it is on record who brought it, so that nobody else becomes its author (U1)", async () => {
    const { world, ports } = cluster(
      interfering(({ writes, key }) => (writes && key.endsWith("-brought.json") ? "fail" : "act")),
    );
    const kept = await keepBundle(ports, await zipOf(FILES), "ana");
    expect(kept.tag).toBe("unavailable");
    expect(keysBelow(world, "__graphform/bundles/")).toEqual([]);
  });
});

describe("a kept config folder", () => {
  test("whose bringer cannot be read is not that of nobody known", async () => {
    const { world, kept } = await keep(FILES);
    if (kept.tag !== "kept") throw new Error(kept.tag);
    const down = openClient(
      world,
      interfering(() => "fail"),
    ).ports;
    expect((await readBundleOrigin(down, kept.bundle_digest)).tag).toBe("unavailable");
  });

  test("that was never kept, cannot be read, or was changed since is not opened (I3)", async () => {
    const { world, ports, kept } = await keep(FILES);
    if (kept.tag !== "kept") throw new Error(kept.tag);
    const code = async (on = ports) => {
      const opened = await openBundle(on, kept.bundle_digest);
      return opened.tag === "opened" ? "opened" : `${opened.tag} ${opened.diagnostics[0]?.code}`;
    };
    expect(await code()).toBe("opened");
    const down = {
      ...ports,
      store: openClient(
        world,
        interfering(() => "fail"),
      ).ports.store,
    };
    expect(await code(down)).toBe("unavailable bundle_read_error");
    world.objects.objects.set(bundleKey(kept.bundle_digest), await zipOf({ "cluster.yaml": "version: 1\n" }));
    expect(await code()).toBe("refused bundle_damaged");
    // Whoever brings it again learns that what is there is another thing.
    const again = await keepBundle(ports, await zipOf(FILES));
    expect(again.diagnostics.map((each) => each.code)).toEqual(["bundle_write_error"]);
    world.objects.objects.delete(bundleKey(kept.bundle_digest));
    expect(await code()).toBe("refused bundle_not_found");
  });

  test("has who brought it on record exactly as the golden file has it", () => {
    const golden = readFileSync(new URL("../golden/intake/bundle-origin-1.json", import.meta.url), "utf8");
    const origin = decodeBundleOrigin(Buffer.from(golden, "utf8"));
    expect(origin).toMatchObject({ actor: "ana", at: "2026-01-02T03:04:05Z" });
    expect(Buffer.from(encodeBundleOrigin(origin!)).toString("utf8")).toBe(golden);
    expect(
      decodeBundleOrigin(Buffer.from(golden.replace('"format_version": 1', '"format_version": 2'))),
    ).toBeNull();
  });
});
