import type { TemplateFault } from "@kubestack/contracts";
import { type ConfigMapObservation, longestConfigMap } from "@kubestack/kubernetes";
import { readYamlValue } from "@kubestack/runtime";
import { originWord, toldOrigin, type WrittenEntry } from "@kubestack/templates";

/** What a ConfigMap brings. */
export interface Brought {
  readonly entries: readonly WrittenEntry[];
  readonly faults: readonly TemplateFault[];
}

/** Reads the templates in a ConfigMap: each key holds a YAML list of entries. A key with a fault spoils no other. Pure. */
export function entriesIn(namespace: string, { name, data, isTooLong }: ConfigMapObservation): Brought {
  const originOf = (key: string) => ({ kind: "configMap", namespace, name, key }) as const;
  const wrong = (key: string, what: string): Brought => ({
    entries: [],
    faults: [
      {
        from: originWord(originOf(key)),
        template: null,
        sentence: `${toldOrigin(originOf(key))}: ${what.replace(/\p{Cc}/gu, " ")}`,
      },
    ],
  });
  if (isTooLong) return wrong("*", `is longer than ${longestConfigMap / 1024} KiB; split it up`);
  const read = Object.entries(data).map(([key, text]): Brought => {
    const yaml = readYamlValue(text);
    if ("faults" in yaml) {
      const [fault] = yaml.faults;
      return wrong(key, `line ${fault?.line}, column ${fault?.column}: ${fault?.words}; correct the YAML`);
    }
    const { value } = yaml;
    if (value === null || value === undefined) return { entries: [], faults: [] };
    if (!Array.isArray(value)) return wrong(key, "must hold a list of templates; write each as `- name: …`");
    return {
      entries: value.map((one: unknown, at) => ({ origin: originOf(key), value: one, place: `[${at}]` })),
      faults: [],
    };
  });
  return { entries: read.flatMap(({ entries }) => entries), faults: read.flatMap(({ faults }) => faults) };
}
