/** The recipes for CI give each job no more than it needs: whoever loosens one finds it here. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocks, jobOf, recipe, recipeText, scriptOf, stepOf } from "./recipe.ts";

const PLAN_AND_APPLY = "github-actions.yml";
const UPLOAD = "github-actions-upload.yml";
const FILES = [PLAN_AND_APPLY, UPLOAD];
const README = recipeText("README.md");

const main = recipe(PLAN_AND_APPLY);
const [plan, comment, apply] = ["plan", "comment", "apply"].map((name) => jobOf(main, name)) as [
  ReturnType<typeof jobOf>,
  ReturnType<typeof jobOf>,
  ReturnType<typeof jobOf>,
];
const upload = jobOf(recipe(UPLOAD), "upload");

const everyJob = FILES.flatMap((file) =>
  Object.entries(recipe(file).jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const everyStep = everyJob.flatMap(([name, job]) => job.steps.map((step) => [name, step] as const));
/** Commands, one a line, with continued lines joined. */
const everyCommand = everyStep.flatMap(([, { run = "" }]) => run.replaceAll("\\\n", " ").split("\n"));

describe("The recipes for CI", () => {
  it("are all of the folder", () => {
    expect(readdirSync(new URL("../../examples/ci", import.meta.url)).sort()).toEqual(
      [...FILES, "README.md"].sort(),
    );
  });

  it("begin with pull requests and pushes to main, never with the rights of main and the code of a branch", () => {
    const paths = ["cluster/**"];
    const branches = ["main"];
    expect(main.on).toEqual({ pull_request: { branches, paths }, push: { branches, paths } });
    expect(recipe(UPLOAD).on).toEqual({ push: { branches, paths } });
  });

  it("have these jobs, each with these permissions and no others", () => {
    const granted = FILES.map((file) => {
      const { jobs, permissions } = recipe(file);
      return [
        permissions,
        Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions])),
      ];
    });
    expect(granted).toEqual([
      [
        {},
        {
          plan: { contents: "read", "id-token": "write" },
          comment: { "pull-requests": "write" },
          apply: { contents: "read", "id-token": "write" },
        },
      ],
      [{}, { upload: { contents: "read", "id-token": "write" } }],
    ]);
  });

  it("plan pull requests of this repository only, apply and upload pushes to main only", () => {
    expect(plan.if).toBe(
      "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
    );
    expect(apply.if).toBe("github.event_name == 'push' && github.ref == 'refs/heads/main'");
    expect(upload.if).toBe(apply.if);
  });

  it("give each job the role that is its own, and the environment to what changes production", () => {
    const roles = everyJob.map(([, { environment, steps }]) => [
      environment,
      steps.flatMap((step) => step.with?.["role-to-assume"] ?? []),
    ]);
    expect(roles).toEqual([
      [undefined, ["${{ vars.GRAPHFORM_PLAN_ROLE }}"]],
      [undefined, []],
      ["production", ["${{ vars.GRAPHFORM_APPLY_ROLE }}"]],
      ["production", ["${{ vars.GRAPHFORM_UPLOAD_ROLE }}"]],
    ]);
  });

  it("run these commands of Graphform, and in the job of pull requests no apply", () => {
    const verbs = (job: typeof plan) =>
      job.steps.flatMap(({ run = "" }) => [...run.matchAll(/graphform (\w+)/g)].map((match) => match[1]));
    expect(verbs(plan)).toEqual(["targets", "targets", "plan"]);
    expect(verbs(apply)).toEqual(["targets", "targets", "apply"]);
  });

  it("let a newer plan replace an older one, and never stop or overlap an apply", () => {
    expect(everyJob.map(([, { concurrency }]) => concurrency)).toEqual([
      { group: "graphform-plan-${{ github.event.pull_request.number }}", "cancel-in-progress": true },
      { group: "graphform-comment-${{ github.event.pull_request.number }}", "cancel-in-progress": false },
      { group: "graphform-apply", "cancel-in-progress": false },
      { group: "graphform-upload", "cancel-in-progress": false },
    ]);
  });

  it.each(everyJob)("end in time: %s", (_, job) => {
    expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
  });

  it("pin every action by its commit, the same everywhere, and name its version", () => {
    const used = FILES.flatMap((file) => recipeText(file).match(/^.*\buses:.*$/gm) ?? []);
    expect(used).toHaveLength(everyStep.filter(([, { uses }]) => uses !== undefined).length);
    for (const line of used) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const pins = new Map(
      used.map((line) => [line.replace(/^.*uses: (.*)@.*$/, "$1"), line.replace(/^.*@/, "")]),
    );
    for (const line of used) expect(line).toContain(pins.get(line.replace(/^.*uses: (.*)@.*$/, "$1")));
  });

  it("leave no token in the checkout and take nothing from caches", () => {
    for (const [name, { uses = "", with: given = {} }] of everyStep) {
      if (uses.startsWith("actions/checkout@"))
        expect({ name, given }).toEqual({ name, given: { "persist-credentials": false } });
      if (uses.startsWith("actions/setup-node@"))
        expect({ name, given }).toMatchObject({ given: { "package-manager-cache": false } });
      expect(given).not.toHaveProperty("cache");
    }
  });

  it("run no script of a package that is installed, and no Graphform but the installed one", () => {
    const npm = everyCommand.filter((line) => /\bnpm\b/.test(line));
    expect(new Set(npm)).toEqual(new Set(["npm ci --ignore-scripts"]));
    const npx = everyCommand.filter((line) => /\b(npx|graphform \w)/.test(line));
    expect(npx.length).toBeGreaterThan(0);
    for (const line of npx) expect(line).toMatch(/^npx --no-install graphform /);
  });

  it("put nothing of an event into a script, where it would be run", () => {
    for (const [, { run = "" }] of everyStep) expect(run).not.toContain("${{");
  });
});

describe("The comment", () => {
  it("is written by a job that runs nothing of the pull request, also after a plan that failed", () => {
    expect(comment.needs).toBe("plan");
    expect(comment.if).toBe("always() && needs.plan.result != 'skipped' && needs.plan.result != 'cancelled'");
    expect(comment.steps.map(({ uses, name }) => uses?.replace(/@.*/, "") ?? name)).toEqual([
      "actions/download-artifact",
      "Comment",
    ]);
  });

  it("is left out, and fails nothing, where there is no plan to show", () => {
    const there = "always() && hashFiles('comment.md') != ''";
    expect(stepOf(plan, "Keep the comment for the job that posts it").if).toBe(there);
    expect(stepOf(comment, "Comment").if).toBe(there);
    expect(comment.steps[0]?.with).toEqual({ pattern: "comment", "merge-multiple": true });
  });

  it("is found by its first line and its author, and not by being the last", () => {
    expect(scriptOf(comment, "Comment")).toContain(
      `.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($ENV.MARKER))) | .id`,
    );
    expect(scriptOf(comment, "Comment")).not.toContain("--edit-last");
    expect(stepOf(comment, "Comment").env?.["MARKER"]).toMatch(/^<!-- .* -->$/);
  });
});

describe("The document beside the recipes", () => {
  it("lists every variable that they read, and they read no secret", () => {
    const text = FILES.map(recipeText).join("\n");
    const read = [...text.matchAll(/\bvars\.(\w+)/g)].map((match) => match[1]);
    const listed = [...README.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect([...new Set(read)].sort()).toEqual([...listed].sort());
    expect(text).not.toMatch(/\bsecrets[.[]/);
  });

  it("trusts whole subjects: pull requests for the role that plans, the environment for those that change", () => {
    const policies = blocks(README, "json").map((block): unknown => JSON.parse(block));
    const trusted = ["pull_request", "environment:production"].map((subject) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: {
            Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": `repo:OWNER/REPO:${subject}`,
            },
          },
        },
      ],
    }));
    expect(policies.slice(0, 2)).toEqual(trusted);
    expect(policies).toHaveLength(3);
  });

  it("says what the author of a change is, and who must not approve", () => {
    expect(README).toContain("**the author of everything that CI brings is the actor of CI's role**");
    expect(README).toContain("require a review by another person");
    expect(README).toContain("put nobody who writes config into the group that holds `cluster_approve`");
    expect(README).toMatch(/limited to `main`/);
  });

  it("uploads as the recipe does", () => {
    const shown = blocks(README, "").find((block) => block.includes("aws s3 cp")) ?? "";
    const names = (text: string) => [...text.matchAll(/(graphform-[\w-]+)=/g)].map((match) => match[1]);
    expect(names(shown)).toEqual(names(scriptOf(upload, "Upload")));
    expect(shown).toContain("git archive --format=zip --output=config.zip HEAD:cluster");
  });
});
