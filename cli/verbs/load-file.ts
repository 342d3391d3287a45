/** The file of a load, looked at before anything else: what is no file of JSON lines is said so in its own words. */
import { type FileHandle, open } from "node:fs/promises";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { fileProblem, fileReason } from "./file-problem.ts";

/** First bytes of formats that are often given by mistake, and how to get at the lines inside. */
const FORMATS: readonly { readonly bytes: readonly number[]; readonly is: string; readonly fix: string }[] = [
  { bytes: [0x1f, 0x8b], is: "gzip", fix: "Unpack it first: `gunzip FILE`." },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], is: "Zstandard", fix: "Unpack it first: `unzstd FILE`." },
  { bytes: [0x50, 0x4b, 0x03, 0x04], is: "a ZIP archive", fix: "Unpack it first: `unzip FILE`." },
  { bytes: [0xff, 0xfe], is: "UTF-16 text", fix: "Save it as UTF-8." },
  { bytes: [0xfe, 0xff], is: "UTF-16 text", fix: "Save it as UTF-8." },
];
const FIRST_BYTES_MAX = 4;

export type LoadFile =
  | { readonly tag: "file"; readonly bytes: number }
  | { readonly tag: "problem"; readonly diagnostic: Diagnostic };

/** A pipe is refused, because a load reads its source more than once: what was checked must be what is stored. */
export async function examineLoadFile(path: string): Promise<LoadFile> {
  const problem = (reason: string, fix?: string): LoadFile => ({
    tag: "problem",
    diagnostic: fileProblem(path, reason, fix),
  });
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const facts = await file.stat();
    if (facts.isDirectory()) return problem("it is a folder");
    if (!facts.isFile())
      return problem("it is not a file that can be read twice", "Write the rows to a file first.");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES_MAX), 0, FIRST_BYTES_MAX, 0);
    const first = buffer.subarray(0, bytesRead);
    const format = FORMATS.find(({ bytes }) => bytes.every((byte, index) => first[index] === byte));
    if (format !== undefined) return problem(`it is ${format.is}, not JSON lines`, format.fix);
    return { tag: "file", bytes: facts.size };
  } catch (error) {
    return problem(fileReason(error));
  } finally {
    await file?.close();
  }
}
