/** A log for people who look at a terminal: one line an event, the time first. */
import { type Clock, timestamp } from "../../lib/ports/clock.ts";
import type { Log, LogEvent } from "../../lib/ports/log.ts";
import { printable } from "../render/printable.ts";

export function lineLog(clock: Clock, write: (line: string) => void): Log {
  const say = (level: string) => (event: LogEvent) =>
    write(`${printable(`${timestamp(clock)} ${level}${lineOf(event)}`)}\n`);
  return { info: say(""), warn: say("WARN ") };
}

function lineOf({ event, ...fields }: LogEvent): string {
  const named = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${typeof value === "string" ? quoted(value) : String(value)}`],
  );
  return [event, ...named].join(" ");
}

/** Line ends and quotes of a value never look like another line or field. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text);
}
