/** Runs independent calls in waves of at most `WAVE_CALLS_MAX`, keeping the order of the answers (design 12). */
import { WAVE_CALLS_MAX } from "./limits.ts";

export async function inWaves<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += WAVE_CALLS_MAX) {
    const wave = items.slice(start, start + WAVE_CALLS_MAX).map(call);
    answers.push(...(await Promise.all(wave)));
  }
  return answers;
}
