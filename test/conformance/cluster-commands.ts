/**
 * Runs a command of the cluster family as a user does: the verb of the command line with `--json`, on a folder, with
 * the adapters of this machine and the built-in engine. What the verb prints is what the case is judged by.
 */
import { join } from "node:path";
import type { CommandContext } from "../../cli/command-context.ts";
import { openCluster } from "../../cli/open-cluster.ts";
import { findStorage } from "../../cli/open-config.ts";
import { styleFor } from "../../cli/style.ts";
import { apply } from "../../cli/verbs/apply.ts";
import { unlock } from "../../cli/verbs/force-unlock.ts";
import { plan } from "../../cli/verbs/plan.ts";
import { discard } from "../../cli/verbs/recover.ts";
import { refresh } from "../../cli/verbs/refresh.ts";
import { status } from "../../cli/verbs/status.ts";
import { validate } from "../../cli/verbs/validate.ts";
import { assert } from "../../lib/digest/assert.ts";
import type { IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { parseGraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { servingSnapshot } from "../../lib/observe/serving-snapshot.ts";

/** What every command's output has in common; the rest of it is looked at through the facts only. */
export interface CommandOutput {
  readonly ok: boolean;
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly path: string;
    readonly message: string;
  }[];
}

type Verb = (context: CommandContext, args: readonly string[]) => Promise<unknown>;

/** Each prints its output once; a command that is not here fails its cases by name. */
const VERBS: Readonly<Record<string, Verb>> = {
  validate: (context) => validate(context),
  plan: (context) => plan(context, { out: undefined, detailed_exitcode: false, targets: null }),
  apply: (context) => apply(context, { plan: undefined, auto_approve: true, targets: null }),
  status: (context) => status(context),
  refresh: (context) => refresh(context, "refresh"),
  import: (context) => refresh(context, "import"),
  force_unlock: (context, args) => unlock(context, args[0] ?? "", null),
  discard: (context, args) => discard(context, args[0] ?? "", args[1] ?? null),
  serving_snapshot: (context) => printSnapshot(context),
};

/** The output of `command` on the folder, or null if there is no such command. */
export async function runCommand(
  command: string,
  directory: string,
  args: readonly string[],
): Promise<CommandOutput | null> {
  const verb = VERBS[command];
  if (verb === undefined) return null;
  let printed = "";
  const context: CommandContext = {
    config_dir: directory,
    json: true,
    actor: "conformance",
    out: styleFor(false, undefined),
    interactive: false,
    write: (text) => {
      printed += text;
    },
    writeError: () => undefined,
  };
  await verb(context, args);
  return JSON.parse(printed) as CommandOutput;
}

/** There is no verb for it: servers read the snapshot in process. */
async function printSnapshot(context: CommandContext): Promise<void> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") {
    context.write(JSON.stringify({ ok: false, diagnostics: storage.diagnostics }));
    return;
  }
  const outcome = await servingSnapshot(openCluster(storage));
  const snapshot = outcome.tag === "servable" ? outcome.snapshot : {};
  const ok = outcome.tag === "servable";
  context.write(JSON.stringify({ ok, ...snapshot, diagnostics: outcome.diagnostics }));
}

/** Creates the graph whose root is `path`, below the folder, through the engine. */
export async function createGraph(directory: string, path: string, schema: string): Promise<void> {
  const place = /^(.*?)\/?graphs\/([^/]+)\.omni\/?$/.exec(path);
  const graph = parseGraphId(place?.[2] ?? "");
  assert(place !== null && graph !== null, `a case has its graphs at graphs/<id>.omni, not at ${path}`);
  const root = join(directory, place[1] ?? "");
  const { engine, ids } = openCluster({ root, rules: LAPTOP_RULES });
  const created = await engine.create({
    graph,
    expect: 0,
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    incarnation: ids.next() as IncarnationId,
    actor: null,
    schema_source: schema,
  });
  assert(created.tag === "done", `the graph at ${path} could not be created: ${JSON.stringify(created)}`);
}
