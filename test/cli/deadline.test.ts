/** A deadline on the command line: the run stops, says how to go on, and goes on; its record can be looked at. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { apply } from "../../cli/verbs/apply.ts";
import { importedCluster } from "./applied-cluster.ts";
import { verbJson } from "./captured.ts";
import { forgetFolders, run, runJson } from "./command.ts";

afterAll(forgetFolders);

const TIMEOUT_MS = 120_000;
const NOBODYS = "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z";

/** An apply whose time is over before it begins to create the graph. */
function stopped(folder: string) {
  return verbJson(folder, (context) =>
    apply(context, { plan: undefined, auto_approve: true, targets: null, stop_after_ms: 1 }),
  );
}

describe("An apply with a deadline", () => {
  it(
    "stops with exit code 3 and the command to go on, which finishes it under the same run id",
    async () => {
      const folder = await importedCluster();

      const first = await stopped(folder);
      const id = String(first.document["run_id"]);
      const listed = await run(folder, "runs", "list", "--open");
      const shown = await run(folder, "runs", "show", id);
      const second = await runJson(folder, "apply", "--continue", id, "--as", "eve");

      expect({ code: first.code, outcome: first.document["outcome"] }).toEqual({
        code: 3,
        outcome: "continuing",
      });
      expect(first.codes).toContain("run_continues");
      expect(listed.out).toMatch(
        new RegExp(`^${id}  apply  continuing  .* by tester \\(cli\\), 1 attempt\n$`),
      );
      expect(shown.out).toContain(`Next: graphform apply --continue ${id}`);
      expect(second).toMatchObject({
        code: 0,
        document: { outcome: "applied", converged: true, run_id: id },
      });
      expect((await run(folder, "plan", "--detailed-exitcode")).code).toBe(0);
      const record = (await runJson(folder, "runs", "show", id)).document["run"];
      expect(record).toMatchObject({
        state: "ended",
        outcome: "applied",
        attempts: [{ actor: "tester" }, { actor: "eve" }],
      });
      expect((await run(folder, "runs", "list", "--open")).out).toContain("no runs");
      expect((await runJson(folder, "runs", "list")).document["runs"]).toEqual([record]);
      const again = await runJson(folder, "apply", "--continue", id);
      expect({ code: again.code, codes: again.codes }).toEqual({ code: 1, codes: ["run_ended"] });
    },
    TIMEOUT_MS,
  );

  it(
    "that is given time ends as any other, with a readable answer",
    async () => {
      const folder = await importedCluster();

      const ran = await run(folder, "apply", "--stop-after", "10m");

      expect(ran.code).toBe(0);
      expect(ran.out).toMatch(/^cluster apply: \d+ applied/);
    },
    TIMEOUT_MS,
  );

  it(
    "does not go on with a config that is not its own",
    async () => {
      const folder = await importedCluster();
      const first = await stopped(folder);
      writeFileSync(
        join(folder, "queries", "people.gq"),
        "query all() { match { $p: Person } return { $p.slug } }\n",
      );

      const second = await runJson(folder, "apply", "--continue", String(first.document["run_id"]));

      expect({ code: second.code, codes: second.codes }).toEqual({ code: 1, codes: ["run_config_mismatch"] });
    },
    TIMEOUT_MS,
  );

  it(
    "refuses times and runs that are none, each with what it takes",
    async () => {
      const folder = await importedCluster();

      for (const time of ["30", "0s", "1w", "-5m"]) {
        expect((await run(folder, "apply", `--stop-after=${time}`)).err).toContain(
          "such as 30s, 30m, 24h or 7d",
        );
      }
      expect((await run(folder, "apply", "--continue", "latest")).err).toContain("the id of a run");
      expect((await run(folder, "apply", "--continue", NOBODYS, "--plan", "x")).err).toContain(
        "cannot be used with",
      );
      for (const words of [
        ["apply", "--continue", NOBODYS],
        ["runs", "show", NOBODYS],
      ]) {
        const { code, codes } = await runJson(folder, ...words);
        expect({ code, codes }).toEqual({ code: 1, codes: ["run_not_found"] });
      }
    },
    TIMEOUT_MS,
  );
});
