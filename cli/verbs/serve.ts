/**
 * `graphform serve --root DIR`: a deployment on this machine. It runs until Ctrl-C; the first one lets the step that is
 * running end, the second one ends the process at once, and the next start goes on with what was left.
 */
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import type { Deployment } from "../../lib/worker/deployment.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { lineLog } from "../serve/line-log.ts";
import { openServe, type ServeOptions } from "../serve/open-serve.ts";
import { claimRoot, type RootClaim } from "../serve/root-claim.ts";
import { startServe } from "../serve/run-serve.ts";
import { watchLeaving } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

export async function serve(context: CommandContext, options: ServeOptions): Promise<ExitCode> {
  const claimed = await claimRoot({ root: options.root, clock: SYSTEM_CLOCK, ids: createUlids() });
  if (claimed.tag === "refused") return failure(context, "serve", claimed.diagnostics);
  const code = await serveClaimed(context, options, claimed.claim);
  await claimed.claim.release();
  return code;
}

async function serveClaimed(
  context: CommandContext,
  options: ServeOptions,
  claim: RootClaim,
): Promise<ExitCode> {
  const log = lineLog(SYSTEM_CLOCK, context.json ? context.writeError : context.write);
  const opened = openServe(options, context.actor ?? "local", log);
  if (opened.tag === "refused") return failure(context, "serve", opened.diagnostics);
  const { left, stop } = watchLeaving(context, [
    "Stopped. Nothing is lost: the next start goes on with what was left.",
  ]);
  const started = await startServe(opened, options);
  if (started.tag === "refused") {
    stop();
    return failure(context, "serve", started.diagnostics);
  }
  claim.listensAt(started.origin);
  announce(context, started.origin, options, opened.made, await nextVerb(opened.deployment));
  await aborted(left);
  context.writeError("\nStopping after the step that is running. Press Ctrl-C again to stop at once.\n");
  await started.stop();
  stop();
  return 0;
}

/** A server without a cluster is one where somebody begins. */
async function nextVerb(deployment: Deployment): Promise<"import" | "plan"> {
  const listed = await deployment.clusters();
  return listed.tag === "listed" && listed.names.length === 0 ? "import" : "plan";
}

function announce(
  context: CommandContext,
  origin: string,
  { root, tokens }: ServeOptions,
  made: { readonly token: string; readonly file: string } | null,
  next: "import" | "plan",
): void {
  if (context.json) {
    printJson(context, { ok: true, format_version: 1, api: origin, root, diagnostics: [] });
    return;
  }
  const who =
    made === null
      ? [`  tokens: ${tokens ?? `${root}/token, made at the first start`}`]
      : [`  token: ${made.token}`, `  it is kept in ${made.file}, and not shown again`];
  printLines(context, [
    `graphform serve: ${origin}, root ${root}`,
    ...who,
    "",
    `Next: export GRAPHFORM_TOKEN=...; graphform ${next} --api ${origin}`,
    "",
  ]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
