/** A process that is killed while it writes leaves garbage that can be found and removed, and nothing else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TablePosition } from "../../../lib/engine/tables.ts";
import { batch, filled, idsAt, PATH, value } from "../../contract/table-rows.ts";
import { filesBelow, type LanceFolder, lanceFolder } from "./lance-folder.ts";
import { lanceScript, REPOSITORY } from "./lance-script.ts";

/** Killed this long after so many rounds were written. */
const KILLS = [
  { rounds: 0, delay_ms: 0 },
  { rounds: 0, delay_ms: 12 },
  { rounds: 1, delay_ms: 0 },
  { rounds: 2, delay_ms: 5 },
] as const;

let folder: LanceFolder;
let scripts: string;
beforeEach(async () => {
  folder = await lanceFolder();
  scripts = await mkdtemp(join(tmpdir(), "graphform-crash-"));
});
afterEach(async () => {
  await folder.remove();
  await rm(scripts, { recursive: true, force: true });
});

it("keeps pinned positions exact and every trace of the dead writer removable, whenever it is killed", async () => {
  const base = await filled(folder.tables, PATH, ["a", "b"]);
  for (const [index, kill] of KILLS.entries()) {
    await killedWriter(base, `1-crash${index}`, kill);
    expect(await idsAt(folder.tables, base)).toEqual(["a", "b"]);
    const writer = value(await folder.tables.branch(base, `2-next${index}`));
    value(await writer.append(batch({ id: ["c"] })));
    expect(await idsAt(folder.tables, value(await writer.finish()).position)).toEqual(["a", "b", "c"]);
    const garbage = value(await folder.tables.branches(PATH)).filter((name) => name.startsWith("1-crash"));
    if (kill.rounds > 0) expect(garbage).toEqual([`1-crash${index}`]);
    for (const branch of garbage) value(await folder.tables.dropBranch(PATH, branch));
    expect((await filesBelow(folder.root)).filter((file) => file.includes("1-crash"))).toEqual([]);
  }
});

interface Kill {
  readonly rounds: number;
  readonly delay_ms: number;
}

/** Starts a writer that appends for ever to a branch of its own, and kills it soon after it has begun. */
async function killedWriter(base: TablePosition, branch: string, kill: Kill): Promise<void> {
  const body = `
    const tables = createLanceTables({ root, storage: createGraphFolder(root) });
    await tables.datasets("graphs");
    console.log("begin");
    const { value: writer } = await tables.branch(${JSON.stringify(base)}, ${JSON.stringify(branch)});
    for (let round = 0; ; round += 1) {
      const id = Array.from({ length: 2000 }, (_, index) => "ghost-" + round + "-" + index);
      await writer.append({ length: id.length, columns: new Map([["id", id]]) });
      await writer.compact();
      console.log("round");
    }
  `;
  const args = await lanceScript(scripts, folder.root, body);
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  await linesOf(child.stdout, kill.rounds + 1);
  await setTimeout(kill.delay_ms);
  child.kill("SIGKILL");
  await closed;
}

async function linesOf(stream: Readable, count: number): Promise<void> {
  let seen = 0;
  while (seen < count) {
    const [chunk] = await once(stream, "data");
    seen += String(chunk).split("\n").length - 1;
  }
}
