/**
 * What a process tells of itself: its measures in the text form of Prometheus, whether it lives, and whether it is ready.
 * One table says what is measured; services tell a `Meter`, which is handed to them.
 * It must never know how anything is done, and nothing is decided by a measure.
 */
export type { CounterName, GaugeName, HistogramName, LabelsOf } from "./measures/measure.ts";
export { createMeter, type Exposition, type Meter, type Reading } from "./meter.ts";
export { metricsPage } from "./metrics-page.ts";
export { Readiness, type Standing } from "./readiness.ts";
export { type MetricsServer, type MetricsServerOptions, serveMetrics } from "./server.ts";
export { type TimedOptions, timed } from "./timed.ts";
