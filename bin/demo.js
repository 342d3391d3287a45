/**
 * `npm run demo`: the main job on a copy of examples/company-brain in a scratch folder, one command after the other,
 * each shown as a person would type it. Ends with the folder's path, so that you can go on from there.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const COMMAND = join(ROOT, "bin", "graphform");
const folder = join(mkdtempSync(join(tmpdir(), "graphform-demo-")), "company-brain");

function say(text) {
  process.stdout.write(`\n# ${text}\n`);
}

/** Runs one command in the scratch folder and shows it; `expected` is the exit code that the story wants. */
function graphform(args, expected = 0) {
  process.stdout.write(`$ graphform ${args.join(" ")}\n`);
  const options = { cwd: folder, stdio: ["ignore", "inherit", "inherit"] };
  const { status, error } = spawnSync(process.execPath, [COMMAND, ...args], options);
  if (status === expected) return;
  process.stdout.write(
    `\nThe demo stopped: expected exit code ${expected}, got ${status ?? error?.message}.\n`,
  );
  process.exit(1);
}

/** Replaces one text in one file of the scratch folder and shows the edit as a diff. */
function edit(file, before, after) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(before)) throw new Error(`the example has changed: ${file} lacks ${before}`);
  writeFileSync(path, text.replace(before, after));
  const lines = (part, sign) =>
    part.trim() === ""
      ? []
      : part
          .trim()
          .split("\n")
          .map((line) => `  ${sign} ${line.trim()}`);
  process.stdout.write(`edit ${file}\n${[...lines(before, "-"), ...lines(after, "+")].join("\n")}\n`);
}

cpSync(join(ROOT, "examples", "company-brain"), folder, { recursive: true });

say("A config folder: two graphs, their queries and policies. Is it right?");
graphform(["validate"]);
say("Create the ledger, which records what is deployed. Nothing is, yet.");
graphform(["import"]);
say("What would be deployed?");
graphform(["plan"]);
say("Deploy it.");
graphform(["apply"]);
say("Load rows: all of a file or none.");
graphform(["load", "--graph", "knowledge", "data/knowledge.jsonl"]);
graphform(["load", "--graph", "crm", "data/crm.jsonl"]);

say("Change the schema: rename a property, drop another, add a third, widen an enum.");
edit(
  "schemas/knowledge.pg",
  "  title: String?\n",
  '  jobTitle: String? @rename_from("title")\n  pronouns: String?\n',
);
edit("schemas/knowledge.pg", "  wordCount: U32?\n", "");
edit(
  "schemas/knowledge.pg",
  "location: enum(berlin, lisbon, remote)",
  "location: enum(berlin, lisbon, porto, remote)",
);
say("A query still reads the old name. The plan says which, where and why, and nothing runs.");
graphform(["plan"], 1);
say("Mend the query, and plan again: what happens to the rows?");
edit("queries/knowledge/people.gq", "$p.title, $p.email", "$p.jobTitle, $p.email");
graphform(["plan", "--out", "reviewed.plan"]);
say("Apply exactly the plan that was reviewed.");
graphform(["apply", "--plan", "reviewed.plan"]);
say("What is deployed now?");
graphform(["status"]);
say("Nothing is left to do, so nothing is written.");
graphform(["apply"]);
say("The dropped property is out of sight, but an earlier version of the graph still shows it.");
graphform(["export", "--graph", "knowledge", "--at", "2", "--out", "before.jsonl"]);
const shown = readFileSync(join(folder, "before.jsonl"), "utf8")
  .split("\n")
  .find((line) => line.includes("wordCount"));
const { slug, wordCount } = JSON.parse(shown).data;
process.stdout.write(`  before.jsonl says that Document ${slug} has wordCount ${wordCount}\n`);
process.stdout.write(`\nThe demo is over. Its cluster is in ${folder}: go there and change something.\n`);
