/** `graphform init`: what it writes works as its next steps say (issue 2: ten minutes from README to a cluster). */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { forgetFolders, newFolder, run, runJson, shell } from "./command.ts";

afterAll(forgetFolders);

describe("graphform init", () => {
  it("writes a folder in which every printed next step succeeds as it is printed", async () => {
    const folder = newFolder();
    const init = await run(folder, "init", "my first cluster");
    expect(init.code).toBe(0);
    const steps = init.out.slice(init.out.indexOf("Next:")).trim().split("\n").slice(1);
    expect(steps.map((step) => step.trim().split(" ")[1])).toEqual([
      ...["validate", "import", "plan", "apply", "load", "export"],
    ]);
    const { code, out, err } = await shell(folder, steps.join(" && "));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const seed = readFileSync(join(folder, "my first cluster", "data", "seed.jsonl"), "utf8");
    const exported = out.split("\n").filter((line) => line.startsWith("{"));
    expect(exported).toHaveLength(seed.trim().split("\n").length);
    const status = await runJson(folder, "status", "--config", "my first cluster");
    expect(status.document["state_observations"]).toMatchObject({ state_found: true, state_revision: 3 });
  });

  it("writes nothing if one of its files is there, and names each of them", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "cluster.yaml"), "mine");
    const { code, document, codes } = await runJson(folder, "init");
    expect({ code, codes, files: document["files"] }).toEqual({
      code: 1,
      codes: ["init_file_exists"],
      files: [],
    });
    expect(readdirSync(folder)).toEqual(["cluster.yaml"]);
    expect(readFileSync(join(folder, "cluster.yaml"), "utf8")).toBe("mine");
  });

  it("says why a folder cannot be written, without a stack trace", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "");
    const { code, out, err } = await run(folder, "init", "file/below");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toContain("a part of its path is not a folder");
    // Nothing can be made below /proc, and Node's recursive mkdir would try for ever.
    const nowhere = await run(folder, "init", "/proc/nowhere/below");
    expect(nowhere.code).toBe(1);
  });

  it("is pointed to where there is no config, by every verb that needs one", async () => {
    const { code, out } = await run(newFolder(), "plan");
    expect(code).toBe(1);
    expect(out).toContain("ERROR cluster_config_read_error cluster.yaml");
    expect(out).toContain("`graphform init` writes a starter folder");
  });
});
