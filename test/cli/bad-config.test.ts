/** A config folder that is wrong: what is wrong is named with its place, and nothing is written (issue 2). */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { CommandContext } from "../../cli/command-context.ts";
import { init } from "../../cli/verbs/init.ts";
import { plan as planVerb } from "../../cli/verbs/plan.ts";
import { refresh } from "../../cli/verbs/refresh.ts";
import { status } from "../../cli/verbs/status.ts";
import { validate } from "../../cli/verbs/validate.ts";
import { captured, verbJson } from "./captured.ts";
import { forgetFolders, newFolder, run } from "./command.ts";

afterAll(forgetFolders);

async function starter(): Promise<string> {
  const folder = newFolder();
  await init(captured(folder).context, folder);
  return folder;
}

const plan = (context: CommandContext) =>
  planVerb(context, { out: undefined, detailed_exitcode: false, targets: null });

type Edit = (folder: string) => void;

function replace(file: string, before: string, after: string): Edit {
  return (folder) => {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(before)) throw new Error(`${file} lacks ${before}`);
    writeFileSync(path, text.replace(before, after));
  };
}

function write(file: string, text: string): Edit {
  return (folder) => writeFileSync(join(folder, file), text);
}

const CLUSTER = "cluster.yaml";
const SCHEMA = "schemas/knowledge.pg";
const QUERIES = "queries/people.gq";
const POLICY = "policies/members.policy.yaml";

/** Aliases that would become 3^40 values. */
function aliasBomb(): string {
  const lines = Array.from({ length: 40 }, (_, index) => {
    const last = index === 0 ? "x" : `*a${index - 1}`;
    return `a${index}: &a${index} [${last}, ${last}, ${last}]`;
  });
  return `${lines.join("\n")}\n`;
}

/** What is done to the folder, what must be reported (code, and text that names the thing), and where. */
const ROWS: readonly (readonly [name: string, edit: Edit, code: string, names: string, at: string | null])[] =
  [
    ["a misspelt key", replace(CLUSTER, "schema:", "shcema:"), "invalid_cluster_yaml", "`shcema`", CLUSTER],
    [
      "a key given twice",
      replace(CLUSTER, "policies:", "graphs: {}\npolicies:"),
      "duplicate_yaml_key",
      "graphs",
      CLUSTER,
    ],
    ["a tab", write(CLUSTER, "graphs:\n\tknowledge: 1\n"), "invalid_cluster_yaml", "Tabs", CLUSTER],
    [
      "nesting without end",
      write(CLUSTER, `a: ${"[".repeat(100_000)}`),
      "invalid_cluster_yaml",
      "nested",
      CLUSTER,
    ],
    ["an alias bomb", write(CLUSTER, aliasBomb()), "invalid_cluster_yaml", "aliases", CLUSTER],
    ["a NUL", write(CLUSTER, "version: 1\0\n"), "invalid_cluster_yaml", "U+0000", CLUSTER],
    [
      "a version of the future",
      replace(CLUSTER, "version: 1", "version: 2"),
      "unsupported_cluster_config_version",
      "2",
      CLUSTER,
    ],
    [
      "an id that escapes the folder",
      replace(CLUSTER, "  knowledge:", "  ../x:"),
      "invalid_resource_id",
      "../x",
      CLUSTER,
    ],
    [
      "a path out of the folder",
      replace(CLUSTER, SCHEMA, "../../etc/passwd"),
      "source_path_outside",
      "../../etc/passwd",
      CLUSTER,
    ],
    [
      "a policy for no graph",
      replace(CLUSTER, "[knowledge]", "[knowlege]"),
      "dangling_graph_reference",
      "Did you mean `knowledge`",
      CLUSTER,
    ],
    [
      "storage that is not supported",
      replace(CLUSTER, "graphs:", "storage: gs://bucket/x\ngraphs:"),
      "invalid_storage_root",
      "gs",
      CLUSTER,
    ],
    ["a missing schema", (folder) => rmSync(join(folder, SCHEMA)), "schema_file_missing", SCHEMA, CLUSTER],
    [
      "a schema outside by a link",
      (folder) => {
        rmSync(join(folder, SCHEMA));
        symlinkSync("/etc/hostname", join(folder, SCHEMA));
      },
      "source_path_outside",
      "symbolic link",
      CLUSTER,
    ],
    [
      "a broken schema",
      replace(SCHEMA, "name: String @index", "name String"),
      "schema_parse_error",
      "`:`",
      SCHEMA,
    ],
    [
      "a query of a property that is not there",
      replace(QUERIES, "$p.email", "$p.emial"),
      "query_typecheck_error",
      "did you mean `email`",
      QUERIES,
    ],
    [
      "a query that is no query",
      replace(QUERIES, "return {", "retrun {"),
      "query_parse_error",
      "retrun",
      QUERIES,
    ],
    [
      "an action that does not exist",
      replace(POLICY, "[change,", "[chnage,"),
      "policy_invalid",
      "chnage",
      POLICY,
    ],
    [
      "a config file that is a folder",
      (folder) => {
        rmSync(join(folder, CLUSTER));
        mkdirSync(join(folder, CLUSTER));
      },
      "cluster_config_read_error",
      "it is a folder",
      null,
    ],
  ];

describe("A config folder with a mistake", () => {
  it.each(ROWS)(
    "is refused for %s, at its place, by validate and import alike",
    async (_name, edit, code, names, at) => {
      const folder = await starter();
      edit(folder);
      const validated = await verbJson(folder, validate);
      const imported = await verbJson(folder, (context) => refresh(context, "import"));
      const diagnostics = validated.document["diagnostics"] as readonly {
        readonly code: string;
        readonly message: string;
        readonly fix: string;
        readonly source?: { readonly file: string; readonly line: number };
      }[];
      const first = diagnostics.find((each) => each.code === code);
      expect(first?.message).toContain(names);
      expect(first?.source?.file ?? null).toBe(at);
      expect(first?.fix).not.toBe("");
      expect([validated.code, imported.code]).toEqual([1, 1]);
      expect(imported.codes).toContain(code);
      expect(existsSync(join(folder, "__cluster"))).toBe(false);
    },
  );

  it("is told all its mistakes at once, in every file", async () => {
    const folder = await starter();
    replace(QUERIES, "$p.email", "$p.emial")(folder);
    replace(QUERIES, "$t: Topic", "$t: Tpoic")(folder);
    replace(POLICY, "[change,", "[chnage,")(folder);
    const { codes } = await verbJson(folder, validate);
    expect(codes.filter((code) => code === "query_typecheck_error")).toHaveLength(2);
    expect(codes).toContain("policy_invalid");
  });

  it("is refused by verbs that need only its storage, if that is on S3", async () => {
    const folder = await starter();
    replace(CLUSTER, "graphs:", "storage: s3://bucket/x\ngraphs:")(folder);
    for (const verb of [status, plan]) {
      const { code, codes } = await verbJson(folder, verb);
      expect({ code, codes }).toEqual({ code: 1, codes: ["storage_backend_unsupported"] });
    }
  });

  it("names a folder that is not there", async () => {
    const { code, out } = await run(newFolder(), "validate", "--config", "nowhere");
    expect(code).toBe(1);
    expect(out).toContain("ERROR config_dir_not_found nowhere");
  });

  it("is reported by the command as by the verb, as text with the place and with nothing on standard error", async () => {
    const folder = await starter();
    replace(QUERIES, "$p.email", "$p.emial")(folder);
    const { code, out, err } = await run(folder, "plan");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^cluster plan failed\n/);
    expect(out).toContain("queries/people.gq:5:33");
  });
});
