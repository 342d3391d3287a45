/** A cluster that was applied once, to copy: for tests of what comes after. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apply } from "../../cli/verbs/apply.ts";
import { init } from "../../cli/verbs/init.ts";
import { load } from "../../cli/verbs/load.ts";
import { refresh } from "../../cli/verbs/refresh.ts";
import { captured, verbJson } from "./captured.ts";
import { newFolder, type Ran, start } from "./command.ts";

/** The starter folder, imported. */
export async function importedCluster(): Promise<string> {
  const folder = newFolder();
  await init(captured(folder).context, folder);
  await verbJson(folder, (context) => refresh(context, "import"));
  return folder;
}

/** The same, applied, with its seed rows. */
export async function loadedCluster(): Promise<string> {
  const folder = await importedCluster();
  await verbJson(folder, (context) => apply(context, { plan: undefined, auto_approve: true, targets: null }));
  const file = join(folder, "data", "seed.jsonl");
  await verbJson(folder, (context) => load(context, { graph: "knowledge", file, mode: "append" }));
  return folder;
}

/** Rows of topics that are not in the seed; `keys` numbers them. */
export function writeTopics(folder: string, count: number): string {
  const file = join(folder, "topics.jsonl");
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ type: "Topic", data: { slug: `topic-${index}`, name: `Topic ${index}` } }),
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Starts an apply and ends it with a signal once `when` is so. */
export async function signalled(
  folder: string,
  args: readonly string[],
  signal: NodeJS.Signals,
  when: () => Promise<void>,
): Promise<Ran> {
  const running = start(folder, args);
  await when();
  running.process.kill(signal);
  return running.ended;
}
