/**
 * HeldBytes: how many bytes of contents are held at once. Who wants to hold some waits until they fit, in the order of
 * asking. More than all that may be held waits until nothing is held, and is then held alone.
 */
export class HeldBytes {
  readonly #max: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];
  #held = 0;

  constructor(bytesMax: number) {
    this.#max = bytesMax;
  }

  /** Does the work as soon as its bytes may be held, and holds them until it has ended. */
  async during<Value>(bytes: number, work: () => Promise<Value>): Promise<Value> {
    await this.#take(bytes);
    try {
      return await work();
    } finally {
      this.#held -= bytes;
      this.#letGo();
    }
  }

  #take(bytes: number): Promise<void> {
    return new Promise((begin) => {
      this.#waiting.push({ bytes, begin });
      this.#letGo();
    });
  }

  #letGo(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#held > 0 && this.#held + next.bytes > this.#max) return;
      this.#waiting.shift();
      this.#held += next.bytes;
      next.begin();
    }
  }
}
