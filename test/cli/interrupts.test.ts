/** Ctrl-C and kill -9 at several moments: nothing is half done, and the next command goes on (issue 2; design 7). */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { importedCluster, loadedCluster, signalled, writeTopics } from "./applied-cluster.ts";
import { forgetFolders, isLocked, run, runJson, start, until } from "./command.ts";

afterAll(forgetFolders);

const TOPICS = 60_000;
const SEED_TOPICS = 1;

function holdsFiles(folder: string, ...path: readonly string[]): boolean {
  const inside = join(folder, ...path);
  return existsSync(inside) && readdirSync(inside).length > 0;
}

const MOMENTS: readonly (readonly [name: string, reached: (folder: string) => boolean])[] = [
  ["when the lock is taken", isLocked],
  ["when the intents are written", (folder) => holdsFiles(folder, "__cluster", "recoveries")],
  ["when the graph is being made", (folder) => holdsFiles(folder, "graphs")],
  ["when the graph is published", (folder) => holdsFiles(folder, "graphs", "knowledge.omni", "__manifest")],
];

describe("Ctrl-C during an apply", () => {
  it.each(MOMENTS)("%s gives the lock back, and the next apply converges at once", async (_name, reached) => {
    const folder = await importedCluster();
    const ran = await signalled(folder, ["apply"], "SIGINT", () => until(() => reached(folder)));
    // The last moment is so near the end that a slow test may come too late; what follows holds then as well.
    if (ran.code !== 0) {
      expect(ran.err).toContain("Stopping after the step that is running.");
      expect(ran.out).toContain("apply_interrupted");
    }
    expect(isLocked(folder)).toBe(false);
    const { code, document, codes } = await runJson(folder, "apply");
    expect({ code, converged: document["converged"] }).toEqual({ code: 0, converged: true });
    expect(codes).not.toContain("state_lock_taken_over");
    expect((await run(folder, "plan", "--detailed-exitcode")).code).toBe(0);
  });

  it("twice ends it at once, says that nothing is lost, and leaves a lock that names its end", async () => {
    const folder = await importedCluster();
    const running = start(folder, ["apply"]);
    await until(() => isLocked(folder));
    // Two signals of one kind that arrive together are one; SIGTERM counts as the second request.
    running.process.kill("SIGINT");
    running.process.kill("SIGTERM");
    const { code, err } = await running.ended;
    expect([130, 143]).toContain(code);
    expect(err).toContain("Nothing is lost: the next apply or refresh settles what was open");
    expect((await runJson(folder, "status")).code).toBe(0);
    const next = await run(folder, "apply");
    expect(next.out).toMatch(
      /the lock is free by itself in \d+ s\. To end it by force: graphform force-unlock/,
    );
  });
});

describe("kill -9 during an apply", () => {
  it.each(MOMENTS)("%s is told by status, and settled by the next apply", async (_name, reached) => {
    const folder = await importedCluster();
    const killed = await signalled(folder, ["apply"], "SIGKILL", () => until(() => reached(folder)));
    const status = await runJson(folder, "status");
    const seen = status.document["state_observations"] as { readonly lock_id?: string };
    expect(status.code).toBe(0);
    if (killed.code === null) {
      const refused = await run(folder, "apply");
      expect(refused.code).toBe(1);
      const seconds = Number(/free by itself in (\d+) s\./.exec(refused.out)?.[1]);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect((await run(folder, "force-unlock", seen.lock_id ?? "")).code).toBe(0);
    }
    const { code, document } = await runJson(folder, "apply");
    expect({ code, converged: document["converged"] }).toEqual({ code: 0, converged: true });
    expect((await run(folder, "plan", "--detailed-exitcode")).code).toBe(0);
  });
});

describe("A load that is ended", () => {
  it.each(["SIGINT", "SIGKILL"] as const)(
    "by %s has stored nothing or everything, and can be loaded again",
    async (signal) => {
      const folder = await loadedCluster();
      const file = writeTopics(folder, TOPICS);
      const table = join(folder, "graphs", "knowledge.omni");
      const before = readdirSync(table, { recursive: true }).length;
      const ran = await signalled(folder, ["load", "--graph", "knowledge", file], signal, () =>
        until(() => readdirSync(table, { recursive: true }).length > before),
      );
      if (ran.code === 130) expect(ran.err).toContain("A load stores all rows of its file or none");
      const topics = async () =>
        (await run(folder, "export", "--graph", "knowledge")).out
          .split("\n")
          .filter((line) => line.includes('"Topic"')).length;
      expect([SEED_TOPICS, SEED_TOPICS + TOPICS]).toContain(await topics());
      const again = await runJson(folder, "load", "--graph", "knowledge", "--mode", "merge", file);
      expect({ code: again.code, rows: await topics() }).toEqual({ code: 0, rows: SEED_TOPICS + TOPICS });
    },
  );
});
