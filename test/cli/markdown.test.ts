/** A plan as a comment on a pull request: nothing in it ends its block, GitHub takes it, and it says what it leaves out. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  COMMENT_CHARACTERS_MAX,
  COMMENT_MARGIN_CHARACTERS,
  renderMarkdown,
} from "../../cli/render/render-markdown.ts";
import { copyOf, EXAMPLE, forgetFolders, run } from "./command.ts";

const TEXT_MAX = COMMENT_CHARACTERS_MAX - COMMENT_MARGIN_CHARACTERS;

afterAll(forgetFolders);

/** The lines inside the block, read as CommonMark does: it ends at the first line of as many backticks, or more. */
function blockOf(markdown: string): {
  readonly inside: readonly string[];
  readonly after: readonly string[];
} {
  const [first = "", ...rest] = markdown.split(/\r\n|\r|\n/);
  const length = /^`{3,}$/.exec(first)?.[0].length ?? Number.POSITIVE_INFINITY;
  const end = rest.findIndex((line) => (/^ {0,3}(`{3,})[ \t]*$/.exec(line)?.[1]?.length ?? 0) >= length);
  return { inside: rest.slice(0, end), after: rest.slice(end + 1) };
}

describe("Lines as Markdown", () => {
  it("are one fenced block and nothing else", () => {
    expect(renderMarkdown(["cluster plan", "", "  + graph.crm"])).toBe(
      "```\ncluster plan\n\n  + graph.crm\n```\n",
    );
  });

  it.each([
    ["a fence", ["a", "```", "@everybody"]],
    ["a longer fence", ["a", "``````", "@everybody", "```"]],
    ["a fence behind a carriage return", ["a\r```\r@everybody"]],
    ["a fence in one text of several lines", ["a\n````\n@everybody"]],
    ["backticks without end", ["`".repeat(70_000), "@everybody"]],
  ])("with %s stay inside their block", (_, lines) => {
    const markdown = renderMarkdown(lines);
    const { inside, after } = blockOf(markdown);
    expect(inside).toContain("@everybody");
    expect(after).toEqual([""]);
    expect(markdown.length).toBeLessThanOrEqual(TEXT_MAX);
  });

  it("that are exactly as long as a comment may be are all there, and one character more is too much", () => {
    const fences = "```\n".length * 2;
    const most = Array.from({ length: 600 }, () => "y".repeat(99));
    const last = "z".repeat(TEXT_MAX - fences - most.length * 100 - 1);
    expect(renderMarkdown([...most, last])).toHaveLength(TEXT_MAX);
    expect(blockOf(renderMarkdown([...most, last])).inside).toEqual([...most, last]);
    expect(renderMarkdown([...most, `${last}z`])).toContain("lines are left out here");
  });

  it("that are too many keep their beginning and their end, whole lines, and say how many are missing", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `  + query.brain.q${index} \u{1f600}`);
    const markdown = renderMarkdown([...lines, "Plan: 5000 to create."]);
    expect(markdown.length).toBeLessThanOrEqual(TEXT_MAX);
    expect(markdown.length).toBeGreaterThan(TEXT_MAX - 1_000);
    const { inside } = blockOf(markdown);
    const known = new Set(lines);
    const kept = inside.filter((line) => known.has(line));
    expect([inside[0], inside.at(-1)]).toEqual([lines[0], "Plan: 5000 to create."]);
    expect(inside.filter((line) => !known.has(line)).slice(0, -1)).toEqual([
      `... ${5_000 - kept.length} of 5001 lines are left out here; the output of the command has them all ...`,
    ]);
  });

  it("of which one alone is too long leave it out", () => {
    const { inside } = blockOf(renderMarkdown(["first", "x".repeat(70_000), "last"]));
    expect(inside).toEqual(["first", expect.stringContaining("1 of 3 lines are left out"), "last"]);
  });
});

describe("graphform plan --markdown", () => {
  it("keeps what it prints, whether it could plan or not, and its exit code stays its own", async () => {
    const folder = copyOf(EXAMPLE);
    await run(folder, "import");
    const planned = await run(folder, "plan", "--markdown", "comment.md", "--detailed-exitcode");
    expect(planned.code).toBe(2);
    expect(readFileSync(join(folder, "comment.md"), "utf8")).toBe(`\`\`\`\n${planned.out}\`\`\`\n`);

    writeFileSync(join(folder, "cluster.yaml"), "version: 1\ngraphs: []\n");
    const failed = await run(folder, "plan", "--markdown", "comment.md");
    expect(failed.code).toBe(1);
    expect(readFileSync(join(folder, "comment.md"), "utf8")).toBe(`\`\`\`\n${failed.out}\`\`\`\n`);
  });

  it("fails and says why if the file cannot be written", async () => {
    const folder = copyOf(EXAMPLE);
    const { code, out } = await run(folder, "plan", "--markdown", "nowhere/comment.md");
    expect(code).toBe(1);
    expect(out).toContain("output_file_unwritable nowhere/comment.md");
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });
});
