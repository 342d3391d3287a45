/** The package that `npm pack` makes is whole, runs no script where it is installed, and is found by npx. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { EXAMPLE, forgetFolders, newFolder } from "./command.ts";
import { blocks, recipeText } from "./recipe.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface PackageFile {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly engines: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const file = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PackageFile;

afterAll(forgetFolders);

describe("The package", () => {
  it("has the command, its bundle and nothing else of the checkout, and is bundled before it is packed", () => {
    expect(file.bin).toEqual({ graphform: "bin/graphform" });
    expect(file.files).toEqual(["bin/graphform", "dist", "README.md"]);
    expect(file.scripts["prepack"]).toBe("npm run bundle");
    expect(file.engines).toEqual({ node: ">=20.19" });
  });

  it("has no script that runs where it is installed", () => {
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepublish"])
      expect(file.scripts).not.toHaveProperty(name);
  });

  it("validates a config in a folder that has only its files and the packages it depends on", () => {
    const installed = join(newFolder(), "node_modules", "graphform");
    mkdirSync(join(installed, "bin"), { recursive: true });
    for (const name of ["bin/graphform", "package.json"]) cpSync(join(ROOT, name), join(installed, name));
    const write = `import { bundleInto } from ${JSON.stringify(join(ROOT, "bin", "bundle.js"))}; await bundleInto(process.env.DIST);`;
    execFileSync(process.execPath, ["--input-type=module", "-e", write], {
      env: { ...process.env, DIST: join(installed, "dist") },
    });
    const packages = join(installed, "node_modules");
    for (const name of Object.keys(file.dependencies)) {
      mkdirSync(join(packages, name, ".."), { recursive: true });
      symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
    }

    const command = join(installed, "bin", "graphform");
    const say = (...args: readonly string[]) =>
      execFileSync(process.execPath, [command, ...args], { encoding: "utf8" });
    expect(say("--version")).toBe(`${file.version}\n`);
    expect(say("validate", "--config", EXAMPLE)).toContain("cluster config valid");
    expect(existsSync(join(installed, "cli"))).toBe(false);
    expect(readdirSync(installed).sort()).toEqual(["bin", "dist", "node_modules", "package.json"]);
  });
});

describe("The lock file of a repository that depends on it", () => {
  it("gets the platforms that npm left out by the script of the document, and keeps all that it has", () => {
    const folder = newFolder();
    const has = { version: "1.0.0" };
    const kept = { "": { name: "mine" }, "node_modules/@lancedb/lancedb-linux-x64-gnu": has };
    writeFileSync(join(folder, "lock-platforms.mjs"), blocks(recipeText("README.md"), "js")[0] ?? "");
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages: kept }));
    const ours = join(ROOT, "package-lock.json");
    execFileSync(process.execPath, ["lock-platforms.mjs", ours, "package-lock.json"], { cwd: folder });

    const packagesOf = (path: string) =>
      (JSON.parse(readFileSync(path, "utf8")) as { readonly packages: Readonly<Record<string, unknown>> })
        .packages;
    const lance = Object.keys(packagesOf(ours)).filter((name) => name.startsWith("node_modules/@lancedb/"));
    const packages = packagesOf(join(folder, "package-lock.json"));
    expect(packages).toMatchObject(kept);
    expect(packages["node_modules/@lancedb/lancedb-linux-x64-gnu"]).toEqual(has);
    expect(Object.keys(packages).sort()).toEqual(["", ...lance].sort());
    expect(packages["node_modules/@lancedb/lancedb-linux-arm64-gnu"]).toMatchObject({
      dev: true,
      optional: true,
    });
  });
});
