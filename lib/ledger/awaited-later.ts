/**
 * AwaitedLater: a promise that is begun now and awaited after something else. A port that throws is a bug, which may come
 * up meanwhile: it is told once, where the promise is awaited, or not at all if another bug ends the command before. It
 * is never a rejection that nobody handles, which ends the process with everything else that it is doing.
 */
export function awaitedLater<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
