/** The moment at which a process of a test dies, to wait for: nothing that it does later is ever answered. */
export interface Death {
  readonly died: Promise<void>;
  /** Said where it dies; may be said again. */
  readonly die: () => void;
}

export function death(): Death {
  let resolve: () => void = () => undefined;
  const died = new Promise<void>((done) => {
    resolve = done;
  });
  return { died, die: () => void setImmediate(resolve) };
}
