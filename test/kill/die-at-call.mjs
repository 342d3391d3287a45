/**
 * Loaded before the command in its process: counts the calls that change the disk, and at the n-th of them the process
 * kills itself, or stops itself until somebody continues it, before or after the call has acted. Of a process that is
 * killed nothing runs any more, no clean-up and no answer.
 *
 * BLOW_AT: `kill:before:12`, `stop:after:7`. Signs are files that begin with SIGN: `-works` appears with the first call,
 * `-stopped` just before the process stops, `-calls` holds the number of calls when it ends by itself.
 */
import { writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [blow, where, ordinal] = (process.env.BLOW_AT ?? "none:never:0").split(":");
const { SIGN } = process.env;
let calls = 0;

function strike() {
  if (blow === "stop") {
    writeFileSync(`${SIGN}-stopped`, "");
    process.kill(process.pid, "SIGSTOP");
    return;
  }
  process.kill(process.pid, "SIGKILL");
  // Nothing may run on until the signal takes effect.
  for (;;);
}

function watched(call, changes) {
  return async (...args) => {
    if (!changes(args)) return call(...args);
    calls += 1;
    if (calls === 1) writeFileSync(`${SIGN}-works`, "");
    const last = calls === Number(ordinal);
    if (last && where === "before") strike();
    try {
      return await call(...args);
    } finally {
      if (last && where === "after") strike();
    }
  };
}

const always = () => true;
const writes = ([, flags]) => typeof flags === "string" && flags !== "r";
for (const name of ["link", "rename", "unlink", "mkdir", "rm", "rmdir"]) {
  promises[name] = watched(promises[name], always);
}
promises.open = watched(promises.open, writes);
syncBuiltinESMExports();

process.on("exit", () => writeFileSync(`${SIGN}-calls`, String(calls)));
