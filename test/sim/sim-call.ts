/**
 * One call of an actor as a request to the scheduler. Arguments are copied by whoever makes the call, before it is
 * submitted, so a request that lands late does what it was asked for and not what its maker thinks by then.
 */
import type { CallFacts } from "./fates.ts";
import type { Actor, Scheduler } from "./scheduler.ts";

/** What the actor hears if the call has no answer of its own. */
export interface Failures<Answer> {
  readonly unavailable: Answer;
  readonly ambiguous: Answer;
  readonly conflict: Answer;
}

/** `tagOf` names an answer in the trace. */
export function simCall<Answer>(
  scheduler: Scheduler,
  actor: Actor,
  call: CallFacts,
  act: () => Promise<Answer>,
  failures: Failures<Answer>,
  tagOf: (answer: Answer) => string,
): Promise<Answer> {
  return new Promise((resolve) => {
    scheduler.submit({
      actor,
      call,
      notBeforeMs: 0,
      act: async () => {
        const answer = await act();
        return { tag: tagOf(answer), deliver: () => resolve(answer) };
      },
      fail: (how) => resolve(failures[how]),
    });
  });
}

const DOWN = { tag: "unavailable", reason: "the store is down" } as const;
const LOST = { tag: "ambiguous", reason: "no answer" } as const;
const UNDECIDED = { tag: "conflict" } as const;

/** A read that fails was not answered, whatever the reason. */
export const READ_FAILURES = { unavailable: DOWN, ambiguous: DOWN, conflict: DOWN } as const;
export const WRITE_FAILURES = { unavailable: DOWN, ambiguous: LOST, conflict: UNDECIDED } as const;

export function tagOf(answer: { readonly tag: string }): string {
  return answer.tag;
}
