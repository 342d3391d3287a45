/**
 * GlobAutomaton: reads a name letter by letter and knows at every point whether what was read fits a glob.
 *
 * Guarantees: pure, apart from remembering what it has worked out. States are small numbers; 0 is the beginning.
 */
export class GlobAutomaton {
  readonly #glob: string;
  readonly #ids = new Map<string, number>();
  readonly #positions: (readonly number[])[] = [];
  readonly #next: Map<string, number>[] = [];

  constructor(glob: string) {
    this.#glob = glob;
    this.#state([0]);
  }

  /** The state after `letter`. */
  step(state: number, letter: string): number {
    const known = this.#next[state]?.get(letter);
    if (known !== undefined) return known;
    const reached = (this.#positions[state] ?? []).flatMap((position) => {
      if (this.#glob[position] === "*") return [position];
      return this.#glob[position] === letter ? [position + 1] : [];
    });
    const next = this.#state(reached);
    this.#next[state]?.set(letter, next);
    return next;
  }

  /** Whether what led to `state` fits. */
  accepts(state: number): boolean {
    return this.#positions[state]?.includes(this.#glob.length) ?? false;
  }

  /** The state of all places in the glob that may have been reached; a `*` may also stand for nothing. */
  #state(reached: readonly number[]): number {
    const all = new Set<number>();
    for (let position of reached) {
      all.add(position);
      while (this.#glob[position] === "*") all.add(++position);
    }
    const positions = [...all].sort((a, b) => a - b);
    const key = positions.join(",");
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#positions.length);
    this.#positions.push(positions);
    this.#next.push(new Map());
    return this.#positions.length - 1;
  }
}
