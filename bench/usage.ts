/** Usage: how much of each resource something takes, and what that costs. Pure. */
import { PRICES, type Resource } from "./aws-prices.ts";

/** Amounts in the units of the prices; what is absent is not used. */
export type Usage = Readonly<Partial<Record<Resource, number>>>;

export const NOTHING: Usage = {};

/** All of them together. */
export function sumOf(...usages: readonly Usage[]): Usage {
  const sum: Partial<Record<Resource, number>> = {};
  for (const usage of usages) {
    for (const resource of resourcesOf(usage)) sum[resource] = (sum[resource] ?? 0) + (usage[resource] ?? 0);
  }
  return sum;
}

/** The same, that many times. */
export function times(count: number, usage: Usage): Usage {
  return Object.fromEntries(resourcesOf(usage).map((each) => [each, count * (usage[each] ?? 0)]));
}

/** US dollars by service, in the order of the prices. */
export function dollarsByService(usage: Usage): ReadonlyMap<string, number> {
  const dollars = new Map<string, number>();
  for (const resource of Object.keys(PRICES) as Resource[]) {
    const amount = usage[resource] ?? 0;
    const { service, usd, per } = PRICES[resource];
    if (amount > 0) dollars.set(service, (dollars.get(service) ?? 0) + (amount * usd) / per);
  }
  return dollars;
}

/** US dollars in all. */
export function dollarsOf(usage: Usage): number {
  return [...dollarsByService(usage).values()].reduce((sum, each) => sum + each, 0);
}

function resourcesOf(usage: Usage): readonly Resource[] {
  return Object.keys(usage) as Resource[];
}
