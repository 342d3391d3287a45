/** What `doctor` found, as a person reads it: one line a promise, then what is wrong and what to do. */
import type { DoctorOutput } from "../../lib/observe/doctor.ts";
import type { Style } from "../style.ts";
import { printableFields } from "./printable.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

export function renderDoctor(raw: DoctorOutput, style: Style): readonly string[] {
  const output = printableFields(raw);
  const width = Math.max(...output.promises.map(({ promise }) => promise.length));
  const lines = output.promises.map(({ promise, verdict, statement }) => {
    const label = verdict === "kept" ? style.green(verdict) : style.red(verdict);
    return `  ${promise.padEnd(width)}  ${label}: ${statement}`;
  });
  const head = output.ok
    ? style.green(`doctor: ${output.root} keeps what every write relies on`)
    : style.red(`doctor: ${output.root} is not known to keep what every write relies on`);
  return [head, ...lines, ...renderDiagnostics(output.diagnostics, style)];
}
