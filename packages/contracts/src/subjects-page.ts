import { buckets } from "./buckets.ts";
import { channels, type StreamName, type StreamShape, streams } from "./channels.ts";
import { commands } from "./commands.ts";
import { printDuration } from "./fields.ts";
import { questions } from "./pool-target.ts";
import { capLineSchema, sharedCapsShape } from "./shared-caps.ts";
import { keys } from "./subjects.ts";

/** The page of all subjects, streams, buckets and commands, as Markdown, read from their tables. */
export function subjectsPage(): string {
  return `${[
    "# Subjects",
    "This page is generated from the tables in `packages/contracts`. Write it anew with `node packages/contracts/bin/write-subjects-page.ts`.",
    "Each message is a CloudEvents 1.0 JSON object; its `Nats-Msg-Id` is its id. In a name that stands in a subject or key, each byte outside `A-Za-z0-9-` is written as `_` and two hex digits.",
    "## Channels",
    table(
      ["subject", "type", "stream", "what"],
      Object.values(channels).map(({ form, type, stream, about }) => [
        code(form),
        code(type),
        stream === null ? "not kept" : stream,
        about,
      ]),
    ),
    "## Streams",
    table(
      ["stream", "subjects", "keeps of each subject", "for", "at most"],
      (Object.entries(streams) as [StreamName, StreamShape][]).map(([name, shape]) => [
        name,
        shape.subjects.map(code).join(", "),
        shape.perSubject < 0 ? "all" : `the last ${shape.perSubject}`,
        shape.maxAgeMs === 0 ? "ever" : printDuration(shape.maxAgeMs),
        mebibytes(shape.maxBytes),
      ]),
    ),
    "## Buckets",
    'Values are JSON. One of more than 256 KiB, such as the ledger of a thousand slaves, is kept as `{"gzip": "…"}`: the same JSON, compressed, in base64.',
    `Beside the ledgers of the masters, ${code(`${sharedCapsShape.name}/${keys.sharedCaps}`)} holds all caps that span masters: ${fieldsOf(capLineSchema)} of each.`,
    table(
      ["bucket", "at most", "marker of a key that ran out"],
      Object.values(buckets).map(({ name, maxBytes, markerMs }) => [
        code(name),
        mebibytes(maxBytes),
        printDuration(markerMs),
      ]),
    ),
    "## Commands",
    "Requests go to `kubestack.rpc.<service>.<name>`, or to `kubestack.rpc.<service>.<name>.<master>` where the process that owns the master must answer.",
    table(
      ["service", "name", "asks with", "answers with"],
      Object.values(commands).map(({ service, name, request, reply }) => [
        service,
        code(name),
        fieldsOf(request),
        fieldsOf(reply),
      ]),
    ),
    "## Questions to programs of one's own",
    'Where a node pool\'s target is of type `nats`, whoever makes its nodes answers these, as JSON without a CloudEvent around it: `{"ok": {…}}`, or `{"error": {"message": "…"}}` where it can\'t or won\'t.',
    table(
      ["subject", "what", "asks with", "answers with"],
      Object.values(questions).map(({ form, about, request, reply }) => [
        code(form),
        about,
        fieldsOf(request),
        fieldsOf(reply),
      ]),
    ),
  ].join("\n\n")}\n`;
}

function fieldsOf(schema: { readonly shape: object }): string {
  return Object.keys(schema.shape).map(code).join(", ") || "nothing";
}

function code(text: string): string {
  return `\`${text}\``;
}

function mebibytes(bytes: number): string {
  return `${bytes / (1024 * 1024)} MiB`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
