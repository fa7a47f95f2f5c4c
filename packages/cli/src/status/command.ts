import type { Command } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { printData } from "../text/output-form.ts";
import { observe } from "./observe.ts";
import { type Overview, overviewOf } from "./overview.ts";
import { screen, troublesOf } from "./screen.ts";

interface StatusOptions {
  readonly allMasters?: boolean;
}

/** `status`: how everything stands. */
export function addStatus(program: Command, perform: Perform): void {
  program
    .command("status")
    .description("Show how everything stands: masters, why builds wait, and what is to be mended.")
    .option("-A, --all-masters", "every master, also those that are well and have nothing to do")
    .addHelpText("after", "\nExits 1 where a service does not answer.\n\nExample:\n  kubestackcmd status -A")
    .action((options: StatusOptions) => perform((session) => status(session, options)));
}

async function status({ bus, terminal, form, now }: Session, options: StatusOptions): Promise<ExitCode> {
  const seen = await observe(bus);
  const at = now();
  const overview = overviewOf(seen, at);
  if (form === "json" || form === "yaml") terminal.out(printData(forPrograms(overview), form));
  else {
    const { width, colour } = terminal;
    const lines = screen(overview, { width, colour, now: at, all: options.allMasters === true, wide: form === "wide" });
    terminal.out(`${lines.join("\n")}\n`);
  }
  if (seen.unreadable > 0) terminal.err(`${seen.unreadable} records can't be read and are left out.\n`);
  return overview.services.every(({ state }) => state === "ok") ? exitCodes.done : exitCodes.failed;
}

function forPrograms(overview: Overview) {
  const { masters, groups, fixes, ...rest } = overview;
  return {
    ...rest,
    troubles: troublesOf(overview),
    masters: masters.map(({ since, oldestSince, ...master }) => ({
      ...master,
      since: iso(since),
      oldestSince: iso(oldestSince),
    })),
    fixes: fixes.map(({ since, ...fix }) => ({ ...fix, since: iso(since) })),
    waiting: groups.map(({ oldestSince, ...group }) => ({ ...group, oldestSince: iso(oldestSince) })),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
