/** The recipes for CI as GitHub reads them, and the blocks of the document beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { EXAMPLE } from "./command.ts";

export const RECIPES = join(EXAMPLE, "..", "ci");

const step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});

const job = z.strictObject({
  if: z.string(),
  needs: z.string().optional(),
  "runs-on": z.string(),
  "timeout-minutes": z.number(),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }),
  steps: z.array(step),
});

const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  defaults: z.unknown(),
  env: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), job),
});

export type Step = z.output<typeof step>;
export type Job = z.output<typeof job>;
export type Workflow = z.output<typeof workflow>;

export function recipeText(file: string): string {
  return readFileSync(join(RECIPES, file), "utf8");
}

/** Strict: what a recipe may not have at all (services, containers, `continue-on-error`) fails here. */
export function recipe(file: string): Workflow {
  return workflow.parse(parse(recipeText(file)));
}

export function jobOf(workflow: Workflow, name: string): Job {
  const found = workflow.jobs[name];
  if (found === undefined) throw new Error(`there is no job ${name}`);
  return found;
}

export function stepOf({ steps }: Job, name: string): Step {
  const found = steps.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no step ${name}`);
  return found;
}

/** The script of a step, as bash runs it. */
export function scriptOf(job: Job, name: string): string {
  return stepOf(job, name).run ?? "";
}

/** Everything in a document between fences of `language`. */
export function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}
