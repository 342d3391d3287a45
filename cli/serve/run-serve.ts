/**
 * A server on this machine while it runs: it listens, its workers work, its schedule prompts, its inbox is watched.
 * Stopping takes no new requests, lets the run that is at work end its step, and returns when nothing is under way: a
 * run that is not finished then is `continuing`, and the next start goes on with it.
 */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { listen } from "./http-server.ts";
import { startInboxWatch } from "./inbox-watch.ts";
import type { ServeOpened, ServeOptions } from "./open-serve.ts";
import { startSchedule } from "./schedule.ts";
import { startWorker } from "./worker.ts";

export type ServeStarted =
  | {
      readonly tag: "started";
      readonly origin: string;
      readonly stop: () => Promise<void>;
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function startServe(
  opened: Extract<ServeOpened, { readonly tag: "opened" }>,
  { host, port, schedule_ms }: Pick<ServeOptions, "host" | "port" | "schedule_ms">,
): Promise<ServeStarted> {
  const listening = await listen(opened.http, host, port);
  if (listening.tag === "failed") {
    const message = `The server cannot listen on ${host}:${port}: ${listening.reason}.`;
    return {
      tag: "refused",
      diagnostics: [diagnostic("serve_not_listening", { path: `${host}:${port}`, message })],
    };
  }
  const { server } = listening;
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`;
  // Behind an address that stands for all of them nobody knows by which one the caller came.
  opened.listensAt(host === "0.0.0.0" || host === "::" ? "" : origin);
  const running = [
    startWorker(opened),
    startSchedule(opened.deployment, schedule_ms),
    startInboxWatch(opened),
  ];
  return {
    tag: "started",
    origin,
    stop: async () => {
      await Promise.all([server.close(), ...running.map((each) => each.stop())]);
    },
  };
}
