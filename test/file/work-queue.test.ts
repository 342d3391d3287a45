/** The queue of a local server outlives the server, and says so when its file cannot be read. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileWorkQueue } from "../../lib/file/work-queue.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import type { WorkQueue } from "../../lib/ports/work-queue.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const VISIBILITY_MS = 30_000;
const clock = createManualClock(Date.UTC(2026, 0, 1));

describe("the work queue in a folder", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const open = (): WorkQueue =>
    createFileWorkQueue(folder.path, { clock, ids: createCountingIds(), visibility_ms: VISIBILITY_MS });

  it("keeps what waits and what is in flight over a restart", async () => {
    const before = open();
    await before.send({ body: "one", group: "a", deduplication_id: "1" });
    await before.send({ body: "two", group: "b", deduplication_id: "2" });
    await before.receive(0);
    const after = open();
    expect(await after.receive(0)).toEqual({ tag: "received", messages: [] });
    clock.advance(VISIBILITY_MS + 1);
    const again = await after.receive(0);
    expect(again.tag === "received" ? again.messages.map((each) => each.body) : again).toEqual([
      "one",
      "two",
    ]);
  });

  it("has this form on disk (format_version 1)", async () => {
    const own = createManualClock(Date.UTC(2026, 0, 1));
    const options = { clock: own, ids: createCountingIds(), visibility_ms: VISIBILITY_MS };
    const queue = createFileWorkQueue(folder.path, options);
    await queue.send({ body: '{"kind":"drain"}', group: "company", deduplication_id: "one" });
    await queue.receive(0);
    const bytes = await readFile(join(folder.path, "messages", `${"0".repeat(19)}2`), "utf8");
    const path = fileURLToPath(new URL("../golden/file/queue.v1.json", import.meta.url));
    expect(bytes).toBe(await readFile(path, "utf8"));
  });

  it("creates nothing by looking", async () => {
    await open().receive(0);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("is unavailable, not empty, when its newest file is damaged", async () => {
    await mkdir(join(folder.path, "messages"));
    await writeFile(join(folder.path, "messages", `${"0".repeat(19)}1`), "{");
    expect(await open().receive(0)).toMatchObject({ tag: "unavailable" });
    expect(await open().send({ body: "one", group: "a", deduplication_id: "1" })).toMatchObject({
      tag: "unavailable",
    });
  });
});
