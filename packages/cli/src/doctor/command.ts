import { KubestackError } from "@kubestack/contracts";
import type { Command } from "commander";
import { configFile } from "../address/config-file.ts";
import { findNats } from "../address/find-nats.ts";
import { type Context, type ExitCode, exitCodes } from "../context.ts";
import { type OutputForm, printData } from "../text/output-form.ts";
import { checkConfig } from "./check-config.ts";
import { countsOf, type Finding } from "./finding.ts";
import { linesOf } from "./lines.ts";

interface DoctorOptions {
  readonly readOnly?: boolean;
}

/** What the options for all verbs say. */
interface Given {
  readonly config?: string | undefined;
  readonly nats?: string[] | undefined;
  readonly form: OutputForm;
}

/** What the verb is put together with. */
export interface DoctorSetting {
  readonly context: Context;
  readonly given: () => Given;
  readonly ended: (code: ExitCode) => void;
}

/** `doctor`: is everything there that KubeStack needs, and what to do where it is not. */
export function addDoctor(program: Command, { context, given, ended }: DoctorSetting): void {
  program
    .command("doctor")
    .description("Examine configuration, NATS, cluster and masters: what is wrong, and what to do about it.")
    .argument("[master]", "only this master (default: all of the configuration)")
    .option("--read-only", "change nothing: leave out the trial node on which rights are tried")
    .addHelpText(
      "after",
      "\nNeeds the configuration (--config, KUBESTACK_CONFIG). On each master it makes a\nnode ks-doctor-RANDOM that nobody asks for, and deletes it. Exits 1 if anything\nfailed.\n\nExample:\n  kubestackcmd doctor backend --config config.yaml",
    )
    .action(async (master: string | undefined, options: DoctorOptions) =>
      ended(await doctor({ context, given: given(), master, readOnly: options.readOnly === true })),
    );
}

interface Visit {
  readonly context: Context;
  readonly given: Given;
  readonly master: string | undefined;
  readonly readOnly: boolean;
}

async function doctor({ context, given, master, readOnly }: Visit): Promise<ExitCode> {
  const { environment, terminal } = context;
  const file = configFile(given, environment, "doctor examines what the configuration names");
  const findings: Finding[] = [];
  const tell = (more: readonly Finding[]): void => {
    findings.push(...more);
    if (given.form === "json" || given.form === "yaml") return;
    for (const finding of more) terminal.out(`${linesOf(finding, terminal).join("\n")}\n`);
  };
  // Loaded only here: the whole schema, the cluster's client and the masters' are not needed for the other verbs.
  const { readConfiguration } = await import("@kubestack/configuration");
  const { configuration, findings: first } = await checkConfig(file, () => readConfiguration({ file, environment }));
  tell(first);
  if (configuration !== undefined) {
    const masters = configuration.masters.filter(({ name }) => master === undefined || name === master);
    if (masters.length === 0) throw noSuchMaster(master, configuration.masters);
    const leaving = new AbortController();
    void context.interrupted().then(() => leaving.abort());
    const { examine } = await import("./examine.ts");
    const groups = examine({
      configuration,
      masters,
      environment,
      readOnly,
      nats: () => findNats({ config: file, nats: given.nats }, environment),
      signal: leaving.signal,
    });
    for (const group of groups) tell(await group);
  }
  return close(findings, { context, given, isWhole: configuration !== undefined });
}

function close(
  findings: readonly Finding[],
  { context: { terminal }, given: { form }, isWhole }: { context: Context; given: Given; isWhole: boolean },
): ExitCode {
  const code = findings.some(({ level }) => level === "FAIL") ? exitCodes.failed : exitCodes.done;
  if (form === "json" || form === "yaml") terminal.out(printData({ findings, summary: countsOf(findings) }, form));
  else {
    const rest = isWhole ? "" : "; nothing else is examined without a sound configuration";
    terminal.out(`${countsOf(findings)}${rest}\n`);
  }
  return code;
}

function noSuchMaster(name: string | undefined, masters: readonly { readonly name: string }[]): KubestackError {
  return new KubestackError(
    "not-found",
    `The configuration has no master '${name}'; it has ${masters.map((one) => one.name).join(", ")}.`,
    { retry: "never" },
  );
}
