/** Pages of a list: `{items, next}`, asked for with `limit` and `page`. */
import { z } from "@hono/zod-openapi";
import type { CallerExchange } from "./api.ts";
import { PAGE_ITEMS, PAGE_ITEMS_MAX } from "./limits.ts";
import type { PageOwner } from "./page-tokens.ts";
import { type Refusal, refusal } from "./problem.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The token of the next page; null: this is the last one. */
  readonly next: string | null;
}

const limit = z.coerce.number().int().positive().max(PAGE_ITEMS_MAX).default(PAGE_ITEMS);

export const pageQuery = z.strictObject({ limit, page: z.string().optional() });

export function pageShape<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

function ownerOf({ request, caller }: CallerExchange): PageOwner {
  return { list: new URL(request.url).pathname, canonical: caller.canonical };
}

export type PageStart =
  /** `after`: what the page before ended with; null at the beginning. */
  | { readonly tag: "start"; readonly after: string | null }
  | { readonly tag: "refused"; readonly refusal: Refusal };

/** Where the page that is asked for begins. */
export async function pageStart(exchange: CallerExchange, token: string | undefined): Promise<PageStart> {
  if (token === undefined) return { tag: "start", after: null };
  const opened = await exchange.api.pages.open(ownerOf(exchange), token);
  if (opened.tag === "opened") return { tag: "start", after: opened.after };
  if (opened.tag === "unavailable") return { tag: "refused", refusal: unavailable(opened.reason) };
  const message = "The page token was not given to this caller for this list.";
  return { tag: "refused", refusal: refusal(422, "api_page_invalid", "query.page", message) };
}

/** The page. `after`: what the next one begins behind; null: there is no next one. */
export async function pageOf<Item>(
  exchange: CallerExchange,
  items: readonly Item[],
  after: string | null,
): Promise<Page<Item> | Refusal> {
  if (after === null) return { items, next: null };
  const issued = await exchange.api.pages.issue(ownerOf(exchange), after);
  return issued.tag === "issued" ? { items, next: issued.token } : unavailable(issued.reason);
}

function unavailable(reason: string): Refusal {
  return refusal(503, "api_unavailable", "page", `The list cannot be paged now: ${reason}.`);
}

/** The first `limit` of what sorts behind `after`, and where the next page begins. */
export function sliceAfter<Item>(
  sorted: readonly Item[],
  keyOf: (item: Item) => string,
  after: string | null,
  itemsMax: number,
): { readonly items: readonly Item[]; readonly after: string | null } {
  const rest = after === null ? sorted : sorted.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, itemsMax);
  const last = items.at(-1);
  return { items, after: rest.length > items.length && last !== undefined ? keyOf(last) : null };
}
