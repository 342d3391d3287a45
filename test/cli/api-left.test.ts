/** Leaving a run of a deployment, coming back to it, and a server that is stopped in the middle of one. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bundleFiles } from "../../lib/config/sources.ts";
import { readBundle } from "../../lib/file/bundle-reader.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { copyOf, EXAMPLE, forgetFolders, newFolder, until } from "./command.ts";
import { type Asking, ask, asked, askedJson, idleServer, newDeployment, serving } from "./served.ts";

const TIMEOUT_MS = 120_000;
const GRAPHS = 8;

afterAll(forgetFolders);

/** A config of several graphs, so that there is a time between two effects. */
function manyGraphs(): string {
  const folder = newFolder();
  const names = Array.from({ length: GRAPHS }, (_, index) => `g${index}`);
  const graphs = names.map((name) => `  ${name}: {schema: a.pg}`).join("\n");
  writeFileSync(join(folder, "cluster.yaml"), `version: 1\nmetadata: {name: many}\ngraphs:\n${graphs}\n`);
  writeFileSync(join(folder, "a.pg"), "node Person {\n  slug: String @key\n}\n");
  return folder;
}

function isCreating(root: string): boolean {
  const graphs = join(root, "clusters", "many", "graphs");
  return (
    existsSync(graphs) && readdirSync(graphs).some((name) => existsSync(join(graphs, name, "__manifest")))
  );
}

/** Imports, and orders an apply that nobody works on yet. */
async function waiting(folder: string, root: string) {
  const first = await serving(root);
  await asked({ folder, origin: first.origin }, "import");
  await first.stop();
  const server = await idleServer(root);
  const api: Asking = { folder, origin: server.origin };
  const left = await asked(api, "apply", "--auto-approve", "--stop-after", "1s");
  const run = /the run ([0-9A-Z]{26}) goes on/.exec(left.out)?.[1] ?? "";
  return { server, api, left, run };
}

describe("A run of a deployment", () => {
  it(
    "can be left at a time and rejoined, and is done once",
    async () => {
      const { server, api, left, run } = await waiting(copyOf(EXAMPLE), newDeployment());
      expect(left.code).toBe(3);
      expect(left.out).toContain(
        `Next: graphform runs watch --api ${api.origin} ${run}, which waits for its end`,
      );
      expect((await asked(api, "runs", "list", "--open")).out).toContain(`${run}  apply  queued`);
      const watching = ask(api, "runs", "watch", run);
      server.work();
      const watched = await watching.ended;
      expect(watched).toMatchObject({ code: 0, out: expect.stringContaining(`run ${run}: apply, applied`) });
      expect((await asked(api, "runs", "watch", run)).out).toBe(watched.out);
      expect((await askedJson(api, "apply", "--continue", run)).document).toMatchObject({
        outcome: "applied",
        run_id: run,
      });
      expect((await asked(api, "runs", "list")).out.trim().split("\n")).toHaveLength(2);
      await server.stop();
    },
    TIMEOUT_MS,
  );

  it(
    "is left by Ctrl-C, which says how to come back, and can be given up while nobody works on it",
    async () => {
      const { server, api, run } = await waiting(copyOf(EXAMPLE), newDeployment());
      const watching = ask(api, "runs", "watch", run);
      setTimeout(() => watching.process.kill("SIGINT"), 2_000);
      const left = await watching.ended;
      expect(left.code).toBe(3);
      expect(left.out).toContain(`graphform runs watch --api ${api.origin} ${run}`);
      expect((await asked(api, "runs", "cancel", run)).code).toBe(0);
      expect((await asked(api, "runs", "watch", run)).code).toBe(1);
      const gone = await askedJson(api, "apply", "--continue", run);
      expect({ code: gone.code, codes: gone.codes }).toEqual({ code: 1, codes: ["run_without_answer"] });
      await server.stop();
    },
    TIMEOUT_MS,
  );

  it(
    "goes on where it stopped when the server is stopped in the middle of it and started again",
    async () => {
      const root = newDeployment();
      const { server, api, run } = await waiting(manyGraphs(), root);
      server.work();
      await until(() => isCreating(root));
      await server.stop();
      const again = await serving(root);
      const there: Asking = { ...api, origin: again.origin };
      expect(await asked(there, "runs", "watch", run)).toMatchObject({
        code: 0,
        out: expect.stringMatching(new RegExp(`run ${run}: apply, applied.*attempt 2`, "s")),
      });
      expect((await askedJson(there, "apply")).document).toMatchObject({ outcome: "noop", converged: true });
      expect((await asked(there, "fsck")).code).toBe(0);
      await again.stop();
    },
    TIMEOUT_MS,
  );
});

describe("An archive that is dropped into the inbox", () => {
  it(
    "is planned like an upload of somebody unknown, once, also over a restart",
    async () => {
      const root = newDeployment();
      const folder = copyOf(EXAMPLE);
      const first = await serving(root);
      const api: Asking = { folder, origin: first.origin };
      await asked(api, "import");
      mkdirSync(join(root, "inbox", "company-brain"), { recursive: true });
      const zip = await packFiles(bundleFiles(await readBundle(folder)));
      writeFileSync(join(root, "inbox", "company-brain", "config.zip"), zip);
      await until(() => existsSync(join(root, "taken")));
      const id =
        /^([0-9A-Z]{26}) .*nobody named \(upload\)/m.exec((await asked(api, "runs", "list")).out)?.[1] ?? "";
      const watched = await asked(api, "runs", "watch", id);
      expect(watched).toMatchObject({ code: 0, out: expect.stringContaining(`run ${id}: plan, planned`) });
      expect(watched.out).toMatch(/^ {2}upload: inbox\/company-brain\/config.zip of 2[0-9-]+T[0-9:]+Z$/m);
      await first.stop();
      const again = await serving(root);
      const listed = await asked({ ...api, origin: again.origin }, "runs", "list");
      expect(listed.out.match(/\(upload\)/g)).toHaveLength(1);
      await again.stop();
    },
    TIMEOUT_MS,
  );

  it(
    "and cannot be read is a run that says why",
    async () => {
      const root = newDeployment();
      const server = await serving(root);
      const api: Asking = { folder: copyOf(EXAMPLE), origin: server.origin };
      expect((await asked(api, "runs", "list", "--open")).out).toBe("no runs that have not ended\n");
      mkdirSync(join(root, "inbox", "company-brain"), { recursive: true });
      writeFileSync(join(root, "inbox", "company-brain", "half.zip"), "PK\u0003\u0004 and no more");
      await until(() => existsSync(join(root, "taken")));
      const { out } = await asked(api, "runs", "list");
      const id = /^([0-9A-Z]{26}) {2}plan {2}refused/m.exec(out)?.[1] ?? "";
      const shown = await asked(api, "runs", "show", id);
      expect(shown.out).toContain("ERROR archive_unreadable");
      expect(shown.out).toContain("      fix: ");
      const json = await askedJson(api, "runs", "show", id);
      expect(json.document).toMatchObject({ output: { diagnostics: [{ code: "archive_unreadable" }] } });
      await server.stop();
    },
    TIMEOUT_MS,
  );

  it(
    "and was overtaken by a newer one is no success to whoever waits for its apply",
    async () => {
      const root = newDeployment();
      const server = await serving(root);
      const api: Asking = { folder: copyOf(EXAMPLE), origin: server.origin };
      await asked(api, "import");
      const golden = new URL("../golden/apply/run-upload-1.json", import.meta.url);
      const queued = JSON.parse(readFileSync(golden, "utf8"));
      const end = { state: "ended", outcome: "planned", ended_at: queued.created_at };
      const runs = join(root, "clusters", "company-brain", "__graphform", "runs");
      const id: string = queued.run_id;
      writeFileSync(join(runs, `${id}.json`), `${JSON.stringify({ ...queued, ...end })}\n`);
      expect(await asked(api, "runs", "watch", id)).toMatchObject({
        code: 1,
        out: expect.stringContaining(`run ${id}: apply, planned`),
      });
      await server.stop();
    },
    TIMEOUT_MS,
  );
});
