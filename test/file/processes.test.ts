/** Many real processes on one folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

const PROCESSES = 8;
const SUCCESSES = 5;
const TIMEOUT_MS = 180_000;
const CONTENDER = fileURLToPath(new URL("./contender.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let output = "";
    let errors = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}

async function contend(what: string, folder: string): Promise<readonly Record<string, unknown>[]> {
  const children = Array.from({ length: PROCESSES }, (_, n) =>
    spawn(process.execPath, ["--import", "tsx", CONTENDER, what, folder, `process ${n}`, String(SUCCESSES)]),
  );
  const results = await Promise.all(children.map(ended));
  for (const { code, errors } of results) expect(errors + code).toBe("0");
  return results.flatMap(({ output }) =>
    output
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line)),
  );
}

describe("eight processes on one folder", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder("graphform processes # 100% ?");
  });
  afterEach(() => folder.remove());

  it(
    "commit every revision exactly once, each on the one before, without a gap (L1, L3, L7)",
    async () => {
      const lines = await contend("commit", folder.path);
      const byRevision = [...lines].sort((a, b) => Number(a["state_revision"]) - Number(b["state_revision"]));
      expect(byRevision.map((line) => line["state_revision"])).toEqual(
        Array.from({ length: PROCESSES * SUCCESSES }, (_, n) => n + 1),
      );
      const parents = byRevision.map((line) => line["parent"]);
      expect(parents).toEqual([null, ...byRevision.slice(0, -1).map((line) => line["commit_id"])]);
      const read = await openFileRoot(folder.path).ledger.read();
      const last = read.tag === "found" ? JSON.parse(new TextDecoder().decode(read.bytes)) : read;
      expect(last.commit_id).toBe(byRevision.at(-1)?.["commit_id"]);
    },
    TIMEOUT_MS,
  );

  it(
    "hold the lease one at a time, with tokens that never repeat (K1, K2)",
    async () => {
      const lines = await contend("lease", folder.path);
      const tokens = lines.map((line) => Number(line["token"])).sort((a, b) => a - b);
      expect(tokens).toEqual(Array.from({ length: PROCESSES * SUCCESSES }, (_, n) => n + 1));
    },
    TIMEOUT_MS,
  );
});
