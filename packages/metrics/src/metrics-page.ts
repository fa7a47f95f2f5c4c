import { collectDefaultMetrics, Registry } from "prom-client";
import { type Measure, prefix, type Teller } from "./measures/measure.ts";
import { measures } from "./measures/table.ts";

const probes = `\`\`\`yaml
# the service's container; its configuration says listen: { metrics: "0.0.0.0:9464" }
livenessProbe: { httpGet: { path: /healthz, port: 9464 }, periodSeconds: 10, failureThreshold: 6 }
readinessProbe: { httpGet: { path: /readyz, port: 9464 }, periodSeconds: 5 }
\`\`\``;

const alerts = `\`\`\`yaml
- alert: KubeStackDuplicateLaunch
  expr: increase(${prefix}duplicate_launches_total[1h]) > 0
- alert: KubeStackBrake
  expr: max by (master) (${prefix}brake_engaged) == 1
  for: 5m
- alert: KubeStackNobodySupervises
  expr: sum by (service, master) (${prefix}lease_held) < 1
  for: 1m
- alert: KubeStackMasterUnread
  expr: max by (master) (${prefix}round_age_seconds) > 60
- alert: KubeStackForeignStore
  expr: min(${prefix}store_is_ours) == 0
  for: 5m
- alert: KubeStackClock
  expr: abs(${prefix}clock_offset_seconds) > 2
  for: 5m
\`\`\``;

/** The page of all measures, as Markdown, read from their table. */
export function metricsPage(): string {
  const rows = Object.entries<Measure>(measures);
  const from = (teller: Teller) => rows.filter(([, measure]) => measure.from === teller).map(rowOf);
  return `${[
    "# Metrics, liveness, readiness",
    "This page is generated from the table in `packages/metrics`. Write it anew with `node packages/metrics/bin/write-metrics-page.ts`.",
    "Each process answers GET and HEAD at the address that `listen.metrics` names: `HOST:PORT`, by default `127.0.0.1:0`, a free port of the loopback interface that the log tells at the start; `off` listens nowhere. Processes of one machine need ports of their own, or port 0: the variable `KUBESTACK_METRICS` is stronger than the file. Nothing there asks who one is, so beyond loopback only a network that may read it should reach it.",
    [
      "- `/metrics`: what is listed below, in the text form of Prometheus. A process of one service shows the other services' measures without values.",
      "- `/healthz`: 200 as long as the process turns at all. It does not ask for NATS, the cluster or a master: a restart would bring none of them back.",
      "- `/readyz`: 200 when NATS is connected, every service asked for has been started and seeks its leases, and, for the `slave-supervisor`, the cluster's pods are watched; else 503. Its lines say how each stands.",
    ].join("\n"),
    "In Kubernetes:",
    probes,
    "Each process counts what it did itself, from its own start: sum over processes, after `rate` or `increase`. What only the holder of a master's lease knows only the holder tells; after a change of owner the next one does, and what was counted stands. A template or master that is not configured any more keeps its counts until the process ends.",
    ...(["every process", "demand-collector", "completion-collector", "slave-supervisor"] as const).flatMap(
      (teller) => [
        `## ${teller === "every process" ? "Every process" : `\`${teller}\``}`,
        table(["name", "kind", "labels", "what"], from(teller)),
      ],
    ),
    "## The process itself",
    "Under the names that programs on Node usually have for them.",
    table(["name", "kind", "what"], ofProcess()),
    "## Worth an alert",
    alerts,
  ].join("\n\n")}\n`;
}

function rowOf([name, { kind, labels, help }]: [string, Measure]): string[] {
  return [code(`${prefix}${name}`), kind, labels.map(code).join(", "), help];
}

function ofProcess(): string[][] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry.getMetricsAsArray().map(({ name, type, help }) => [code(name), String(type), help]);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
