/** The lock as commands see it, and ending it by force (spec/cluster 6, 14.1). */
import { describe, expect, test } from "vitest";
import { appliedFolder, clusterFolder, LIBRARY, lockText } from "./cluster-folder.ts";

const LOCK = "__cluster/lock.json";
const NO_LOCKING = `${LIBRARY["cluster.yaml"]}state: { lock: false }\n`;

describe("force-unlock", () => {
  test("removes the lock that has the id, keeps its facts in the answer, and lets others go on", async () => {
    const folder = clusterFolder({ [LOCK]: lockText("01LOCK") });

    const unlocked = await folder.run("force_unlock", "01LOCK");

    expect(unlocked.ok).toBe(true);
    expect(unlocked.at("lock_removed")).toBe(true);
    expect(unlocked.at("state_observations")).toMatchObject({
      locked: false,
      lock_id: "01LOCK",
      lock_operation: "apply",
      lock_created_at: "2026-02-03T04:05:06Z",
      lock_pid: 77,
    });
    expect(folder.exists(LOCK)).toBe(false);
    expect((await folder.run("plan")).codes).not.toContain("state_lock_held");
  });

  test.each([
    ["another id", lockText("01OTHER"), "state_lock_id_mismatch"],
    ["no JSON", "{", "invalid_state_lock"],
    [
      "an unknown key",
      JSON.stringify({ ...JSON.parse(lockText("01LOCK")), host: "h" }),
      "invalid_state_lock",
    ],
    ["a newer version", lockText("01LOCK", "apply", 2), "unsupported_state_lock_version"],
  ])("leaves a lock with %s alone", async (_what, text, code) => {
    const folder = clusterFolder({ [LOCK]: text });

    const refused = await folder.run("force_unlock", "01LOCK");

    expect(refused.ok).toBe(false);
    expect(refused.codes).toEqual([code]);
    expect(refused.at("lock_removed")).toBe(false);
    expect(refused.at("state_observations.locked")).toBe(true);
    expect(folder.read(LOCK)).toBe(text);
  });

  test("says that there is no lock", async () => {
    const refused = await clusterFolder().run("force_unlock", "01LOCK");

    expect(refused.ok).toBe(false);
    expect(refused.codes).toEqual(["state_lock_missing"]);
    expect(refused.at("state_observations.locked")).toBe(false);
  });
});

describe("a held lock", () => {
  test.each(["apply", "refresh", "import"])("stops %s, which names its id and holder", async (command) => {
    const folder = clusterFolder({ [LOCK]: lockText("01LOCK") });

    const refused = await folder.run(command);

    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "state_lock_held",
        severity: "error",
        path: LOCK,
        message: expect.stringContaining("force-unlock 01LOCK"),
      }),
    );
    expect(refused.at("state_observations")).toMatchObject({
      locked: true,
      lock_id: "01LOCK",
      lock_acquired: false,
      lock_operation: "apply",
      lock_pid: 77,
    });
    expect(folder.exists("__cluster/state.json")).toBe(false);
    expect(folder.read(LOCK)).toBe(lockText("01LOCK"));
  });

  test("that cannot be read stops apply as well", async () => {
    const folder = clusterFolder({ [LOCK]: "{" });

    const refused = await folder.run("apply");

    expect(refused.ok).toBe(false);
    expect(refused.codes).toContain("state_lock_held");
    expect(refused.at("state_observations.locked")).toBe(true);
  });

  test("shows all its facts in the status, with its age", async () => {
    const folder = await appliedFolder();
    folder.write(LOCK, lockText("01LOCK", "import"));

    const status = await folder.run("status");

    expect(status.ok).toBe(true);
    expect(status.at("state_observations")).toMatchObject({
      locked: true,
      lock_id: "01LOCK",
      lock_acquired: false,
      lock_operation: "import",
      lock_created_at: "2026-02-03T04:05:06Z",
      lock_pid: 77,
      lock_age_seconds: expect.any(Number),
    });
  });

  test.each([
    ["{", "invalid_state_lock"],
    [lockText("01LOCK", "apply", 2), "unsupported_state_lock_version"],
  ])("that reads %j is a warning of the status", async (text, code) => {
    const folder = await appliedFolder();
    folder.write(LOCK, text);

    const status = await folder.run("status");

    expect(status.ok).toBe(true);
    expect(status.diagnostics).toContainEqual(expect.objectContaining({ code, severity: "warning" }));
  });
});

describe("a disabled lock", () => {
  test.each(["refresh", "apply"])("lets %s run past a lock, with a warning", async (command) => {
    const folder = await appliedFolder({ "cluster.yaml": NO_LOCKING });
    folder.write(LOCK, lockText("01LOCK"));

    const ran = await folder.run(command);

    expect(ran.ok).toBe(true);
    expect(ran.diagnostics).toContainEqual(
      expect.objectContaining({ code: "state_lock_disabled", severity: "warning", path: "state.lock" }),
    );
    expect(folder.read(LOCK)).toBe(lockText("01LOCK"));
  });
});

describe("a command that took the lock", () => {
  test("says so and gives it back", async () => {
    const folder = clusterFolder();

    const imported = await folder.run("import");

    expect(imported.at("state_observations")).toMatchObject({
      locked: false,
      lock_acquired: true,
      acquired_lock_id: expect.any(String),
    });
    expect(folder.exists(LOCK)).toBe(false);
  });
});
