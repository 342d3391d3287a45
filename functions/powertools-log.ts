/** Log on Powertools' logger: one line of JSON an event, with the request that caused it. */
import { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import type { Log } from "../lib/ports/log.ts";

export interface FunctionLog extends Log {
  /** What follows belongs to this invocation. */
  begin(context: Context): void;
}

export function createPowertoolsLog(): FunctionLog {
  const logger = new Logger();
  return {
    begin: (context) => logger.addContext(context),
    info: ({ event, ...fields }) => logger.info(event, { event, ...fields }),
    warn: ({ event, ...fields }) => logger.warn(event, { event, ...fields }),
  };
}
