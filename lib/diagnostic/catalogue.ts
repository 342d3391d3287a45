/** Every diagnostic code there is. The areas own their rows; this file joins them. A code is stable for ever. */
import { API_CODES } from "./catalogue/api.ts";
import { APPROVAL_CODES } from "./catalogue/approval.ts";
import { BACKUP_CODES } from "./catalogue/backup.ts";
import { CLI_CODES } from "./catalogue/cli.ts";
import { CLIENT_CODES } from "./catalogue/client.ts";
import { CONFIG_CODES } from "./catalogue/config.ts";
import { ENGINE_CODES } from "./catalogue/engine.ts";
import { INTAKE_CODES } from "./catalogue/intake.ts";
import { INTEGRITY_CODES } from "./catalogue/integrity.ts";
import { LEDGER_CODES } from "./catalogue/ledger.ts";
import { OBSERVE_CODES } from "./catalogue/observe.ts";
import { PLAN_CODES } from "./catalogue/plan.ts";
import { POLICY_CODES } from "./catalogue/policy.ts";
import { QUERY_CODES } from "./catalogue/query.ts";
import { RUN_CODES } from "./catalogue/run.ts";
import { SCHEMA_CODES } from "./catalogue/schema.ts";
import { SERVING_CODES } from "./catalogue/serving.ts";
import { WORK_CODES } from "./catalogue/work.ts";

export const CATALOGUE = {
  ...CONFIG_CODES,
  ...SCHEMA_CODES,
  ...QUERY_CODES,
  ...POLICY_CODES,
  ...LEDGER_CODES,
  ...INTEGRITY_CODES,
  ...BACKUP_CODES,
  ...ENGINE_CODES,
  ...PLAN_CODES,
  ...APPROVAL_CODES,
  ...RUN_CODES,
  ...OBSERVE_CODES,
  ...SERVING_CODES,
  ...INTAKE_CODES,
  ...WORK_CODES,
  ...CLI_CODES,
  ...CLIENT_CODES,
  ...API_CODES,
};
