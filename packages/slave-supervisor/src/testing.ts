/** What benchmarks measure of the supervisor's decisions. */
export { decideLaunches, type LaunchSituation, planOf } from "./launching.ts";
export { PlannedPods } from "./planned-pods.ts";
