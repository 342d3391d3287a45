/** The lock as people meet it: held, left behind, foreign, damaged (spec/cluster 6, 11.5; design 4.2). */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importedCluster } from "./applied-cluster.ts";
import { forgetFolders, isLocked, lockFile, run, runJson, start, until } from "./command.ts";
import { forceUnlockFacts } from "./unlock.ts";

afterAll(forgetFolders);

const FOREIGN_ID = "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z";
const FOREIGN_LOCK = `{
  "version": 1,
  "lock_id": "${FOREIGN_ID}",
  "operation": "apply",
  "created_at": "2026-06-10T09:00:00Z",
  "pid": 4242
}`;

describe("The lock of an apply that was stopped", () => {
  it("is shown, waited for, removed by its own id only, and finds the doors closed when it continues (K3, K4)", async () => {
    const folder = await importedCluster();
    const stopped = start(folder, ["apply", "--as", "sleeper"]);
    await until(() => isLocked(folder));
    stopped.process.kill("SIGSTOP");
    const { lock_id } = JSON.parse(readFileSync(lockFile(folder), "utf8"));

    const status = await runJson(folder, "status");
    expect(status.document["state_observations"]).toMatchObject({ locked: true, lock_id });
    const planned = await runJson(folder, "plan");
    expect({ code: planned.code, codes: planned.codes }).toEqual({ code: 0, codes: ["state_lock_held"] });
    const second = await run(folder, "apply");
    expect(second.code).toBe(1);
    expect(second.out).toMatch(/ERROR state_lock_held .* the lock is free by itself in \d+ s\./);
    expect(second.out).toContain(`graphform force-unlock ${lock_id}`);

    const wrong = await runJson(folder, "force-unlock", FOREIGN_ID);
    expect({ code: wrong.code, codes: wrong.codes }).toEqual({ code: 1, codes: ["state_lock_id_mismatch"] });
    const right = await runJson(folder, "force-unlock", lock_id, "--reason", "the laptop sleeps");
    expect({ code: right.code, removed: right.document["lock_removed"] }).toEqual({ code: 0, removed: true });
    expect(forceUnlockFacts(folder)).toMatchObject([{ lock_id, reason: "the laptop sleeps" }]);

    const third = await runJson(folder, "apply", "--as", "ana");
    expect({ code: third.code, converged: third.document["converged"] }).toEqual({
      code: 0,
      converged: true,
    });
    stopped.process.kill("SIGCONT");
    await stopped.ended;
    const after = await runJson(folder, "status");
    expect(after.document["last_change"]).toMatchObject({ actor: "ana" });
    expect((await run(folder, "plan", "--detailed-exitcode")).code).toBe(0);
    expect(isLocked(folder)).toBe(false);
  });
});

describe("A lock that is not Graphform's", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await importedCluster();
  }, 120_000);

  it("of OmniGraph is respected until it is removed by its id", async () => {
    writeFileSync(lockFile(folder), FOREIGN_LOCK);
    const applied = await runJson(folder, "apply");
    expect({ code: applied.code, codes: applied.codes }).toEqual({ code: 1, codes: ["state_lock_held"] });
    expect(JSON.stringify(applied.document)).toContain(`graphform force-unlock ${FOREIGN_ID}`);
    expect(readFileSync(lockFile(folder), "utf8")).toBe(FOREIGN_LOCK);
    expect((await run(folder, "force-unlock", FOREIGN_ID)).out).toContain(`removed lock (id=${FOREIGN_ID})`);
    expect(existsSync(lockFile(folder))).toBe(false);
  });

  it("and cannot be read is never removed by a program, which says what helps instead", async () => {
    writeFileSync(lockFile(folder), "{}");
    const { code, codes, document } = await runJson(folder, "refresh");
    expect({ code, codes }).toEqual({ code: 1, codes: ["state_lock_held", "invalid_state_lock"] });
    expect(JSON.stringify(document)).toContain("remove the file by hand");
    expect(readFileSync(lockFile(folder), "utf8")).toBe("{}");
    rmSync(lockFile(folder));
  });
});

describe("Two applies at once", () => {
  it("leave one change, and each says what it did or why it did nothing", async () => {
    const folder = await importedCluster();
    const both = await Promise.all([
      runJson(folder, "apply", "--as", "ana"),
      runJson(folder, "apply", "--as", "ben"),
    ]);
    const outcomes = both.map(({ document }) => document["outcome"]);
    expect(outcomes.filter((outcome) => outcome === "applied")).toHaveLength(1);
    const other = both.find(({ document }) => document["outcome"] !== "applied");
    expect(["noop", "refused"]).toContain(other?.document["outcome"]);
    if (other?.document["outcome"] === "refused") expect(other.codes).toContain("state_lock_held");
    expect(existsSync(join(folder, "__cluster", "state.json"))).toBe(true);
  });
});
