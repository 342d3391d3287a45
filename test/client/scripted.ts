/** A transport that plays a script, and a clock that only counts what was waited for. */
import type { CallPorts } from "../../lib/client/call.ts";
import type { HttpAnswer, HttpRequest, Unreachable } from "../../lib/client/transport.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";

export type Scripted =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | Unreachable;

export interface Script {
  readonly ports: CallPorts;
  readonly sent: HttpRequest[];
  readonly waitedMs: number[];
}

export const LOST: Unreachable = { tag: "unreachable", reason: "the connection was closed" };

/** The last answer is given again and again. */
export function scripted(...answers: readonly Scripted[]): Script {
  const sent: HttpRequest[] = [];
  const waitedMs: number[] = [];
  let now = 1_000_000;
  const next = (request: HttpRequest): HttpAnswer<Uint8Array> | Unreachable => {
    sent.push(request);
    const answer = answers[Math.min(sent.length, answers.length) - 1] ?? LOST;
    if ("tag" in answer) return answer;
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? null);
    return { tag: "answered", status: answer.status, headers: answer.headers ?? {}, body: Buffer.from(text) };
  };
  return {
    sent,
    waitedMs,
    ports: {
      transport: {
        send: (request) => Promise.resolve(next(request)),
        stream: (request) => {
          const answer = next(request);
          return Promise.resolve(
            answer.tag === "unreachable" ? answer : { ...answer, body: once(answer.body) },
          );
        },
      },
      authorize: () => Promise.resolve({ tag: "headers", headers: { authorization: "Bearer t" } }),
      clock: {
        nowMs: () => now,
        sleep: (ms) => {
          waitedMs.push(ms);
          now += ms;
          return Promise.resolve();
        },
      },
      ids: createCountingIds(),
    },
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
