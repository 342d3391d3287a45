/** Reading a config folder from disk: confinement, secrets, limits (W35; design 11). */
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { SOURCE_BYTES_MAX } from "../../lib/config/limits.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { readBundle } from "../../lib/file/bundle-reader.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>>): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "graphform-bundle-")));
  folders.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

const SCHEMA = "node Person {\n  name: String @key\n}\n";
const QUERY = "query all() {\n  match { $p: Person }\n  return { $p.name }\n}\n";
const graph = (schema: string, queries = "{}") =>
  `version: 1\ngraphs: {g: {schema: ${schema}, queries: ${queries}}}\n`;

const codes = async (path: string) =>
  loadDesired(await readBundle(path)).diagnostics.map((each) => `${each.code} ${each.path}`);

describe("reading a config folder", () => {
  it("gives what cluster.yaml names and nothing else", async () => {
    const path = folder({
      "cluster.yaml": graph("s.pg", "q/"),
      "s.pg": SCHEMA,
      "q/a.gq": QUERY,
      "q/note.txt": "x",
      "other.pg": SCHEMA,
      ".env": "KEY=1",
    });
    const bundle = await readBundle(path);
    expect(bundle.read("s.pg").tag).toBe("file");
    expect(bundle.read("./q//a.gq").tag).toBe("file");
    expect(bundle.read("q")).toEqual({ tag: "directory", entries: ["a.gq", "note.txt"] });
    expect(bundle.read("q/note.txt").tag).toBe("missing");
    expect(bundle.read("other.pg").tag).toBe("missing");
    expect(bundle.read(".env").tag).toBe("unreadable");
    expect(loadDesired(bundle).ok).toBe(true);
  });

  it("takes absolute paths that lie inside the folder and refuses the others (W35)", async () => {
    const path = folder({ "s.pg": SCHEMA, "sub/x": "" });
    writeFileSync(join(path, "cluster.yaml"), graph(join(path, "s.pg")));
    expect(await codes(path)).toEqual([]);
    writeFileSync(join(path, "sub/cluster.yaml"), graph(join(path, "s.pg")));
    expect(await codes(join(path, "sub"))).toEqual(["source_path_outside graphs.g.schema"]);
  });

  it("follows symbolic links that stay inside the folder and refuses those that leave it (W35)", async () => {
    const outside = folder({ "s.pg": SCHEMA, "q/a.gq": QUERY });
    const path = folder({ "cluster.yaml": graph("link.pg", "[q, r/a.gq]"), "real.pg": SCHEMA });
    symlinkSync(join(path, "real.pg"), join(path, "link.pg"));
    symlinkSync(join(outside, "q"), join(path, "q"));
    symlinkSync(join(outside, "q"), join(path, "r"));
    expect(await codes(path)).toEqual([
      "source_path_outside graphs.g.queries",
      "source_path_outside graphs.g.queries",
    ]);
  });

  it("never reads a .env file through another name", async () => {
    const path = folder({ "cluster.yaml": graph("s.pg"), ".env": "KEY=1" });
    symlinkSync(join(path, ".env"), join(path, "s.pg"));
    const bundle = await readBundle(path);
    expect(bundle.read("s.pg")).toEqual({ tag: "unreadable", reason: "a .env file is never read" });
  });

  it("reports links in circles, files that are folders, and files that are too large", async () => {
    const path = folder({
      "cluster.yaml": "version: 1\ngraphs: {a: {schema: a.pg}, b: {schema: b.pg}, c: {schema: c.pg}}\n",
      "b.pg/x": "",
      "c.pg": "",
    });
    symlinkSync(join(path, "a.pg"), join(path, "a.pg"));
    truncateSync(join(path, "c.pg"), SOURCE_BYTES_MAX + 1);
    const found = loadDesired(await readBundle(path)).diagnostics;
    expect(found.map((each) => each.message)).toEqual([
      "The schema file `a.pg` cannot be read: its symbolic links go in circles.",
      "The schema file `b.pg` is a folder, not a file.",
      `The schema file \`c.pg\` cannot be read: it has ${SOURCE_BYTES_MAX + 1} bytes; at most ${SOURCE_BYTES_MAX} are read.`,
    ]);
  });

  it("reports a folder that cannot be listed as such", async () => {
    const bundle = await readBundle(
      folder({ "cluster.yaml": graph("s.pg", "q"), "s.pg": SCHEMA, "q/a.gq": QUERY }),
    );
    const locked = {
      ...bundle,
      read: (path: string) =>
        path === "q"
          ? ({ tag: "unreadable", reason: "permission is denied", folder: true } as const)
          : bundle.read(path),
    };
    expect(loadDesired(locked).diagnostics.map((each) => `${each.code} ${each.path}`)).toEqual([
      "query_dir_unreadable graphs.g.queries",
    ]);
  });

  it("tells a missing folder, a file in its place and a folder without cluster.yaml apart", async () => {
    const path = folder({ "file.txt": "" });
    expect(await codes(join(path, "none"))).toEqual([`config_dir_not_found ${join(path, "none")}`]);
    expect(await codes(join(path, "file.txt"))).toEqual([`config_dir_not_found ${join(path, "file.txt")}`]);
    expect(await codes(path)).toEqual(["cluster_config_read_error cluster.yaml"]);
  });

  it("still names the sources of a document that is wrong elsewhere, so that its bundle can be packed", async () => {
    const path = folder({ "cluster.yaml": `${graph("s.pg")}surprise: 1\n`, "s.pg": SCHEMA });
    const bundle = await readBundle(path);
    expect(bundle.read("s.pg").tag).toBe("file");
  });
});
