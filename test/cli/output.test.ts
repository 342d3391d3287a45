/** Where the output of the command goes: terminals, pipes whose reader leaves, files that cannot be written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, newFolder, run, shell } from "./command.ts";

const VERBS = [
  ...["init", "validate", "import", "plan", "apply", "status", "refresh", "force-unlock", "load", "export"],
];
const ESCAPE = "\u001b[";

afterAll(forgetFolders);

describe("The command's own help and usage", () => {
  it.each(VERBS)("explains %s with its options, the global ones and an example", async (verb) => {
    const { code, out } = await run(newFolder(), verb, "--help");
    expect(code).toBe(0);
    expect(out).toContain(`$ graphform ${verb}`);
    expect(out).toContain("--config <dir>");
    expect(out).toContain("--json");
  });

  it.each([
    [["appply"], "Did you mean apply?"],
    [["plan", "--detailed"], "unknown option"],
    [["plan", "extra"], "too many arguments"],
    [["load", "rows.jsonl"], "--graph"],
    [["load", "--graph", "x", "--mode", "replace", "rows.jsonl"], "append, merge, overwrite"],
    [["export", "--graph", "x", "--at", "soon"], "whole number"],
    [["force-unlock"], "lock-id"],
    [["status", "--as", ""], "name of a person or a program"],
    [["apply", "--plan", "p", "--target", "x"], "--target"],
  ])("refuses %j on standard error with exit code 1 and nothing on standard output", async (args, says) => {
    const { code, out, err } = await run(newFolder(), ...args);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(says);
  });
});

describe("The output of a command", () => {
  let folder = "";
  beforeAll(async () => {
    folder = copyOf(EXAMPLE);
    await shell(folder, "graphform import && graphform apply && graphform load --graph crm data/crm.jsonl");
  }, 120_000);

  it("ends quietly when the reader of the pipe leaves", async () => {
    const head = await shell(folder, "(graphform export --graph crm; echo code $? >&2) | head -1");
    expect(head.out.split("\n")).toHaveLength(2);
    expect(head.err).toBe("code 0\n");
    const status = await shell(folder, "(graphform status; echo code $? >&2) | true");
    expect(status.err).toBe("code 0\n");
  });

  it("reports a disk that is full, a folder that is missing and a folder in place of a file", async () => {
    const full = await shell(folder, "graphform export --graph crm > /dev/full");
    expect(full.code).toBe(1);
    expect(full.err).toContain("its disk is full");
    const missing = await run(folder, "export", "--graph", "crm", "--out", "nowhere/rows.jsonl");
    expect({ code: missing.code, err: missing.err }).toEqual({ code: 1, err: "" });
    expect(missing.out).toContain("ERROR output_file_unwritable nowhere/rows.jsonl");
    expect(missing.out).toContain("its folder does not exist");
    const taken = await run(folder, "plan", "--out", "data");
    expect({ code: taken.code, err: taken.err }).toEqual({ code: 1, err: "" });
    expect(taken.out).toContain("it is a folder");
  });

  it("keeps errors out of a file that takes rows", async () => {
    const { code, out, err } = await run(folder, "export", "--graph", "nope");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("graph_not_applied");
    const version = await run(folder, "export", "--graph", "crm", "--at", "99");
    expect(version.err).toContain("ERROR graph_version_unknown graph.crm");
    expect(version.err).toContain("Its newest version is 2.");
  });

  it("exports into a file what it exports into a pipe", async () => {
    const piped = await run(folder, "export", "--graph", "crm");
    const { code } = await run(folder, "export", "--graph", "graph.crm", "--out", "rows.jsonl");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "rows.jsonl"), "utf8")).toBe(piped.out);
  });

  it("has no colour in a pipe", async () => {
    const { out } = await run(folder, "status");
    expect(out).toContain("graph.crm");
    expect(out).not.toContain(ESCAPE);
  });

  it("refuses a target that is no graph instead of planning nothing", async () => {
    for (const target of ["nope", "../crm", "schema.crm"]) {
      const { code, out } = await run(folder, "plan", "--target", target);
      expect(code).toBe(1);
      expect(out).toContain("target_unknown");
      expect(out).toContain("There is crm, knowledge.");
    }
  });
});
