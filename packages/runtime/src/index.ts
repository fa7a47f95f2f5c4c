/**
 * What every program of KubeStack needs from the machine it runs on: settings, secrets, logs, signals and an orderly end.
 * It must never know what the programs do.
 */
export { censored, mayHoldSecret } from "./censor.ts";
export {
  cacheFolder,
  type Environment,
  environment,
  natsAddressFile,
  stateFolder,
  usualNatsStore,
} from "./environment.ts";
export { type Fault, faultsError, printPath, showValue } from "./faults.ts";
export { type ForeignYaml, longestForeignText, readForeignYaml } from "./foreign-yaml.ts";
export { createLogger, type Logger, type LogLevel, logLevels } from "./logger.ts";
export { plainWords } from "./plain-words.ts";
export { readSecret, type SecretSources } from "./secrets.ts";
export { type EnvironmentSetting, loadSettings, type SettingsOptions, type Translation } from "./settings.ts";
export { firstSignal, Started, type Stoppable } from "./shutdown.ts";
export { backoffMs, systemTiming, type Timing } from "./timing.ts";
export { readYamlValue, type YamlFault } from "./yaml-text.ts";
