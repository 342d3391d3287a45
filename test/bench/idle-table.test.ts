/** README's table of what an idle deployment costs: its first row is the stack's, and its last the sum of the others. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { standingUsage } from "../../bench/idle-usage.ts";
import { stackFacts } from "../../bench/stack-facts.ts";
import { dollarsOf } from "../../bench/usage.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
/** Rows are rounded to cents. */
const ROUNDING_USD = 0.02;

/** What a row says, and the dollars of its last two cells. */
function rowsOfTable() {
  const [, table = ""] = /\| A month in which nobody asks[^\n]*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(README) ?? [];
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [what = "", one, hundred] = line.split("|").slice(1, 4);
      return { what: what.trim(), usd: [Number(one), Number(hundred)] as const };
    });
}

it("says what the stack has standing, and what that costs", () => {
  const [standing] = rowsOfTable();
  const facts = stackFacts();
  const { alarms, alarm_metrics, steady_metrics } = facts;
  const metrics = `${steady_metrics} metric${steady_metrics === 1 ? "" : "s"} from the log`;
  expect(standing?.what).toBe(`${alarms} alarms (${alarm_metrics} metrics), ${metrics}, dashboard, key`);
  expect(standing?.usd.map((usd) => usd.toFixed(2))).toEqual(
    [1, 100].map(() => dollarsOf(standingUsage(facts)).toFixed(2)),
  );
}, 60_000);

it("adds up to its last row", () => {
  const rows = rowsOfTable();
  const all = rows.at(-1);
  expect(all?.what).toBe("in all");
  for (const column of [0, 1] as const) {
    const sum = rows.slice(0, -1).reduce((total, { usd }) => total + usd[column], 0);
    expect(Math.abs(sum - (all?.usd[column] ?? Number.NaN))).toBeLessThan(ROUNDING_USD);
  }
});
