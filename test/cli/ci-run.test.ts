/** The scripts of the recipes for CI, run: with the policy that the document beside them shows, on a deployment. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { decodeTargets } from "../../cli/api/targets-file.ts";
import { readArchive } from "../../lib/intake/archive.ts";
import { bundleUpload } from "../../lib/intake/upload-key.ts";
import { decodeUploadMetadata } from "../../lib/intake/upload-metadata.ts";
import { COMMAND, copyOf, EXAMPLE, forgetFolders, newFolder, type Ran, start } from "./command.ts";
import { blocks, jobOf, recipe, recipeText, scriptOf, stepOf } from "./recipe.ts";
import { asked, edit, newDeployment, type Served, serving, TOKENS } from "./served.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const PLAN_AND_APPLY = recipe("github-actions.yml");
const UPLOAD = recipe("github-actions-upload.yml");
const README = recipeText("README.md");
const CI_TOKENS = { "ci-plan": "ci-plan-token-0123456789abc", "ci-apply": "ci-apply-token-0123456789ab" };

/** A program that stands in for one of the runner. */
function program(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", name), text);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** As the runner does it: bash, and the first command that fails ends the step. */
function step(folder: string, script: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const path = `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: path, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (seen.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (seen.err += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...seen })));
}

const NPX = `#!/bin/sh
[ "$1 $2" = "--no-install graphform" ] || exit 99
shift 2
exec "${process.execPath}" "${COMMAND}" "$@"
`;

interface PolicyFile {
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly unknown[];
}

/** The example, whose policy says of CI what the document says. */
function exampleWithCi(): string {
  const folder = copyOf(EXAMPLE);
  const file = join(folder, "policies", "cluster.policy.yaml");
  const people = parse(readFileSync(file, "utf8")) as PolicyFile;
  const ci = parse(blocks(README, "yaml")[0] ?? "") as PolicyFile;
  const groups = { ...people.groups, ...ci.groups };
  writeFileSync(file, stringify({ ...people, groups, rules: [...people.rules, ...ci.rules] }));
  return folder;
}

describe("The policy of the document", () => {
  let server: Served;
  let folder: string;
  beforeAll(async () => {
    const root = newDeployment();
    const tokens = Object.entries({ ...TOKENS, ...CI_TOKENS }).map(([actor, token]) => ({
      name: actor,
      actor,
      token,
    }));
    writeFileSync(join(root, "tokens.json"), JSON.stringify({ format_version: 1, tokens }));
    server = await serving(root);
    folder = exampleWithCi();
    const api = { folder, origin: server.origin };
    await asked(api, "import");
    expect(await asked(api, "apply", "--auto-approve")).toMatchObject({ code: 0 });
    program(folder, "npx", NPX);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    forgetFolders();
  });

  function as(actor: keyof typeof CI_TOKENS, ...args: readonly string[]): Promise<Ran> {
    const env = { GRAPHFORM_TOKEN: CI_TOKENS[actor], HOME: folder };
    return start(folder, [...args, "--api", server.origin], env).ended;
  }

  /** Runs the script of a step with the deployment in use, as the step before it leaves it. */
  async function scripted(actor: keyof typeof CI_TOKENS, script: string): Promise<Ran> {
    const named = scriptOf(jobOf(PLAN_AND_APPLY, "plan"), "Name the deployment").replace(
      '--auth iam --region "$AWS_REGION"',
      "",
    );
    const env = { API: server.origin, CLUSTER: "company-brain", CONFIG: ".", NO_COLOR: "1" };
    return step(folder, `${named}${script}`, { ...env, GRAPHFORM_TOKEN: CI_TOKENS[actor] });
  }

  it("lets CI plan, check and look, as the script for pull requests does, and leaves the comment", async () => {
    edit(folder, "cluster.yaml", /$/, "\n# changed\n");
    const { code, out } = await scripted("ci-plan", scriptOf(jobOf(PLAN_AND_APPLY, "plan"), "Plan"));
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("cluster plan 0") });
    expect(out).toContain(
      readFileSync(join(folder, "comment.md"), "utf8").split("\n").slice(1, -2).join("\n"),
    );
    expect((await as("ci-plan", "validate")).code).toBe(0);
    expect((await as("ci-plan", "status")).code).toBe(0);
  });

  it.each([
    ["apply"],
    ["import"],
    ["refresh"],
    ["history"],
    ["reclaim"],
    ["export", "--graph", "crm", "--out", "rows"],
  ])("forbids the role of pull requests to %s", async (...args) => {
    const { code, out } = await as("ci-plan", ...args);
    expect(code).toBe(1);
    expect(out).toMatch(/api_denied|api_not_found/);
  });

  it("lets the role of merges apply, as the script does", async () => {
    const { code, out } = await scripted("ci-apply", scriptOf(jobOf(PLAN_AND_APPLY, "apply"), "Apply"));
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("converged: true") });
  });
});

describe("The step that names the deployment", () => {
  afterAll(forgetFolders);

  it.each(["plan", "apply"])("signs with the role of the job: %s", async (name) => {
    const folder = newFolder();
    program(folder, "npx", NPX);
    const api = "https://id.execute-api.eu-central-1.amazonaws.com";
    const env = { API: api, CLUSTER: "company-brain", AWS_REGION: "eu-central-1" };
    const ran = await step(folder, scriptOf(jobOf(PLAN_AND_APPLY, name), "Name the deployment"), env);
    expect(ran).toMatchObject({ code: 0 });
    const file = join(folder, ".graphform", "config.yaml");
    expect(decodeTargets(file, readFileSync(file, "utf8"))).toMatchObject({
      targets: {
        use: "ci",
        targets: { ci: { api, cluster: "company-brain", auth: "iam", region: "eu-central-1" } },
      },
    });
  });
});

describe("The step that comments", () => {
  afterAll(forgetFolders);

  const comment = stepOf(jobOf(PLAN_AND_APPLY, "comment"), "Comment");
  const marker = (comment.env?.["MARKER"] ?? "").replace(/\$\{\{.*\}\}/, "company-brain");

  /** Comments on a pull request that has comments with these ids of ours already, and says what is sent to GitHub. */
  async function commented(ids: readonly number[]) {
    const folder = newFolder();
    writeFileSync(join(folder, "ids"), ids.map((id) => `${id}\n`).join(""));
    writeFileSync(join(folder, "comment.md"), "```\ncluster plan\n```\n");
    program(
      folder,
      "gh",
      `#!/bin/sh
printf '%s\\n' "$*" >> calls
case "$*" in *--paginate*) cat ids ;; *) cp body.md sent ;; esac
`,
    );
    const env = { MARKER: marker, PR: "7", GITHUB_REPOSITORY: "o/r", GH_TOKEN: "t" };
    const { code } = await step(folder, comment.run ?? "", env);
    expect(code).toBe(0);
    const [, call = ""] = readFileSync(join(folder, "calls"), "utf8").trim().split("\n").slice(-2);
    return { call, sent: readFileSync(join(folder, "sent"), "utf8") };
  }

  it("makes one comment where there is none of its own, which begins with the line to find it by", async () => {
    const { call, sent } = await commented([]);
    expect(call).toBe("api --silent --method POST repos/o/r/issues/7/comments --field body=@body.md");
    expect(sent).toBe("<!-- graphform plan of company-brain -->\n```\ncluster plan\n```\n");
  });

  it("changes the one of its own, however many others there are", async () => {
    const { call } = await commented([11, 12]);
    expect(call).toBe("api --silent --method PATCH repos/o/r/issues/comments/11 --field body=@body.md");
  });
});

describe("The recipe that uploads", () => {
  afterAll(forgetFolders);

  it("packs what is committed and nothing else, and says of it what the deployment reads", async () => {
    const folder = newFolder();
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: folder });
    mkdirSync(join(folder, "cluster", "queries"), { recursive: true });
    writeFileSync(join(folder, "cluster", "cluster.yaml"), "version: 1\n");
    writeFileSync(join(folder, "cluster", "queries", "q.gq"), "query\n");
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    writeFileSync(join(folder, "cluster", ".env"), "SECRET=1\n");
    program(folder, "aws", `#!/bin/sh\nfor each in "$@"; do printf '%s\\n' "$each"; done > call\n`);
    const job = jobOf(UPLOAD, "upload");
    const env = {
      CONFIG: "cluster",
      BUCKET: "graphform-bucket",
      CLUSTER: "company-brain",
      GITHUB_SHA: COMMIT,
      GITHUB_REF: "refs/heads/main",
      GITHUB_REPOSITORY: "o/r",
      GITHUB_RUN_ID: "1",
      GITHUB_RUN_ATTEMPT: "2",
    };
    expect(await step(folder, `${scriptOf(job, "Pack")}\n${scriptOf(job, "Upload")}`, env)).toMatchObject({
      code: 0,
    });

    const read = await readArchive(readFileSync(join(folder, "config.zip")));
    expect(read.tag === "read" && [...read.files.keys()].sort()).toEqual(["cluster.yaml", "queries/q.gq"]);
    const [, , file, to = "", option, metadata = ""] = readFileSync(join(folder, "call"), "utf8").split("\n");
    expect([file, option]).toEqual(["config.zip", "--metadata"]);
    expect(bundleUpload(to.replace("s3://graphform-bucket/", ""))).toEqual({
      cluster: "company-brain",
      name: `${COMMIT}-1-2`,
    });
    const said = Object.fromEntries(metadata.split(",").map((pair) => pair.split("=") as [string, string]));
    expect(decodeUploadMetadata(said)).toMatchObject({
      metadata: { mode: "auto", git: { commit: COMMIT, ref: "refs/heads/main", repository: "o/r" } },
    });
    expect(Object.keys(said)).toHaveLength(4);
  });
});
