/**
 * A secret that a server makes once and keeps for itself: a file that nobody else on the machine can read.
 *
 * Guarantees: the file appears whole, by one link of complete bytes; what could not be written leaves none. A file that
 * holds nothing, as a full disk may have left it, is made anew.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { fileReason } from "../verbs/file-problem.ts";

export type KeptSecret =
  | {
      readonly tag: "kept";
      readonly text: string;
      /** It was made now, so nobody has seen it yet. */
      readonly fresh: boolean;
    }
  | { readonly tag: "failed"; readonly reason: string };

const SECRET_BYTES = 32;

/** Of a secret that can be neither read nor made. */
export function unkeptSecret(file: string, reason: string): Diagnostic {
  const message = `The secret ${file} can be neither read nor made: ${reason}.`;
  return diagnostic("serve_root_unusable", { path: file, message });
}

export function keptSecret(file: string): KeptSecret {
  try {
    const found = read(file);
    return found === null || found === "" ? make(file, found) : { tag: "kept", text: found, fresh: false };
  } catch (error) {
    return { tag: "failed", reason: fileReason(error) };
  }
}

/** `present`: what is there now; null: no file. */
function make(file: string, present: "" | null): KeptSecret {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = randomBytes(SECRET_BYTES).toString("base64url");
  const staged = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    writeSynced(staged, `${text}\n`);
    if (present === "") renameSync(staged, file);
    else linkSync(staged, file);
    return { tag: "kept", text, fresh: true };
  } catch (error) {
    // Another process may have been faster.
    const other = read(file);
    if (other === null || other === "") throw error;
    return { tag: "kept", text: other, fresh: false };
  } finally {
    rmSync(staged, { force: true });
  }
}

function writeSynced(file: string, text: string): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Null: there is no file. */
function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
