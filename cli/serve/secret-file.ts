/** A secret that a server makes once and keeps for itself: a file that nobody else on the machine can read. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface KeptSecret {
  readonly text: string;
  /** It was made now, so nobody has seen it yet. */
  readonly fresh: boolean;
}

const SECRET_BYTES = 32;

/** Throws what the file system says if the file can be neither read nor made. */
export function keptSecret(file: string): KeptSecret {
  const found = read(file);
  if (found !== null) return { text: found, fresh: false };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = randomBytes(SECRET_BYTES).toString("base64url");
  try {
    writeFileSync(file, `${text}\n`, { flag: "wx", mode: 0o600 });
    return { text, fresh: true };
  } catch (error) {
    const other = read(file);
    if (other === null) throw error;
    return { text: other, fresh: false };
  }
}

function read(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return text === "" ? null : text;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
