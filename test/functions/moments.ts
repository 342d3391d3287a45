/** Moments of an invocation, chosen by its requests, and how each is tried in a sandbox of its own. */
import type { HandlerName } from "../../infra/handler-name.ts";
import type { SeenRequest } from "../wire/emulators/fault-proxy.ts";
import type { Lambda } from "./lambda.ts";
import type { Moment, Sandbox, SentRequest } from "./sandbox.ts";

/** Set: before and after every request, which takes ten minutes more. */
const EVERYWHERE = process.env["KILL_EVERYWHERE"] !== undefined;
/**
 * One of so many moments is tried where not all are asked for: each takes seconds, and in memory every call of every
 * worker is met by every fault (test/worker, test/sim).
 */
const TRIED_ONE_OF = EVERYWHERE ? 1 : 12;
/** One is at work, the others start. */
const SANDBOXES_AHEAD = 3;

/**
 * After each request that changes something, and before each that is on its way beside another: where one follows the
 * other, the world before the second is the world after the first.
 */
export function momentsOf(requests: readonly SentRequest[]): readonly Moment[] {
  return requests.flatMap((each, index): readonly Moment[] => {
    const request = index + 1;
    if (!isWrite(each) && !EVERYWHERE) return [];
    const before = each.beside || EVERYWHERE ? [{ where: "before", request } as const] : [];
    return [...before, { where: "after", request }];
  });
}

export function isWrite({ method, operation }: SeenRequest): boolean {
  return ["PUT", "DELETE"].includes(method) || ["PutItem", "SendMessage"].includes(operation);
}

/** An effect is published. */
export function isManifest({ method, path }: SeenRequest): boolean {
  return method === "PUT" && path.includes("/__manifest/");
}

/** For people: which request it is. */
export function describeMoment({ where, request }: Moment, requests: readonly SeenRequest[]): string {
  const { method = "", path = "", operation = "" } = requests[request - 1] ?? {};
  const key = path.split("?")[0]?.replace(/.*\/clusters\/[^/]*\//, "");
  return `${where} ${request} ${method} ${operation} ${key}`;
}

/** The sandbox dies at the moment. */
export function dieAt(victim: Sandbox, moment: Moment): void {
  void victim.at(moment, async () => {
    victim.kill();
    return "lost";
  });
}

/** Works through cases one after another, each with a new sandbox; the next ones start meanwhile. */
export async function inSandboxes<Case>(
  lambda: Lambda,
  name: HandlerName,
  cases: readonly Case[],
  work: (each: Case, sandbox: Sandbox) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const starting: Promise<Sandbox>[] = [];
  const tried = cases.filter((_, index) => index % TRIED_ONE_OF === 0);
  for (const [index, each] of tried.entries()) {
    while (starting.length < SANDBOXES_AHEAD && index + starting.length < tried.length) {
      starting.push(lambda.coldStart(name));
    }
    const sandbox = await starting.shift();
    if (sandbox === undefined) throw new Error("no sandbox");
    problems.push(...(await work(each, sandbox)));
    await sandbox.stop();
  }
  return problems;
}
