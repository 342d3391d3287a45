/** RunningDigest: the SHA-256 of bytes that arrive piece by piece and are not kept. */
import { createHash } from "node:crypto";
import type { Digest } from "./digest.ts";

export interface RunningDigest {
  add(bytes: Uint8Array): void;
  /** The digest of everything added. Called once, at the end. */
  finish(): Digest;
}

export function createRunningDigest(): RunningDigest {
  const running = createHash("sha256");
  return {
    add: (bytes) => {
      running.update(bytes);
    },
    finish: () => running.digest("hex") as Digest,
  };
}
