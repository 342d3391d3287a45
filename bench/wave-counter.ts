/**
 * WaveCounter: counts the calls of a command, and how many of them wait for one another.
 *
 * Every call is held until nothing more can happen without an answer; then all held calls are answered at once. With
 * calls that all take one unit of time, the number of such waves is the length of the longest chain in which each call
 * depends on the one before: what a command costs on a store that answers slowly.
 */
import { setImmediate } from "node:timers/promises";

/** Turns of the event loop after which a program that only waits for held calls has come to rest. */
const TURNS_TO_REST = 4;

/** A type and no interface, so that it is a row of figures as it is. */
export type CallCount = {
  readonly calls: number;
  readonly chain: number;
  readonly widest_wave: number;
};

export class WaveCounter {
  #held: (() => void)[] = [];
  #calls = 0;
  #waves = 0;
  #widest = 0;
  #methods = new Map<string, number>();

  /** Calls of the last work by the name of their method. */
  get methods(): ReadonlyMap<string, number> {
    return this.#methods;
  }

  /** Resolves with the wave that this call belongs to. */
  gate = (method = "call"): Promise<void> => {
    this.#calls += 1;
    this.#methods.set(method, 1 + (this.#methods.get(method) ?? 0));
    return new Promise((resolve) => {
      this.#held.push(resolve);
      if (this.#held.length === 1) void this.#answerWhenAtRest();
    });
  };

  /** Counts what `work` asks for. */
  async count(work: () => Promise<unknown>): Promise<CallCount> {
    this.#calls = 0;
    this.#waves = 0;
    this.#widest = 0;
    this.#methods = new Map();
    await work();
    return { calls: this.#calls, chain: this.#waves, widest_wave: this.#widest };
  }

  async #answerWhenAtRest(): Promise<void> {
    let seen = -1;
    while (seen !== this.#held.length) {
      seen = this.#held.length;
      for (let turn = 0; turn < TURNS_TO_REST; turn += 1) await setImmediate();
    }
    const wave = this.#held;
    this.#held = [];
    this.#waves += 1;
    this.#widest = Math.max(this.#widest, wave.length);
    for (const answer of wave) answer();
  }
}
