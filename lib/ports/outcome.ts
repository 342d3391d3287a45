/**
 * The five outcomes of a conditional call, and no sixth (design 4.4, reliability 5.1).
 *
 * - `done`: it landed, and this is the version it left.
 * - `refused`: it did not and will never land; `current` is what stood in the way.
 * - `conflict`: the store decided nothing (S3's 409); ask again after reading again.
 * - `ambiguous`: it may have landed, may still land, or not; only reading back can tell. Never treat it as a failure.
 * - `unavailable`: it was definitely not accepted; nothing changed.
 *
 * Adapters map every error shape to exactly one of them; an unknown shape of a write is `ambiguous`. Adapters never
 * retry a conditional call by themselves: a hidden retry turns our own success into a refusal.
 */
export type Outcome<Done, Current> =
  | { readonly tag: "done"; readonly value: Done }
  | { readonly tag: "refused"; readonly current: Current }
  | { readonly tag: "conflict" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string };
