/** `--markdown FILE`: what a verb prints, kept beside as Markdown, also when it fails. Its exit code stays its own. */
import { writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { Verb } from "../command-context.ts";
import { renderMarkdown } from "../render/render-markdown.ts";
import { unwritableFile } from "./file-problem.ts";
import { failure } from "./verb-failure.ts";

/** The verb, with a copy of its output in `file`; if that cannot be written, it fails and says so. */
export function withMarkdownCopy(name: string, file: string, verb: Verb): Verb {
  return async (context) => {
    let printed = "";
    const write = (text: string) => {
      printed += text;
      context.write(text);
    };
    const code = await verb({ ...context, write });
    const lines = stripVTControlCharacters(printed).trimEnd().split("\n");
    try {
      writeFileSync(file, renderMarkdown(lines));
      return code;
    } catch (error) {
      return failure(context, name, [unwritableFile(file, "The Markdown", error)]);
    }
  };
}
