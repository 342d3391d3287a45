/** LineSet: a set of line numbers, one bit each. */
export interface LineSet {
  size(): number;
  has(line: number): boolean;
  add(line: number): void;
}

const FIRST_BYTES = 1_024;

export function createLineSet(): LineSet {
  let bits = new Uint8Array(FIRST_BYTES);
  let size = 0;
  const has = (line: number): boolean => ((bits[line >>> 3] ?? 0) & (1 << (line & 7))) !== 0;
  return {
    size: () => size,
    has,
    add(line) {
      if (has(line)) return;
      const at = line >>> 3;
      while (at >= bits.length) {
        const larger = new Uint8Array(bits.length * 2);
        larger.set(bits);
        bits = larger;
      }
      bits[at] = (bits[at] ?? 0) | (1 << (line & 7));
      size++;
    },
  };
}
